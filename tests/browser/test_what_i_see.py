import io
import re
from datetime import timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.alerts.models import Level
from apps.rules.catalogue import load
from apps.tapers.models import Dose
from tests.browser.people import sign_in
from tests.browser.phones import SMALL, a_patient
from tests.factories import (
    CATALOGUE,
    AlertFactory,
    CarerFactory,
    DoseFactory,
    PlanFactory,
    SymptomLogFactory,
    make_version,
)

PAGES = ("history", "ward-knows", "summary", "data")

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_who_logged(signs: int = 12):
    """Most days with a report, three without; doses taken, missed and not told of."""
    patient = a_patient()
    now = timezone.now().replace(microsecond=0)
    plan = PlanFactory(patient=patient, steps=False, created_at=now - timedelta(days=20))
    make_version(plan, daily_doses=(60, 50, 40), starts_at=now - timedelta(days=20))
    graded = [code for code, one in load(CATALOGUE).symptoms.items() if one.measure == "severity"][:signs]
    for back in range(14):
        if back in (3, 4, 9):
            continue
        answers = {code: (back + place) % 5 for place, code in enumerate(graded)}
        answers |= {"pruritus": 0, "seizure": back == 1, "anxiety": "cannot_answer" if back == 2 else 1}
        SymptomLogFactory(patient=patient, observed_at=now - timedelta(days=back), answers=answers)
    at_eight = now.replace(hour=8, minute=0, second=0)
    for back in range(1, 14):
        status = Dose.Status.MISSED if back % 5 == 0 else Dose.Status.TAKEN
        DoseFactory(patient=patient, due_at=at_eight - timedelta(days=back), status=status)
    return patient


def opened(new_person, live_server, patient, language: str = "en", **options):
    page = new_person(**({"viewport": SMALL} | options))
    sign_in(page, live_server.url, patient.user.username)
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
    return page


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_pages_fit_a_small_phone(new_person, live_server, language):
    patient = somebody_who_logged()
    AlertFactory(patient=patient, level=Level.WATCH)
    CarerFactory(patient=patient)
    page = opened(new_person, live_server, patient, language)

    for name in PAGES:
        page.goto(f"{live_server.url}{reverse(f'portal:{name}')}")
        for closed in page.locator("main details").all():
            closed.evaluate("one => { one.open = true; }")

        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name


def test_the_cells_are_drawn_and_a_day_without_a_report_is_hatched(new_person, live_server):
    patient = somebody_who_logged()
    page = opened(new_person, live_server, patient)
    page.goto(f"{live_server.url}{reverse('portal:history')}")

    reports = page.locator(".tw-strip").first.locator(".tw-cell")

    expect(reports).to_have_count(14)
    expect(page.locator(".tw-strip").first.locator(".tw-cell--gap path")).to_have_count(6)
    box = reports.first.bounding_box()
    assert box["width"] > 16
    assert box["height"] > 20
    paint = "one => getComputedStyle(one.querySelector('rect')).fill"
    fills = {page.locator(f".tw-cell--{grade}").first.evaluate(paint) for grade in range(1, 5)}
    assert len(fills) == 4


def test_without_a_script_the_picture_the_table_and_the_download_are_there(new_person, live_server):
    patient = somebody_who_logged()
    page = opened(new_person, live_server, patient, java_script_enabled=False)
    page.goto(f"{live_server.url}{reverse('portal:history')}")

    expect(page.get_by_role("img", name=re.compile("^Reports in a day"))).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table", name="The last 14 days as a table")).to_be_visible()
    page.get_by_role("link", name="Download all of my data").click()
    with page.expect_download() as begun:
        page.get_by_role("button", name="Download my data").click()

    with ZipFile(io.BytesIO(Path(begun.value.path()).read_bytes())) as archive:
        assert archive.testzip() is None
        assert "answers.csv" in archive.namelist()


def test_a_download_passes_by_what_the_phone_keeps(new_person, live_server):
    """The service worker answers pages; a file goes straight from the server to the person."""
    patient = somebody_who_logged()
    page = opened(new_person, live_server, patient)
    page.goto(f"{live_server.url}{reverse('portal:data')}")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.reload()

    with page.expect_download() as begun:
        page.get_by_role("button", name="Download my data").click()

    assert re.fullmatch(r"taperwatch-\d{4}-\d\d-\d\d\.zip", begun.value.suggested_filename)


@pytest.mark.parametrize("language", ["en", "es", "fr", "ar"])
def test_the_summary_of_somebody_with_every_sign_prints_on_one_page(new_person, live_server, language):
    patient = somebody_who_logged(signs=60)
    page = opened(new_person, live_server, patient, language)
    page.goto(f"{live_server.url}{reverse('portal:summary')}")

    printed = page.pdf(format="A4")

    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


@pytest.mark.parametrize("language", ["en", "ar"])
def test_with_text_of_twice_the_size_nothing_is_cut_off_and_both_numbers_can_be_called(
    new_person, live_server, language
):
    patient = somebody_who_logged()
    page = opened(new_person, live_server, patient, language)

    for name in PAGES:
        page.goto(f"{live_server.url}{reverse(f'portal:{name}')}")
        page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
        for call in page.locator(".tw-help__call").all():
            box = call.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= SMALL["width"]
