"""Advice on the phone while the form is being filled, before anything has been sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.symptoms.models import SymptomLog
from tests.browser.people import choose, sign_in
from tests.factories import CarerFactory, PatientFactory, PlanFactory, WardFactory, make_version

pytestmark = pytest.mark.django_db(transaction=True)

GET_HELP = "Get help now"


@pytest.fixture
def patient():
    """Two days after a step down."""
    ward = WardFactory(name="Neurology 3", phone="+44 20 7946 0123")
    patient = PatientFactory(with_account=True, stay=ward, given_name="Ada", family_name="Lovegrove")
    begun = timezone.now() - timedelta(days=9)
    plan = PlanFactory(patient=patient, steps=False, created_at=begun)
    make_version(plan, starts_at=begun)
    return patient


@pytest.fixture
def phone(patient, live_server, new_person) -> Page:
    page: Page = new_person(viewport={"width": 360, "height": 740})
    sign_in(page, live_server.url, patient.user.username)
    open_the_form(page, f"{live_server.url}{reverse('portal:log')}")
    return page


def open_the_form(page: Page, address: str) -> None:
    with page.expect_response("**/catalogue/*.json*"):
        page.goto(address)
    page.wait_for_load_state("networkidle")


def measure(page: Page, sign: str, value: str) -> None:
    page.locator(f"[name=value-{sign}]").fill(value)
    page.locator(f"[name=value-{sign}]").press("Tab")


def test_fever_with_stiff_muscles_brings_the_advice_before_any_request_is_made(phone):
    requests: list[str] = []
    phone.on("request", lambda request: requests.append(request.url))
    expect(phone.locator("[data-advice]:visible")).to_have_count(0)

    measure(phone, "temperature_c", "39.2")
    choose(phone, "severe_rigidity", "Hard to bend, needs help")

    advice = phone.locator("#at-once")
    expect(advice.get_by_role("heading", name="Get help now")).to_be_in_viewport()
    expect(advice.get_by_role("link", name="Call the emergency number").first).to_be_visible()
    expect(advice.get_by_text("The ward does not have these answers yet")).to_be_visible()
    assert requests == []
    assert not SymptomLog.objects.exists()


def test_the_ward_says_the_same_once_the_form_is_sent(phone):
    measure(phone, "temperature_c", "39.2")
    choose(phone, "severe_rigidity", "Hard to bend, needs help")
    said_by_the_phone = phone.locator("[data-advice]:visible h2").all_inner_texts()

    phone.get_by_role("button", name="Send to the ward").click()

    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    assert said_by_the_phone
    assert set(said_by_the_phone) <= set(phone.locator("#status h2").all_inner_texts())


def test_a_reading_is_understood_in_another_unit_with_a_comma_and_in_arabic_digits(phone):
    advice = phone.locator("#at-once [data-advice]:visible")
    measure(phone, "temperature_c", "٣٩٫٢")
    expect(advice).not_to_have_count(0)
    measure(phone, "temperature_c", "37")
    expect(advice).to_have_count(0)

    phone.locator("[name=unit-temperature_c]").select_option("degF")
    measure(phone, "temperature_c", "102,6")

    expect(advice).not_to_have_count(0)


def test_too_muddled_to_answer_is_a_sign_in_itself(phone):
    phone.get_by_text("I cannot answer", exact=True).click()
    phone.get_by_text("I feel too muddled to answer").click()

    advice = phone.locator("#at-once")
    expect(advice.get_by_role("heading", name="Your care team needs to speak with you")).to_be_visible()


def test_nothing_is_said_of_slight_signs_nor_of_what_nobody_can_have_measured(phone):
    choose(phone, "confusion", "A bit slow")
    measure(phone, "temperature_c", "99")

    phone.wait_for_timeout(1_000)
    expect(phone.locator("#at-once [data-advice]:visible")).to_have_count(0)
    expect(phone.locator("#at-once [data-not-sent]")).to_be_hidden()


@pytest.fixture
def phone_that_keeps_nothing(patient, live_server, new_person) -> Page:
    """A browser without a database of its own: reports go straight from the form."""
    page: Page = new_person(viewport={"width": 360, "height": 740})
    page.add_init_script("Object.defineProperty(globalThis, 'indexedDB', {value: undefined})")
    sign_in(page, live_server.url, patient.user.username)
    open_the_form(page, f"{live_server.url}{reverse('portal:log')}")
    return page


def test_without_a_connection_the_answers_stay_and_the_advice_too(phone_that_keeps_nothing):
    phone = phone_that_keeps_nothing
    measure(phone, "temperature_c", "40.1")
    phone.context.set_offline(True)

    phone.get_by_role("button", name="Send to the ward").click()

    expect(phone.get_by_text("There is no connection: nothing was sent.")).to_be_visible()
    expect(phone.locator("#at-once").get_by_role("heading", name="Get help now")).to_be_visible()
    expect(phone.locator("[name=value-temperature_c]")).to_have_value("40.1")


def test_when_the_connection_is_back_the_same_answers_are_sent(phone_that_keeps_nothing):
    phone = phone_that_keeps_nothing
    measure(phone, "temperature_c", "40.1")
    phone.route("**/livez", lambda route: route.abort())
    phone.get_by_role("button", name="Send to the ward").click()
    expect(phone.get_by_text("There is no connection: nothing was sent.")).to_be_visible()
    assert not SymptomLog.objects.exists()

    phone.unroute("**/livez")
    phone.get_by_role("button", name="Send to the ward").click()

    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    assert SymptomLog.objects.get().vital_signs["temperature_c"]["value"] == 40.1


def test_a_carer_gets_advice_without_the_record_of_the_patient(patient, live_server, new_person):
    carer = CarerFactory(patient=patient).user
    page = new_person(viewport={"width": 360, "height": 740})
    sign_in(page, live_server.url, carer.username)

    open_the_form(page, f"{live_server.url}{reverse('portal:person-log', args=[patient.pk])}")
    assert page.locator("#at-once").get_attribute("data-record") == "null"
    choose(page, "seizure", "Yes")

    expect(page.locator("#at-once").get_by_role("heading", name="A fit needs help now")).to_be_visible()
