"""Planned against taken, what is in hand, and the pump, as staff tell them."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from apps.tapers.models import Dose, PumpDates, PumpEvent, SupplyCount
from tests.dashboards.plan_words import address, words_of
from tests.factories import (
    NOON,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    ProductFactory,
    PumpEventFactory,
    hours,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(ward):
    """60 mg a day at 08:00, 14:00 and 20:00, for weeks."""
    patient = PatientFactory(stay=ward, stay__bed="4", has_pump=True)
    long_ago = NOON - timedelta(days=60)
    PlanFactory(patient=patient, steps__daily_doses=(60,), steps__starts_at=long_ago, created_at=long_ago)
    return patient


EIGHT = NOON - hours(4)


def ticked(desk, patient, status, due=EIGHT, **more):
    told = {"client_id": str(uuid4()), "due": due.isoformat(), "status": status} | more
    return desk.post(address("doses", patient), told)


def today_of(desk, patient):
    return words_of(desk.get(address("doses", patient))).split("Thu 19 Nov")[0]


def test_staff_tick_a_dose_as_taken_when_it_was_due(desk, patient, nurse):
    ticked(desk, patient, "taken")

    dose = Dose.objects.get()
    assert (dose.status, dose.due_at, dose.taken_at, dose.amount) == ("taken", EIGHT, EIGHT, Decimal(20))
    assert (dose.reporter, dose.recorded_by) == ("staff", nurse)


def test_a_dose_taken_late_is_told_with_its_time(desk, patient):
    ticked(desk, patient, "taken", taken_at="2026-11-20T11:00")

    assert Dose.objects.get().taken_at == NOON - hours(1)
    assert "08:00 · 20 mg 11:00 · 20 mg late ward" in today_of(desk, patient)


@pytest.mark.parametrize(("status", "words"), [("missed", "missed"), ("unknown", "not known")])
def test_a_dose_that_was_not_taken_is_marked(desk, patient, status, words):
    ticked(desk, patient, status)

    assert f"08:00 · 20 mg {words} ward" in today_of(desk, patient)


def test_what_nobody_has_said_is_not_called_missed(desk, patient):
    assert "08:00 · 20 mg nobody has said" in today_of(desk, patient)


def test_a_report_is_corrected_and_not_reported_twice(desk, patient):
    ticked(desk, patient, "taken")
    first = Dose.objects.get()

    again = ticked(desk, patient, "missed")
    assert again.status_code == 409
    assert "Somebody has reported this dose since." in words_of(again)

    ticked(desk, patient, "missed", seen=str(first.pk))
    assert Dose.objects.in_force().get().status == "missed"


def test_a_dose_that_is_not_planned_cannot_be_ticked(desk, patient):
    for due in (NOON - hours(3), NOON + hours(2)):
        answer = ticked(desk, patient, "taken", due=due)
        assert answer.status_code == 409
        assert "The plan has no such dose now." in words_of(answer)


def test_a_dose_in_the_future_is_refused_in_words(desk, patient):
    answer = ticked(desk, patient, "taken", taken_at="2026-11-20T18:00")

    assert answer.status_code == 409
    assert "This moment has not come yet." in words_of(answer)


def test_a_dose_on_top_of_one_that_was_taken_is_called_taken_twice(desk, patient):
    ticked(desk, patient, "taken")
    form = {"client_id": str(uuid4()), "amount": "20", "taken_at": "2026-11-20T10:00", "outside": "1"}
    desk.post(address("doses", patient), form)

    text = today_of(desk, patient)
    assert "not planned 10:00 · 20 mg taken twice" in text
    assert "60 mg planned, 40 mg said to be taken" in text


def test_a_dose_beside_the_plan_is_called_so(desk, patient):
    DoseFactory(patient=patient, due_at=None, taken_at=NOON - hours(2), amount=5)

    assert "not planned 10:00 · 5 mg outside the plan" in today_of(desk, patient)


def test_fourteen_days_are_shown(desk, patient):
    text = words_of(desk.get(address("doses", patient)))

    assert "Sat 7 Nov" in text
    assert "Fri 6 Nov" not in text


def test_a_dose_is_ticked_from_the_patient_s_page(desk, patient):
    assert "Taken when due" in words_of(desk.get(address("patient", patient)))

    answer = ticked(desk, patient, "taken", next="patient")

    assert answer.url == address("patient", patient)


def test_what_is_in_hand_is_counted_by_product_and_says_how_long_it_lasts(desk, patient):
    tablet = ProductFactory(name="Baclofen 10 mg tablet")
    form = {"client_id": str(uuid4()), f"product-{tablet.pk}": "12", "count": "1"}

    desk.post(address("supply", patient), form)

    count = SupplyCount.objects.get()
    assert (count.amount, count.counted_at) == (120, NOON)
    text = words_of(desk.get(address("supply", patient)))
    assert "12 × Baclofen 10 mg tablet" in text
    assert "Lasts until Sun 22 Nov 2026, 14:00" in text


def test_a_count_in_the_future_is_refused(desk, patient):
    form = {"client_id": str(uuid4()), "counted_at": "2026-11-21T12:00", "count": "1"}

    answer = desk.post(address("supply", patient), form)

    assert answer.status_code == 409
    assert "Counted at: This moment has not come yet." in words_of(answer)


def test_the_dates_of_a_pump_are_told_as_a_whole(desk, patient):
    form = {"client_id": str(uuid4()), "refill_due_on": "2026-12-04", "refill_booked": "true", "dates": "1"}
    desk.post(address("supply", patient), form | {"alarm_volume_ml": "2"})

    told = PumpDates.objects.get()
    assert (told.refill_due_on.isoformat(), told.refill_booked, told.alarm_volume_ml) == ("2026-12-04", True, 2)
    assert told.service_ends_on is None
    assert 'value="2026-12-04"' in desk.get(address("supply", patient)).content.decode()

    assert '<option value="true" selected>' in desk.get(address("supply", patient)).content.decode()

    form["client_id"] = str(uuid4())
    assert "A reservoir holds 0 to 60 ml." in words_of(
        desk.post(address("supply", patient), form | {"alarm_volume_ml": "90"})
    )


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("refill_done", {"reservoir_ml": "40"}),
        ("pump_reprogrammed", {"note": "From 400 to 380 microgram a day."}),
        ("pump_alarm", {"tone": "two_tone"}),
        ("catheter_fault", {}),
        ("mri", {"occurred_at": "2026-11-20T09:15"}),
    ],
)
def test_what_happened_to_the_pump_is_told(desk, patient, kind, more):
    form = {"client_id": str(uuid4()), "kind": kind, "happened": "1"} | more

    assert desk.post(address("supply", patient), form).status_code == 302

    event = PumpEvent.objects.get()
    assert (event.kind, event.tone, event.note) == (kind, more.get("tone", ""), more.get("note", ""))
    assert event.occurred_at == (NOON if "occurred_at" not in more else NOON - hours(2.75))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"kind": ""}, "What happened: This field is required."),
        ({"kind": "mri", "tone": "two_tone"}, "Only an alarm has a tone."),
        ({"kind": "mri", "occurred_at": "2026-11-20T18:00"}, "This moment has not come yet."),
    ],
)
def test_a_pump_event_that_cannot_be_is_refused_in_words(desk, patient, told, words):
    answer = desk.post(address("supply", patient), {"client_id": str(uuid4()), "happened": "1"} | told)

    assert answer.status_code == 409
    assert words in words_of(answer)


def test_an_event_is_mended_and_one_of_somebody_else_is_not(desk, patient):
    mine, other = PumpEventFactory(patient=patient), PumpEventFactory()

    desk.post(address("supply", patient), {"event": str(mine.pk), "ended": "1"})
    refused = desk.post(address("supply", patient), {"event": str(other.pk), "ended": "1"})

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.ended_at, other.ended_at) == (NOON, None)
    assert "There is no such event of this patient." in words_of(refused)
