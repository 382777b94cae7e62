import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from apps.core.errors import InvalidInput
from apps.tapers.errors import CannotCorrect, DoseAlreadyReported, PlanAlreadyOpen, PlanClosed, ReportConflict
from apps.tapers.models import Dose, PumpEvent, SupplyEvent, TaperPlan
from apps.tapers.selectors import due_doses, hours_since_last_dose, last_taken, plan_at
from apps.tapers.services import (
    StepInput,
    close_plan,
    end_event,
    record_dose,
    record_pump_event,
    record_supply_event,
    revise_plan,
    start_plan,
)
from tests.factories import NOON, PatientFactory, PlanFactory, UserFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PatientFactory()


def dose(patient, **given):
    return record_dose(
        **{
            "patient": patient,
            "by": None,
            "at": NOON,
            "route": "oral",
            "status": "taken",
            "due_at": NOON - hours(4),
            "taken_at": NOON - hours(4),
            "client_id": uuid.uuid4(),
            **given,
        }
    )


def test_a_dose_sent_again_is_the_same_dose(patient):
    draft = uuid.uuid4()

    assert dose(patient, client_id=draft) == dose(patient, client_id=draft, at=NOON + hours(1))
    with pytest.raises(ReportConflict):
        dose(patient, client_id=draft, taken_at=NOON - hours(3))


def test_a_due_dose_is_reported_once_and_then_corrected(patient):
    nurse = UserFactory()
    first = dose(patient, by=nurse)
    with pytest.raises(DoseAlreadyReported):
        dose(patient, by=nurse, status="missed", taken_at=None)

    right = dose(patient, by=nurse, status="missed", taken_at=None, supersedes=first)

    assert list(Dose.objects.in_force()) == [right]
    with pytest.raises(CannotCorrect):
        dose(patient, by=nurse, status="unknown", taken_at=None, supersedes=first)


def test_a_report_is_corrected_by_who_made_it_or_by_staff(patient):
    mine = dose(patient, by=UserFactory(role="patient"))

    with pytest.raises(CannotCorrect):
        dose(patient, by=UserFactory(role="carer"), supersedes=mine)
    with pytest.raises(CannotCorrect):
        dose(PatientFactory(), by=UserFactory(), supersedes=mine)
    assert dose(patient, by=UserFactory(), supersedes=mine).supersedes == mine


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"taken_at": None}, "/taken_at"),
        ({"status": "missed"}, "/taken_at"),
        ({"status": "missed", "taken_at": None, "due_at": None}, "/due_at"),
        ({"status": "missed", "taken_at": None, "due_at": NOON + hours(1)}, "/due_at"),
        ({"taken_at": NOON + hours(1)}, "/taken_at"),
        ({"taken_at": NOON - timedelta(days=31)}, "/taken_at"),
        ({"amount": Decimal(0)}, "/amount"),
    ],
)
def test_a_dose_that_cannot_be_is_refused(patient, given, pointer):
    with pytest.raises(InvalidInput) as refusal:
        dose(patient, **given)

    assert refusal.value.problems[0].pointer == pointer


@pytest.mark.django_db(transaction=True)
def test_of_eight_reports_of_one_due_dose_one_counts():
    patient = PatientFactory()

    def tell(_):
        try:
            dose(patient)
        except DoseAlreadyReported:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tell, range(8))) == 1


def test_an_event_sent_again_is_the_same_event_and_its_end_is_told_once(patient):
    draft = uuid.uuid4()
    told = {
        "patient": patient,
        "by": None,
        "kind": PumpEvent.Kind.STOPPED,
        "occurred_at": NOON - hours(5),
        "client_id": draft,
    }
    event = record_pump_event(at=NOON, **told)
    assert record_pump_event(at=NOON + hours(1), **told) == event

    end_event(event=event, by=None, at=NOON, ended_at=NOON - hours(1))
    end_event(event=event, by=None, at=NOON, ended_at=NOON)

    assert event.ended_at == NOON - hours(1)
    with pytest.raises(InvalidInput):
        end_event(event=event, by=None, at=NOON, ended_at=NOON - hours(6))


@pytest.mark.parametrize("occurred_at", [NOON + hours(1), NOON - timedelta(days=400)])
def test_an_event_of_tomorrow_or_of_long_ago_is_refused(patient, occurred_at):
    with pytest.raises(InvalidInput):
        record_supply_event(
            patient=patient,
            by=None,
            at=NOON,
            kind=SupplyEvent.Kind.STOPPED,
            occurred_at=occurred_at,
            client_id=uuid.uuid4(),
        )


def a_step(**given):
    return StepInput(
        **{
            "route": "oral",
            "starts_at": NOON,
            "ends_at": None,
            "daily_dose": Decimal(60),
            "unit": "mg/day",
            "times_of_day": (time(8), time(20)),
            **given,
        }
    )


def start(patient, *steps, **given):
    return start_plan(
        **{
            "patient": patient,
            "by": None,
            "at": NOON,
            "indication": "Spasticity",
            "use_started_on": date(2020, 1, 1),
            "steps": steps or (a_step(),),
            "effective_at": NOON,
            "reason": "Agreed.",
            **given,
        }
    )


def test_a_patient_has_one_open_plan(patient):
    plan = start(patient).plan
    with pytest.raises(PlanAlreadyOpen):
        start(patient)

    close_plan(plan=plan, by=None, at=NOON)

    assert start(patient).plan != plan
    with pytest.raises(PlanClosed):
        close_plan(plan=plan, by=None, at=NOON)


@pytest.mark.parametrize(
    ("steps", "pointer"),
    [
        ((a_step(unit="microgram/day"),), "/steps/0/unit"),
        ((a_step(daily_dose=Decimal(-1)),), "/steps/0/daily_dose"),
        ((a_step(daily_dose=Decimal("NaN")),), "/steps/0/daily_dose"),
        ((a_step(ends_at=NOON),), "/steps/0/ends_at"),
        ((a_step(times_of_day=()),), "/steps/0/times_of_day"),
        ((a_step(route="rectal"),), "/steps/0/route"),
        ((a_step(), a_step(starts_at=NOON + hours(24))), "/steps/1"),
    ],
)
def test_a_step_that_cannot_be_is_refused_with_its_place(patient, steps, pointer):
    with pytest.raises(InvalidInput) as refusal:
        start(patient, *steps)

    assert refusal.value.problems[0].pointer == pointer
    assert not TaperPlan.objects.exists()


def test_a_revision_counts_on_and_never_reaches_behind_the_version_before(patient):
    plan = start(patient).plan
    change = {"plan": plan, "by": None, "at": NOON, "reason": "Slower.", "kind": "slow"}

    version = revise_plan(steps=[a_step(daily_dose=Decimal(50))], effective_at=NOON + hours(1), **change)

    assert version.number == 2
    with pytest.raises(InvalidInput):
        revise_plan(steps=[a_step()], effective_at=NOON, **change)
    with pytest.raises(InvalidInput):
        revise_plan(steps=[], effective_at=NOON + hours(2), **change)
    with pytest.raises(InvalidInput):
        revise_plan(steps=[a_step()], effective_at=NOON + hours(2), **change | {"reason": " "})


# --- what is shown -------------------------------------------------------------------------------


def test_the_plan_shows_the_step_in_force_and_when_it_changes():
    patient = PlanFactory().patient

    view = plan_at(patient, NOON)

    assert view.daily_doses == {"oral": Decimal(50)}
    assert (view.step_number, view.step_count) == (2, 7)
    assert view.next_change_at == NOON + timedelta(days=5)
    assert view.version.number == 1


def test_the_plan_as_it_was_known_then():
    plan = PlanFactory()
    revise_plan(
        plan=plan,
        by=None,
        at=NOON,
        reason="Stop.",
        kind="stop",
        effective_at=NOON - hours(10),
        steps=[a_step(starts_at=NOON - hours(10), daily_dose=Decimal(0), times_of_day=())],
    )

    assert plan_at(plan.patient, NOON - hours(5)).daily_doses == {"oral": Decimal(0)}
    assert plan_at(plan.patient, NOON - hours(5), known_at=NOON - hours(5)).daily_doses == {"oral": Decimal(50)}


def test_before_and_after_a_plan_there_is_none():
    plan = PlanFactory()
    assert plan_at(plan.patient, plan.created_at - hours(1)) is None

    close_plan(plan=plan, by=None, at=NOON)

    assert plan_at(plan.patient, NOON) is None


def test_the_doses_of_a_day_with_what_was_said_of_them():
    patient = PlanFactory().patient
    morning = dose(patient, due_at=NOON - hours(4), taken_at=NOON - hours(3))

    shown = due_doses(patient, NOON.date())

    assert [one.due_at.hour for one in shown] == [8, 14, 20]
    assert [one.dose for one in shown] == [morning, None, None]
    assert round(sum(one.amount for one in shown), 9) == Decimal(50)


def test_hours_since_the_last_dose_are_not_known_when_none_was_told(patient):
    assert hours_since_last_dose(patient, NOON) is None
    dose(patient, due_at=NOON - hours(8), status="missed", taken_at=None)
    assert hours_since_last_dose(patient, NOON) is None

    taken = dose(patient)

    assert (last_taken(patient, NOON), hours_since_last_dose(patient, NOON)) == (taken, 4.0)
    assert hours_since_last_dose(patient, NOON - hours(5)) is None
