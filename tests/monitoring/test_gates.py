from datetime import timedelta
from decimal import Decimal

import pytest

from apps.alerts.models import Alert, Level
from apps.assessments.models import Latest
from apps.monitoring.gates import gate_checklist
from apps.monitoring.intake import submit_release
from apps.monitoring.models import AssessmentOwed
from apps.tapers.errors import GateNotMet
from apps.tapers.selectors import plan_at
from apps.wards.models import Job
from tests.factories import (
    NOON,
    AlertFactory,
    AssessmentFactory,
    DutyFactory,
    PumpDatesFactory,
    SupplyCountFactory,
    SymptomLogFactory,
    hours,
)
from tests.tapers.plans import DAY, a_patient, course, on_plan, works_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    """A gated plan of which everything on the checklist is met."""
    plan = on_plan(is_gated=True)
    patient = plan.patient
    logs = [SymptomLogFactory(patient=patient, observed_at=NOON - hours(hour)) for hour in (60, 30, 2)]
    assessment = AssessmentFactory(log=logs[-1], score_complete=True)
    Latest.objects.update_or_create(
        patient=patient,
        defaults={
            "last_log": logs[-1],
            "last_log_observed_at": logs[-1].observed_at,
            "last_log_reporter": "patient",
            "assessment": assessment,
        },
    )
    SupplyCountFactory(patient=patient, amount=Decimal(2000))
    doctor = works_with(patient, Job.DOCTOR)
    DutyFactory(
        ward=patient.stays.get().ward, user=doctor, job=Job.DOCTOR, starts_at=NOON - DAY, ends_at=NOON + DAY
    )
    return plan


def next_step(plan):
    return plan_at(plan.patient, NOON).next_gate.step


def unmet(plan, at=NOON):
    return [item.code for item in gate_checklist(next_step(plan), at).unmet]


def test_a_step_whose_checklist_is_met_is_released_by_a_nurse(plan):
    nurse = works_with(plan.patient)
    assert unmet(plan) == []

    version = submit_release(step=next_step(plan), by=nurse, at=NOON)

    assert course(plan.patient) == [(0.0, 50), (5.0, 40)]
    assert all(item["is_met"] for item in version.release.checklist)
    assert AssessmentOwed.objects.filter(log__patient=plan.patient).exists()


def test_a_day_without_a_log_is_not_complete(plan):
    assert unmet(plan, NOON + hours(14)) == ["logs_complete"]


def test_a_newest_log_with_open_questions_is_not_complete(plan):
    plan.patient.assessments.update(score_complete=False)

    assert unmet(plan) == ["logs_complete"]


@pytest.mark.parametrize(
    ("alert", "is_met"),
    [
        ({"level": Level.URGENT, "opened_at": NOON - hours(90)}, False),
        ({"level": Level.EMERGENCY, "opened_at": NOON - hours(1)}, False),
        ({"level": Level.WATCH, "opened_at": NOON - hours(1)}, True),
    ],
)
def test_an_urgent_alert_that_is_open_or_recent_stands_against_it(plan, alert, is_met):
    AlertFactory(patient=plan.patient, last_fired_at=alert["opened_at"], **alert)

    assert ("no_urgent_alert" not in unmet(plan)) is is_met


def test_an_urgent_alert_closed_long_ago_stands_against_nothing(plan):
    AlertFactory(
        patient=plan.patient,
        level=Level.URGENT,
        opened_at=NOON - hours(100),
        last_fired_at=NOON - hours(73),
        status=Alert.Status.RESOLVED,
        outcome=Alert.Outcome.FALSE,
        resolved_at=NOON - hours(72),
        resolved_by=works_with(plan.patient),
    )

    assert unmet(plan) == []


def test_supply_that_runs_out_within_the_step_or_that_nobody_counted_is_not_in_hand(plan):
    SupplyCountFactory(patient=plan.patient, amount=Decimal(100), counted_at=NOON + timedelta(minutes=1))
    assert unmet(plan, NOON + hours(1)) == ["supply_in_hand"]

    other = on_plan(is_gated=True)
    assert "supply_in_hand" in unmet(other)


def test_without_a_doctor_or_nurse_in_charge_on_duty_there_is_no_cover(plan):
    assert "cover_on_duty" in unmet(plan, NOON + 2 * DAY)


@pytest.mark.parametrize(("days", "is_met"), [(5, False), (30, True)])
def test_a_refill_within_the_week_comes_before_a_reduction_of_the_pump(days, is_met):
    plan = on_plan(
        a_patient(has_pump=True), is_gated=True, route="intrathecal", daily_doses=(300, 280, 260), times_of_day=()
    )
    assert "supply_in_hand" in unmet(plan)

    PumpDatesFactory(patient=plan.patient, refill_due_on=(NOON + timedelta(days=days)).date())

    assert ("supply_in_hand" not in unmet(plan)) is is_met


def test_what_is_not_met_holds_the_step_and_is_named(plan):
    nurse = works_with(plan.patient)
    AlertFactory(patient=plan.patient, level=Level.URGENT, opened_at=NOON, last_fired_at=NOON)

    with pytest.raises(GateNotMet) as refusal:
        submit_release(step=next_step(plan), by=nurse, at=NOON)

    assert [problem.code for problem in refusal.value.problems] == ["no_urgent_alert"]
    assert course(plan.patient) == [(0.0, 50)]
