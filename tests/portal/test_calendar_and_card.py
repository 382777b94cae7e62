"""Reminders, the card for travel and theatre, and doses told of twice."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from apps.patients.models import CalendarLink
from apps.portal.calendar import feed
from apps.tapers.models import Dose
from apps.tapers.selectors import due_doses
from tests.factories import CarerFactory, DoseFactory, MembershipFactory, PatientFactory, PlanFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def patient():
    now = timezone.now()
    begun = now - timedelta(days=30)
    patient = PatientFactory(with_account=True, registered_at=begun, given_name="Ada", family_name="Lovegrove")
    PlanFactory(patient=patient, steps__daily_doses=(60,), steps__starts_at=begun, created_at=begun)
    return patient


@pytest.fixture
def phone(patient):
    return signed_in(patient.user)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="apps.config.sign_in.PeopleBackend")
    return client


def address_on(page):
    return re.search(r'value="(http[^"]+\.ics)"', page.content.decode()).group(1)


def make_address(phone, **given):
    return address_on(phone.post(reverse("portal:calendar"), given))


def entries(response):
    return Calendar.from_ical(response.content).walk("VEVENT")


def test_a_calendar_program_reads_when_doses_are_due_and_learns_nothing_else(phone, patient):
    response = Client().get(make_address(phone))

    found = entries(response)
    assert response["Content-Type"].startswith("text/calendar")
    assert "no-store" in response["Cache-Control"]
    assert len(found) in (180, 181)
    assert {str(entry["summary"]) for entry in found} == {"Reminder"}
    assert b"aclofen" not in response.content
    assert b"Lovegrove" not in response.content


def test_doses_are_shown_only_by_the_patients_own_choice(phone):
    response = Client().get(make_address(phone, shows_doses="yes"))
    assert {str(entry["summary"]) for entry in entries(response)} == {"Baclofen, prescribed: 20 mg"}


def test_a_dose_that_was_taken_early_is_not_called_for_again(patient):
    at = datetime(2026, 10, 24, 6, 30, tzinfo=UTC)
    plan = patient.plans.get()
    plan.created_at = at - timedelta(days=9)
    plan.save()
    plan.versions.update(effective_at=plan.created_at)
    plan.versions.get().steps.update(starts_at=plan.created_at)
    link = CalendarLink(patient=patient, shows_doses=True)
    first, second = (entry.decoded("dtstart") for entry in Calendar.from_ical(feed(link, at)).walk("VEVENT")[:2])
    DoseFactory(patient=patient, due_at=first, status="taken", taken_at=at, recorded_at=at)

    starts = [entry.decoded("dtstart") for entry in Calendar.from_ical(feed(link, at)).walk("VEVENT")]

    assert first not in starts
    assert second in starts


def test_a_day_that_no_time_divides_evenly_is_shown_as_people_read_it(patient):
    patient.plans.get().versions.get().steps.update(daily_dose=50)

    body = feed(CalendarLink(patient=patient, shows_doses=True), timezone.now())

    assert {str(entry["summary"]) for entry in Calendar.from_ical(body).walk("VEVENT")} == {
        "Baclofen, prescribed: 16.667 mg"
    }


def test_a_calendar_program_is_told_to_ask_again_every_hour(phone):
    calendar = Calendar.from_ical(Client().get(make_address(phone)).content)

    assert calendar.decoded("refresh-interval") == timedelta(hours=1)
    assert str(calendar["x-published-ttl"]) == "PT1H"


def test_entries_follow_the_patients_clock_over_its_change(patient):
    link = CalendarLink(patient=patient, shows_doses=False)
    before_the_change = datetime(2026, 10, 24, 12, tzinfo=UTC)
    plan = patient.plans.get()
    plan.created_at = before_the_change
    plan.save()
    patient.plans.get().versions.update(effective_at=before_the_change - timedelta(days=9))
    for step in patient.plans.get().versions.get().steps.all():
        step.starts_at = before_the_change - timedelta(days=9)
        step.save()

    starts = [
        entry.decoded("dtstart") for entry in Calendar.from_ical(feed(link, before_the_change)).walk("VEVENT")
    ]

    # 20:00 in London is 19:00 UTC before the night of 25 October and 20:00 after it.
    assert datetime(2026, 10, 24, 19, tzinfo=UTC) in starts
    assert datetime(2026, 10, 25, 20, tzinfo=UTC) in starts
    assert datetime(2026, 10, 25, 19, tzinfo=UTC) not in starts


def test_an_address_is_shown_once_kept_as_a_digest_and_can_be_taken_back(phone, patient):
    first = make_address(phone)
    token = first.rsplit("/", 1)[1].removesuffix(".ics")
    assert token not in str(CalendarLink.objects.values())
    assert first not in phone.get(reverse("portal:calendar")).content.decode()

    second = make_address(phone)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    phone.post(reverse("portal:calendar"), {"revoke": "yes"})
    assert Client().get(second).status_code == 404


def test_guessing_addresses_is_slowed_down():
    answers = [Client().get(f"/my/calendar/{number}.ics").status_code for number in range(31)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_a_carer_makes_no_address_for_the_patient(patient):
    carer = CarerFactory(patient=patient).user
    assert signed_in(carer).get(reverse("portal:person-calendar", args=(patient.pk,))).status_code == 404


def test_the_card_speaks_two_languages_and_names_no_dose_unless_asked(phone, patient):
    page = phone.get(reverse("portal:card"), {"with": "ar"}).content.decode()

    assert 'lang="ar" dir="rtl"' in page
    assert 'lang="en" dir="ltr"' in page
    assert page.count("tw-medical-card") == 2
    assert "60 mg/day" not in page
    assert "60 mg/day" in phone.get(reverse("portal:card"), {"dose": "yes"}).content.decode()
    assert phone.get(reverse("portal:card"), {"with": "tlh"}).status_code == 200


# -- doses ----------------------------------------------------------------------------------------


def the_due_doses(patient):
    """Two doses of yesterday, both past."""
    day = (timezone.now() - timedelta(days=1)).date()
    return due_doses(patient, day)


def form_of(phone, due):
    address = f"{reverse('portal:dose')}?route=oral&due={due.due_at:%Y-%m-%dT%H:%M:%SZ}"
    page = phone.get(address).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(client_id|seen|route|due)" value="([^"]*)"', page))
    return {"seen": "", **hidden}


def test_two_doses_close_together_are_asked_about_and_recorded_once_it_is_sure(phone, patient):
    first, second = the_due_doses(patient)[:2]
    told = form_of(phone, first) | {"when": "planned"}
    assert phone.post(reverse("portal:dose"), told).status_code == 302
    local = timezone.localtime(first.due_at + timedelta(minutes=10), timezone=ZoneInfo(patient.time_zone))
    again = form_of(phone, second) | {
        "when": "earlier",
        "day": local.date().isoformat(),
        "clock": f"{local:%H:%M}",
    }

    asked = phone.post(reverse("portal:dose"), again)

    assert asked.status_code == 422
    assert "Were both really taken?" in asked.content.decode()
    assert Dose.objects.count() == 1

    sent = phone.post(reverse("portal:dose"), again | {"both": "on"}, follow=True)
    assert Dose.objects.filter(status="taken").count() == 2
    assert "Call the ward now" in sent.content.decode()


def test_a_missed_dose_shows_the_clinics_own_words_in_the_language_of_the_page(phone, patient):
    ward = patient.stays.get().ward
    ward.texts.create(kind="missed_dose", language="en", text="Ring the taper clinic before noon.")
    ward.texts.create(kind="missed_dose", language="es", text="Llame a la clínica.")
    due = the_due_doses(patient)[0]

    sent = phone.post(reverse("portal:dose"), form_of(phone, due) | {"when": "missed"}, follow=True)

    assert "Ring the taper clinic before noon." in sent.content.decode()
    patient.language = "es"
    patient.save()
    spanish = phone.get(reverse("portal:plan"))
    assert "Llame a la clínica." in spanish.content.decode()


def test_without_the_clinics_words_nothing_is_invented(phone, patient):
    due = the_due_doses(patient)[0]
    sent = phone.post(
        reverse("portal:dose"), form_of(phone, due) | {"when": "missed"}, follow=True
    ).content.decode()
    assert "Call the ward and ask what to do about the missed dose." in sent
    assert "From your clinic" not in sent


def test_why_a_dose_was_not_as_planned_reaches_the_ward(phone, patient):
    due = the_due_doses(patient)[0]
    phone.post(reverse("portal:dose"), form_of(phone, due) | {"when": "missed", "reason": "Was sick and lost it."})
    assert Dose.objects.get().reason == "Was sick and lost it."

    nurse = MembershipFactory(ward=patient.stays.get().ward).user
    page = signed_in(nurse).get(reverse("dashboards:doses", args=(patient.pk,))).content.decode()
    assert "Was sick and lost it." in page
