"""The log in under a minute: about the same as yesterday, one question at a time, readings in another unit."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.symptoms.models import SymptomLog
from tests.browser.phones import SMALL, a_patient, open_app
from tests.factories import SymptomLogFactory

pytestmark = pytest.mark.django_db(transaction=True)

INSISTED = ("seizure", "confusion", "visual_hallucinations", "severe_rigidity", "auditory_hallucinations", "myoclonus",
            "sweating", "pruritus")  # fmt: skip
SECONDS_PER_TAP = 3
"""Of somebody in a hurry. Slower than the 1 to 2 seconds of practised thumbs, quicker than reading each step anew."""


@pytest.fixture
def ada():
    patient = a_patient("Ada")
    yesterday = timezone.now() - timedelta(hours=23)
    SymptomLogFactory(
        patient=patient,
        recorded_by=patient.user,
        observed_at=yesterday,
        recorded_at=yesterday,
        answers={"tremor": 1, "insomnia": 2, "headache": 0, "confusion": 0, "seizure": False},
    )
    return patient


@pytest.fixture
def phone(ada, live_server, new_person) -> Page:
    page: Page = new_person(viewport=SMALL)
    open_app(page, live_server.url, ada)
    return page


def answer(phone: Page, code: str, value: str) -> None:
    radio = phone.locator(f"#field-answer-{code} input[value='{value}']")
    radio.evaluate(
        "(one) => { for (let d = one.closest('details'); d; d = d.parentElement.closest('details')) d.open = true; }"
    )
    phone.locator(f"#field-answer-{code} label:has(input[value='{value}'])").click()


def test_somebody_in_a_hurry_is_done_within_a_minute_and_the_page_says_how_long_it_took(phone):
    taps = 0

    def tap() -> None:
        nonlocal taps
        taps += 1
        phone.wait_for_timeout(SECONDS_PER_TAP * 1000)

    phone.get_by_role("button", name="About the same as").click()
    tap()
    for code in INSISTED:
        answer(phone, code, "no" if code == "seizure" else "0")
        tap()
    phone.get_by_role("button", name="Send to the ward").click()
    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()

    log = SymptomLog.objects.latest("recorded_at")
    assert log.answers["insomnia"] == 2
    assert set(log.carried) == {"tremor", "insomnia", "headache"}
    assert taps == 9
    assert taps * SECONDS_PER_TAP <= log.filled_in_seconds <= 60


def test_about_the_same_leads_to_what_is_asked_afresh_and_is_not_sent_without_it(phone):
    phone.get_by_role("button", name="About the same as").click()

    expect(phone.locator("#field-answer-seizure input").first).to_be_focused()
    phone.get_by_role("button", name="Send to the ward").click()
    expect(phone.get_by_text("it is asked afresh each time").first).to_be_visible()
    assert SymptomLog.objects.count() == 1


def test_one_question_at_a_time_shows_one_keeps_help_in_reach_and_is_remembered(phone):
    phone.get_by_role("button", name="One question at a time").click()

    expect(phone.locator("fieldset.tw-question:visible")).to_have_count(1)
    expect(
        phone.get_by_role("link", name="I need help now").or_(phone.locator(".tw-help")).first
    ).to_be_in_viewport()
    seen = phone.locator("fieldset.tw-question:visible").get_attribute("id")
    phone.get_by_role("button", name="Next question").click()
    expect(phone.locator("fieldset.tw-question:visible")).not_to_have_id(seen)
    phone.get_by_role("button", name="Back").click()
    expect(phone.locator("fieldset.tw-question:visible")).to_have_id(seen)

    phone.reload()
    expect(phone.locator("fieldset.tw-question:visible")).to_have_count(1)
    phone.get_by_role("button", name="All questions on one page").click()
    assert phone.locator("fieldset.tw-question:visible").count() > 3


def test_one_by_one_reaches_every_question_by_keyboard_and_ends_at_send(phone):
    phone.get_by_role("button", name="One question at a time").click()
    total = phone.evaluate("document.querySelectorAll('form[data-outbox] .tw-question').length")
    seen = set()
    while phone.get_by_role("button", name="Next question").is_visible():
        seen.add(phone.locator("fieldset.tw-question:visible").first.get_attribute("id"))
        phone.get_by_role("button", name="Next question").press("Enter")
        assert len(seen) <= total
    expect(phone.get_by_role("button", name="Send to the ward")).to_be_visible()

    asked = phone.evaluate(
        "[...document.querySelectorAll('form[data-outbox] .tw-question:not(.tw-question--follow-up)')]"
        ".filter((one) => !one.parentElement.closest('.tw-question, [data-last]')).map((one) => one.id)"
    )
    assert set(asked) <= seen


def test_a_temperature_in_fahrenheit_is_shown_in_celsius_and_one_in_the_wrong_unit_is_asked_about(phone):
    reading = phone.locator("[id='field-value-temperature_c']")
    reading.locator("input[inputmode]").fill("101.3")
    expect(reading.get_by_text("Did you mean °F?")).to_be_visible()

    reading.locator("select").first.select_option("degF")
    expect(reading.get_by_text("That is 38.5 °C.")).to_be_visible()
    expect(reading.get_by_text("Did you mean")).to_have_count(0)

    reading.locator("input[inputmode]").fill("90")
    expect(reading.get_by_text("This is unusual. Is it right?")).to_be_visible()
