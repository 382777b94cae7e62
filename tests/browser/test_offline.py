"""Without a connection: open, answer, be advised; and everything arrives later, once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.symptoms.models import SymptomLog
from tests.browser.people import choose
from tests.browser.phones import (
    APP,
    DRAFTS,
    OUTBOX,
    SMALL,
    STORE,
    a_patient,
    answer_and_send,
    cut,
    expect_kept,
    mend,
    open_app,
    states,
    wait_for,
    wait_for_draft,
)
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db(transaction=True)


SEND_LEFT = f"""async (later) => (await import('{DRAFTS}')).sendLeftDrafts(
    await (await import('{STORE}')).personHere(), Date.now() + later)"""


@pytest.fixture
def patient():
    return a_patient()


@pytest.fixture
def phone(patient, live_server, new_person):
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, patient)
    return page


def test_in_airplane_mode_the_questions_open_danger_is_answered_and_the_report_arrives_later(phone, live_server):
    cut(phone.context)
    phone.goto(f"{live_server.url}{reverse('portal:log')}")
    expect(phone.get_by_text("No connection to the ward now")).to_be_visible()

    choose(phone, "seizure", "Yes")
    expect(phone.get_by_role("heading", name="A fit needs help now")).to_be_visible()
    phone.get_by_role("button", name="Send to the ward").click()

    expect_kept(phone)
    expect(phone.get_by_role("heading", name="A fit needs help now")).to_be_visible()
    assert not SymptomLog.objects.exists()

    mend(phone.context)

    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    assert SymptomLog.objects.count() == 1
    assert Alert.objects.count() == 1


def test_the_call_for_help_opens_without_a_connection_and_knows_the_ward(phone, live_server):
    cut(phone.context)

    phone.goto(f"{live_server.url}{reverse('portal:help')}")

    expect(phone.get_by_role("heading", name="I need help now").first).to_be_visible()
    expect(phone.get_by_role("link", name="Call the emergency number")).to_be_visible()
    ward = phone.get_by_role("link", name="Call the ward")
    expect(ward).to_be_visible()
    assert ward.get_attribute("href") == "tel:+442079460123"


def test_what_waits_is_shown_with_how_far_it_has_come_up_to_seen_by_the_ward(phone, patient, live_server):
    cut(phone.context)
    answer_and_send(phone)
    expect_kept(phone)
    phone.goto(f"{live_server.url}{reverse('portal:phone')}")
    expect(phone.locator(".tw-step--done")).to_have_text([re.compile("On this phone")])

    mend(phone.context)
    expect(phone.locator(".tw-step--done")).to_have_count(2)

    nurse = MembershipFactory(ward=patient.stays.get().ward, user__display_name="Amina Okafor").user
    record_event(
        AuditEvent.Type.PATIENT_VIEWED,
        subject=patient,
        by=nurse,
        at=timezone.now(),
        patient_id=patient.pk,
        detail={"door": "ward", "page": "patient"},
    )
    phone.reload()

    expect(phone.locator(".tw-step--done")).to_have_count(3)
    expect(phone.get_by_text("Amina")).to_be_visible()


def test_what_the_ward_cannot_take_is_parked_shown_mended_and_arrives(phone, live_server):
    phone.locator("[name=value-temperature_c]").fill("warm")
    answer_and_send(phone)
    expect(phone.get_by_role("heading", name="Not sent yet: there is a problem")).to_be_visible()
    assert states(phone)["parked"] == 1

    phone.goto(f"{live_server.url}{reverse('portal:phone')}")
    phone.get_by_role("link", name="Put it right", exact=True).click()
    reading = phone.locator("[name=value-temperature_c]")
    expect(reading).to_have_value("warm")
    reading.fill("37.2")
    phone.get_by_role("button", name="Send to the ward").click()

    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    assert SymptomLog.objects.get().vital_signs["temperature_c"]["value"] == 37.2
    assert states(phone) == {"waiting": 0, "parked": 0, "received": 1, "others": 0}


def test_a_draft_survives_closing_and_is_gone_once_it_is_sent(phone, live_server):
    address = f"{live_server.url}{reverse('portal:log')}"
    choose(phone, "confusion", "A bit slow")
    wait_for_draft(phone)
    cut(phone.context)
    later = phone.context.new_page()
    phone.close()

    later.goto(address)
    expect(later.get_by_text("These are your unfinished answers")).to_be_visible()
    expect(later.locator("[name=answer-confusion][value='1']")).to_be_checked()
    mend(later.context)
    later.get_by_role("button", name="Send to the ward").click()
    expect(later.get_by_role("heading", name="The ward has your report")).to_be_visible()
    later.goto(address)

    expect(later.locator("[name=answer-confusion][value='1']")).not_to_be_checked()
    assert SymptomLog.objects.get().answers == {"confusion": 1}


def test_a_draft_with_a_sign_of_danger_is_sent_after_a_quarter_of_an_hour_and_one_without_is_not(phone, patient):
    choose(phone, "confusion", "A bit slow")
    wait_for_draft(phone)
    assert phone.evaluate(SEND_LEFT, 60 * 60_000) == 0
    choose(phone, "seizure", "Yes")
    wait_for(
        phone,
        f"async () => (await (await (await import('{STORE}')).database()).getAll('drafts'))[0].danger !== null",
    )
    assert phone.evaluate(SEND_LEFT, 14 * 60_000) == 0
    assert phone.evaluate(SEND_LEFT, 15 * 60_000) == 1
    phone.evaluate(f"async () => (await import('{APP}')).lookSoon()")

    wait_for(phone, f"async () => (await (await import('{OUTBOX}')).counts('{patient.user_id}')).waiting === 0")

    log = SymptomLog.objects.get()
    assert log.answers == {"confusion": 1, "seizure": True}
    assert log.note.startswith("Not finished")
    assert Alert.objects.count() == 1


def test_the_moment_of_a_report_is_right_by_the_servers_clock_whatever_the_phone_says(
    patient, live_server, new_person
):
    page = new_person(viewport=SMALL)
    # Three days ahead.
    page.add_init_script("const now = Date.now; Date.now = () => now() + 3 * 24 * 3600 * 1000;")
    open_app(page, live_server.url, patient)
    cut(page.context)
    written = timezone.now()
    answer_and_send(page)
    expect_kept(page)
    page.wait_for_timeout(3_000)
    mend(page.context)
    expect(page.get_by_role("heading", name="The ward has your report")).to_be_visible()

    log = SymptomLog.objects.get()
    assert abs(log.observed_at - written) < timedelta(seconds=3)
    assert log.recorded_at - log.observed_at > timedelta(seconds=2)
