import uuid
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from apps.tapers.models import Dose
from tests.factories import NOON, AlertFactory, CarerFactory, DoseFactory, PlanFactory, SymptomLogFactory, hours
from tests.portal.pages import words

pytestmark = pytest.mark.django_db

DUE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


@pytest.fixture
def plan(patient):
    return PlanFactory(patient=patient)


def today(browser) -> str:
    return words(browser.get(reverse("portal:today")).content)


def key(due_at: datetime) -> dict[str, str]:
    return {"route": "oral", "due": due_at.strftime("%Y-%m-%dT%H:%M:%SZ")}


def told(browser, what: str, **extra: str):
    address = reverse("portal:dose")
    return browser.post(address, key(DUE) | {"client_id": str(uuid.uuid4()), "when": what} | extra)


def test_the_plan_is_told_in_plain_words(phone, plan):
    shown = today(phone)

    assert "50 mg a day" in shown
    assert "2 of 7" in shown


def test_without_a_plan_the_page_says_so(phone):
    assert "The ward has not entered a plan." in today(phone)


def test_a_due_dose_of_which_nobody_told_is_open_and_not_missed(phone, plan):
    shown = today(phone)

    assert "Nobody has told us" in shown
    assert "Not taken" not in shown
    assert "Not due yet" in shown


def test_the_page_never_invites_to_take_anything(phone, plan):
    shown = today(phone).lower()

    assert "take it now" not in shown
    assert "take now" not in shown
    assert "take your" not in shown


def test_a_dose_taken_when_it_was_due_is_recorded_with_that_time(phone, patient, plan):
    told(phone, "planned")

    dose = Dose.objects.get()
    assert (dose.status, dose.due_at, dose.taken_at) == ("taken", DUE, DUE)
    assert "Taken 08:00" in today(phone)


def test_a_dose_taken_at_another_time_is_recorded_with_that_time(phone, plan):
    told(phone, "earlier", day="2026-11-20", clock="09:40")

    assert Dose.objects.get().taken_at == datetime(2026, 11, 20, 9, 40, tzinfo=UTC)


def test_a_missed_dose_is_recorded_as_missed(phone, plan):
    told(phone, "missed")

    dose = Dose.objects.get()
    assert (dose.status, dose.taken_at) == ("missed", None)


def test_the_same_tap_twice_is_one_dose(phone, plan, monkeypatch):
    one_id = str(uuid.uuid4())

    told(phone, "now", client_id=one_id)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON.replace(second=5))
    again = told(phone, "now", client_id=one_id)

    assert again.status_code == 302
    assert Dose.objects.count() == 1


def test_a_report_that_came_in_the_meantime_is_not_overwritten(phone, patient, plan):
    DoseFactory(patient=patient, due_at=DUE, status=Dose.Status.MISSED)

    answer = told(phone, "planned")

    assert answer.status_code == 422
    assert "in the meantime" in answer.content.decode()
    assert Dose.objects.get().status == "missed"


def test_who_told_of_a_dose_can_put_it_right(phone, patient, plan):
    wrong = DoseFactory(patient=patient, due_at=DUE, status=Dose.Status.MISSED, recorded_by=patient.user)

    told(phone, "planned", seen=str(wrong.pk))

    assert Dose.objects.in_force().get().status == "taken"


def test_what_a_carer_told_is_shown_to_the_patient_but_is_the_carers_to_change(phone, patient, plan):
    carer = CarerFactory(patient=patient).user
    DoseFactory(patient=patient, due_at=DUE, recorded_by=carer, reporter="carer")

    page = phone.get(reverse("portal:dose"), key(DUE)).content.decode()

    assert "Somebody else told us" in page
    assert '<form method="post" action="/my/dose/"' not in page


def test_a_dose_that_is_not_due_for_hours_cannot_be_reported(phone, plan):
    assert phone.get(reverse("portal:dose"), key(EVENING)).status_code == 404


@pytest.mark.parametrize("due", ["", "yesterday", "2026-11-20T08:00:00", "2026-11-20T08:01:00Z"])
def test_a_dose_that_was_never_due_is_not_found(phone, plan, due):
    assert phone.get(reverse("portal:dose"), {"route": "oral", "due": due}).status_code == 404


def test_yesterdays_dose_stays_open_until_somebody_tells(phone, patient, plan):
    assert "yesterday" in today(phone)


def test_the_last_dose_is_told_by_its_age(phone, patient, plan):
    DoseFactory(patient=patient, due_at=DUE, taken_at=NOON - hours(6))

    assert "6 hours ago" in today(phone).replace("\xa0", " ")


def test_the_page_says_when_the_ward_last_heard(phone, patient):
    assert "The ward has no log from you yet." in today(phone)

    SymptomLogFactory(patient=patient, observed_at=NOON - hours(2))

    assert "Last log received: 2 hours ago" in today(phone).replace("\xa0", " ")


@pytest.mark.parametrize("page", ["today", "log", "history"])
def test_every_page_shows_how_to_get_help(phone, settings, page):
    shown = phone.get(reverse(f"portal:{page}")).content.decode()

    assert "I need help now" in shown
    assert f'href="tel:{settings.EMERGENCY_NUMBER}"' in shown
    assert 'href="tel:+442079460123"' in shown


def test_times_are_by_the_patients_own_clock(phone, patient, plan):
    patient.time_zone = "Asia/Kathmandu"
    patient.save()
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(1))

    assert "Friday 16:45" in today(phone)


def test_the_number_of_queries_does_not_grow_with_what_happened(
    phone, patient, plan, django_assert_max_num_queries
):
    for hour in range(20):
        log = SymptomLogFactory(patient=patient, observed_at=NOON - hours(hour))
    for pattern in ("delirium", "hyperthermia", "seizure_risk", "pump_failure"):
        AlertFactory(patient=patient, log=log, pattern=pattern)

    with django_assert_max_num_queries(28):
        phone.get(reverse("portal:today"))
