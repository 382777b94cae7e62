"""Every page and state, looked at by axe for WCAG 2.2 AA; targets that a shaking thumb hits; a first load for a poor
connection."""

import gzip
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from tests.browser.people import choose, sign_in
from tests.browser.phones import SMALL
from tests.factories import (
    AlertFactory,
    CarerFactory,
    DutyFactory,
    MembershipFactory,
    PatientFactory,
    PlanFactory,
    PumpEventFactory,
    SymptomLogFactory,
    UserFactory,
    WardFactory,
    a_hit,
    make_version,
)

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = {"width": 1440, "height": 900}
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
PORTAL = ("today", "log", "history", "ward-knows", "summary", "plan", "calendar", "card", "pump", "reminders", "zone",
          "access", "phone", "help")  # fmt: skip
SMALLEST_TARGET = 44
FIRST_LOAD = 150_000
"""Bytes, compressed: issue and product."""


@pytest.fixture
def ward():
    return WardFactory(name="Neurology 3", phone="+44 20 7946 0123")


@pytest.fixture
def patient(ward):
    now = timezone.now()
    patient = PatientFactory(
        with_account=True, stay=ward, given_name="Ada", family_name="Lovegrove", has_pump=True
    )
    plan = PlanFactory(patient=patient, steps=False, created_at=now - timedelta(days=9))
    make_version(plan, starts_at=now - timedelta(days=9))
    for days in (0, 1, 3):
        SymptomLogFactory(
            patient=patient,
            recorded_by=patient.user,
            observed_at=now - timedelta(days=days, hours=1),
            recorded_at=now - timedelta(days=days, hours=1),
            answers={"tremor": 2, "confusion": 1, "insomnia": "refused"},
            vital_signs={"temperature_c": {"value": 37.9}},
            note="A note that somebody wrote.",
        )
    PumpEventFactory(patient=patient)
    CarerFactory(patient=patient)
    AlertFactory(patient=patient, hits=[a_hit()])
    return patient


def faults(page: Page) -> list[str]:
    """Each violation with the first place where it stands. On a window as tall as the page: what the bar at its end
    covers only until one scrolls is not covered."""
    size = page.viewport_size
    page.set_viewport_size(
        {"width": size["width"], "height": page.evaluate("document.documentElement.scrollHeight")}
    )
    found = Axe().run(page, options=WCAG).response["violations"]
    page.set_viewport_size(size)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} ({one['nodes'][0]['failureSummary'][:200]})"
        for one in found
    ]


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_page_of_the_patient_breaks_wcag(patient, live_server, new_person, language):
    patient.language = language
    patient.save()
    phone = new_person(viewport=SMALL)
    sign_in(phone, live_server.url, patient.user.username)
    found = {}
    for name in PORTAL:
        phone.goto(f"{live_server.url}{reverse(f'portal:{name}')}")
        settle(phone)
        found[name] = faults(phone)
    phone.goto(f"{live_server.url}{reverse('passkeys:mine')}")
    found["passkeys"] = faults(phone)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_nor_does_the_log_open_in_danger_one_by_one_or_refused(patient, live_server, new_person):
    phone = new_person(viewport=SMALL)
    sign_in(phone, live_server.url, patient.user.username)
    phone.goto(f"{live_server.url}{reverse('portal:log')}")
    settle(phone)
    phone.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    states = {"all open": faults(phone)}
    choose(phone, "seizure", "Yes")
    phone.locator("[data-advice]:visible").first.wait_for()
    states["danger"] = faults(phone)
    phone.get_by_role("button", name="One question at a time").click()
    states["one by one"] = faults(phone)
    phone.get_by_role("button", name="All questions on one page").click()
    phone.locator("[name=value-temperature_c]").fill("warm")
    phone.get_by_role("button", name="Send to the ward").click()
    phone.locator(".tw-errors").first.wait_for()
    states["refused"] = faults(phone)

    assert {state: wrong for state, wrong in states.items() if wrong} == {}


def test_no_page_of_the_ward_breaks_wcag(patient, ward, live_server, new_person):
    nurse = MembershipFactory(ward=ward).user
    DutyFactory(ward=ward, user=UserFactory(display_name="Amina Yusuf"))
    screen = new_person(viewport=WIDE)
    sign_in(screen, live_server.url, nurse.username)
    alert = patient.alerts.get()
    of_patient = ("patient", "plan", "plan-edit", "plan-history", "doses", "supply", "people", "record",
                  "bedside-log", "usual", "timeline")  # fmt: skip
    addresses = [reverse(f"dashboards:{name}", args=[patient.pk]) for name in of_patient]
    addresses += [reverse("dashboards:plan-change", args=[patient.pk, change]) for change in ("hold", "reinstate")]
    addresses += [
        reverse(f"dashboards:{name}", args=[ward.pk])
        for name in ("board", "admit", "import", "rota", "escalation", "figures")
    ]
    addresses += [reverse("dashboards:alert", args=[alert.pk])]
    addresses += [reverse(f"dashboards:{name}") for name in ("catalogue", "rule-book", "shadow-runs")]
    found = {}
    for address in addresses:
        screen.goto(f"{live_server.url}{address}")
        screen.wait_for_load_state("load")
        found[urlsplit(screen.url).path] = faults(screen)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_nor_do_the_doors(live_server, new_person, client):
    visitor = new_person(viewport=SMALL)
    found = {}
    for address in (reverse("account_login"), reverse("portal:join", args=["spent"])):
        visitor.goto(f"{live_server.url}{address}")
        found[address] = faults(visitor)

    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("name", ["today", "log", "reminders", "access"])
def test_whatever_is_tapped_is_large_enough(patient, live_server, new_person, name):
    phone = new_person(viewport=SMALL)
    sign_in(phone, live_server.url, patient.user.username)
    phone.goto(f"{live_server.url}{reverse(f'portal:{name}')}")
    settle(phone)
    phone.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    small = phone.evaluate(
        """(least) => [...document.querySelectorAll('button, summary, select, .tw-button, .tw-choice, .tw-nav__link, .tw-input')]
          .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < least - 0.5)
          .map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 40)} ${one.getBoundingClientRect().height}`)""",
        SMALLEST_TARGET,
    )

    assert small == []


def test_the_first_load_of_the_questions_fits_a_poor_connection(patient, live_server, new_person):
    phone = new_person(viewport=SMALL)
    sign_in(phone, live_server.url, patient.user.username)
    other = new_person(viewport=SMALL)
    other.context.add_cookies(phone.context.cookies())
    sizes: dict[str, int] = {}

    def weigh(answer) -> None:
        # What the page itself asks for; what the worker keeps for later comes when the page is there already.
        if answer.request.service_worker is None and answer.ok:
            sizes.setdefault(answer.url, len(gzip.compress(answer.body())))

    other.on("response", weigh)
    other.goto(f"{live_server.url}{reverse('portal:log')}", wait_until="load")

    assert sum(sizes.values()) <= FIRST_LOAD, sizes
    assert any(url.endswith("/my/log/") for url in sizes)


def test_a_page_that_breaks_wcag_is_seen_to(new_person):
    page = new_person(viewport=SMALL)
    page.set_content(
        "<html lang=en><title>x</title><main><input><p style='color:#ddd'>Too pale to be read</p></main>"
    )

    assert {fault.partition(":")[0] for fault in faults(page)} == {"color-contrast", "label"}
