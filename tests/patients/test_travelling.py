"""A patient who travels takes doses by the clock of where they are; what was due before stays as it was."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.assessments.facts import gather_outlooks
from apps.core.errors import InvalidInput
from apps.monitoring.supply_intake import submit_time_zone
from apps.patients.services import change_time_zone
from apps.tapers.models import Dose
from apps.tapers.selectors import due_doses
from tests.factories import NOON, DoseFactory, PatientFactory, PlanFactory, hours

pytestmark = pytest.mark.django_db
LONDON, KATHMANDU = "Europe/London", "Asia/Kathmandu"


@pytest.fixture
def patient():
    """Doses at 8, 14 and 20 o'clock."""
    begun = NOON - timedelta(days=30)
    return PlanFactory(
        steps__daily_doses=(60,), steps__starts_at=begun, created_at=begun, patient__time_zone=LONDON
    ).patient


def at(day, clock, zone):
    return datetime.combine(day, time(clock), ZoneInfo(zone)).astimezone(UTC)


def test_doses_after_the_journey_are_due_by_the_clock_of_there_and_those_before_stay(patient):
    today = NOON.date()
    moved = change_time_zone(patient=patient, zone=KATHMANDU, by=None, at=NOON)

    due = {dose.due_at for back in (0, 1) for dose in due_doses(moved, today + timedelta(days=back))}

    # 12:00 in London is 17:45 in Kathmandu: today's dose of 20 there is still to come, that of 8 was taken in London.
    assert {at(today, 8, LONDON), at(today, 20, KATHMANDU), at(today + timedelta(days=1), 8, KATHMANDU)} <= due
    assert at(today, 14, LONDON) not in due
    assert at(today, 8, KATHMANDU) not in due


def test_a_dose_reported_before_the_journey_is_still_known_after_it(patient):
    taken = at(NOON.date(), 8, LONDON)
    DoseFactory(patient=patient, due_at=taken, taken_at=taken)
    submit_time_zone(patient=patient, zone=KATHMANDU, by=None, at=NOON)

    facts = gather_outlooks([patient.pk], NOON + hours(1))[patient.pk].facts

    told = [dose for dose in facts.doses if dose.due_t == taken.timestamp() / 3600]
    assert [dose.status for dose in told] == [Dose.Status.TAKEN]


def test_there_and_back_again_neither_leaves_out_nor_doubles_a_day(patient):
    there = NOON - timedelta(days=5)
    moved = change_time_zone(patient=patient, zone=KATHMANDU, by=None, at=there)
    moved = change_time_zone(patient=moved, zone=LONDON, by=None, at=NOON)

    facts = gather_outlooks([patient.pk], NOON + timedelta(days=2))[patient.pk].facts

    dues = sorted(dose.due_t for dose in facts.doses if dose.due_t is not None)
    gaps = {round(later - earlier, 2) for earlier, later in pairwise(dues)}
    # Six hours by day and twelve by night, but for the two days of travel.
    assert {6.0, 12.0} <= gaps
    assert max(gaps) <= 18
    assert min(gaps) >= 0.25


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"zone": "Mars/Olympus"}, "/time_zone"),
        ({"zone": KATHMANDU, "from_at": NOON + hours(1)}, "/from_at"),
        ({"zone": KATHMANDU, "from_at": NOON - timedelta(days=8)}, "/from_at"),
    ],
)
def test_what_cannot_be_is_refused(patient, given, pointer):
    with pytest.raises(InvalidInput) as refusal:
        change_time_zone(patient=patient, by=None, at=NOON, **given)

    assert [problem.pointer for problem in refusal.value.problems] == [pointer]
    patient.refresh_from_db()
    assert patient.time_zone == LONDON


def test_a_change_before_the_last_one_is_refused(patient):
    change_time_zone(patient=patient, zone=KATHMANDU, by=None, at=NOON)
    with pytest.raises(InvalidInput):
        change_time_zone(patient=patient, zone=LONDON, by=None, at=NOON + hours(1), from_at=NOON - hours(1))


def test_the_same_zone_again_changes_nothing(patient):
    change_time_zone(patient=patient, zone=LONDON, by=None, at=NOON)
    assert not patient.zone_changes.exists()


def test_the_patient_says_it_on_a_page_and_sees_the_times_of_there():
    patient = PatientFactory(with_account=True, time_zone=LONDON, registered_at=timezone.now() - timedelta(days=9))
    phone = Client()
    phone.force_login(patient.user, backend="apps.config.sign_in.PeopleBackend")
    address = reverse("portal:zone")

    assert "I am travelling" in phone.get(address).content.decode()
    assert phone.post(address, {"zone": "Nowhere/Land"}).status_code == 422
    assert phone.post(address, {"zone": KATHMANDU}).status_code == 302

    patient.refresh_from_db()
    assert patient.time_zone == KATHMANDU
    shown = phone.get(reverse("portal:today")).content.decode()
    assert "Doses" in shown or "doses" in shown
