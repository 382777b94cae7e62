"""What one large step may not do, several small ones, another name for it or another day may not do either."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.core.errors import InvalidInput
from apps.tapers.courses.steps import StepInput
from apps.tapers.errors import GuardRailRefused, SecondSignatureNeeded
from apps.tapers.living import step_back, steps_to_transfer, transfer_plan
from apps.tapers.planning import close_plan
from apps.tapers.proposals import (
    change_within_guard_rails,
    propose_change,
    propose_plan,
    sign_proposal,
    start_within_guard_rails,
)
from apps.tapers.releasing import release_step
from apps.tapers.selectors import plan_at
from apps.tapers.signing import find_breaches
from apps.wards.models import Job
from tests.factories import NOON, hours
from tests.tapers.plans import DAY, MET, a_patient, course, on_plan, steps_of_doses, works_with

pytestmark = pytest.mark.django_db


def started(doses, *, days=7, starts_at=NOON, patient=None, is_gated=False):
    version = start_within_guard_rails(
        patient=patient or a_patient(),
        by=None,
        at=starts_at,
        effective_at=starts_at,
        steps=steps_of_doses(doses, starts_at=starts_at, days=days),
        is_gated=is_gated,
        indication="Spasticity",
        use_started_on=None,
        reason="Agreed.",
    )
    return version.plan


def revised(plan, doses, at, *, kind="revise", days=7, effective_at=None):
    takes_effect = effective_at or at
    return change_within_guard_rails(
        plan=plan,
        by=None,
        at=at,
        kind=kind,
        effective_at=takes_effect,
        steps=steps_of_doses(doses, starts_at=takes_effect, days=days),
        reason="Changed.",
    )


def refusals(plan, doses, at, kind="revise"):
    found = find_breaches(
        patient=plan.patient, kind=kind, steps=steps_of_doses(doses, starts_at=at), effective_at=at
    )
    return [breach.code for breach in found if breach.is_refusal]


def test_a_change_on_the_day_of_a_planned_step_is_measured_against_the_dose_before_that_day():
    plan = started([60, 50])
    that_day = NOON + 7 * DAY

    assert refusals(plan, [45], that_day) == []
    assert refusals(plan, [35], that_day) == ["step_above_limit"]


def test_a_change_on_the_day_of_a_planned_rise_is_measured_against_what_was_to_be_given():
    plan = started([20, 60])

    assert refusals(plan, [30], NOON + 7 * DAY) == ["step_above_limit"]


def test_small_changes_day_after_day_are_measured_together():
    plan = started([60])
    revised(plan, [46], NOON + DAY)
    revised(plan, [35], NOON + 2 * DAY)

    with pytest.raises(GuardRailRefused) as refusal:
        revised(plan, [27], NOON + 3 * DAY)

    assert [breach.code for breach in refusal.value.breaches] == ["week_above_limit"]
    assert course(plan.patient, NOON + 3 * DAY)[-1][1] == 35
    assert refusals(plan, [27], NOON + 8 * DAY) == [], "seven days after the first of them"


def test_giving_more_after_small_steps_is_never_held_up():
    plan = started([60])
    revised(plan, [46], NOON + DAY)
    revised(plan, [35], NOON + 2 * DAY)

    assert refusals(plan, [40], NOON + 3 * DAY) == []


def test_the_last_step_counts_among_the_steps_of_its_week():
    down = (60, 54, 48, 42, 38, 34, 32, 24, 17, 0)

    def broken(days):
        steps = steps_of_doses(down, days=days)
        found = find_breaches(patient=a_patient(), kind="start", steps=steps, effective_at=NOON)
        return [(breach.code, breach.value) for breach in found if breach.is_refusal]

    assert broken(7) == []
    assert broken(3) == [("week_above_limit", "53 %")]


def test_a_high_dose_of_an_earlier_taper_does_not_make_an_abrupt_stop_look_small():
    patient = a_patient()
    long_ago = started([300], patient=patient, starts_at=NOON - 1000 * DAY)
    close_plan(plan=long_ago, by=None, at=NOON - 900 * DAY)
    plan = started([30], patient=patient)

    assert refusals(plan, [0], NOON + DAY) == ["abrupt_stop"]


@pytest.mark.parametrize("kind", ["stop", "transfer"])
def test_a_reduction_that_is_called_a_stop_waits_at_the_gate_like_any_other(kind):
    plan = started([60], is_gated=True)

    revised(plan, [46], NOON + DAY, kind=kind)

    assert course(plan.patient, NOON + 30 * DAY) == [(30.0, 60)]


@pytest.mark.parametrize("kind", ["stop", "transfer"])
def test_a_proposal_within_the_guard_rails_that_is_called_a_stop_waits_at_the_gate_too(kind):
    plan = started([60], is_gated=True)
    nurse = works_with(plan.patient)
    proposal = propose_change(
        plan=plan,
        by=nurse,
        at=NOON + DAY,
        kind=kind,
        effective_at=NOON + DAY,
        reason="Changed.",
        steps=steps_of_doses([46], starts_at=NOON + DAY),
    )

    sign_proposal(proposal=proposal, by=nurse, at=NOON + DAY)

    assert course(plan.patient, NOON + 30 * DAY) == [(30.0, 60)]


def test_a_transfer_to_the_route_it_is_given_by_already_waits_at_the_gate_too():
    plan = started([60], is_gated=True)

    transfer_plan(
        plan=plan,
        by=None,
        at=NOON + DAY,
        reason="Tablets.",
        effective_at=NOON + DAY,
        steps=steps_of_doses([46], starts_at=NOON + DAY),
    )

    assert course(plan.patient, NOON + 30 * DAY) == [(30.0, 60)]


def test_a_transfer_that_two_have_signed_lets_nothing_come_down_by_itself_but_what_it_ends():
    patient = a_patient()
    plan = started([60], patient=patient, is_gated=True)
    nurse, doctor = works_with(patient), works_with(patient, Job.DOCTOR)
    pump = [
        StepInput("intrathecal", NOON + DAY, NOON + 8 * DAY, Decimal(100), "microgram/day"),
        StepInput("intrathecal", NOON + 8 * DAY, None, Decimal(80), "microgram/day"),
    ]
    proposal = propose_change(
        plan=plan,
        by=nurse,
        at=NOON + DAY,
        kind="transfer",
        effective_at=NOON + DAY,
        reason="Pump.",
        steps=steps_to_transfer(plan, NOON + DAY, pump),
    )

    sign_proposal(proposal=proposal, by=doctor, at=NOON + DAY, reason="Both know.")

    view = plan_at(patient, NOON + 30 * DAY)
    assert view.daily_doses == {"oral": 0, "intrathecal": 100}
    assert view.next_gate.step.daily_dose == 80


def test_a_route_that_is_left_out_of_a_gated_plan_goes_on_until_somebody_releases_its_end():
    patient = a_patient()
    plan = started([60], patient=patient, is_gated=True)
    nurse, doctor = works_with(patient), works_with(patient, Job.DOCTOR)
    pump = StepInput("intrathecal", NOON + DAY, None, Decimal(100), "microgram/day")
    proposal = propose_change(
        plan=plan, by=nurse, at=NOON + DAY, kind="revise", effective_at=NOON + DAY, reason="Pump.", steps=[pump]
    )

    sign_proposal(proposal=proposal, by=doctor, at=NOON + DAY, reason="Both know.")

    assert course(patient, NOON + 30 * DAY) == [(30.0, 60)]


@pytest.mark.parametrize("kind", ["hold", "step_back", "reinstate"])
def test_a_change_that_is_called_a_hold_does_not_lower_the_dose(kind):
    plan = started([60])

    with pytest.raises(InvalidInput) as refusal:
        revised(plan, [50], NOON + DAY, kind=kind)

    assert [problem.pointer for problem in refusal.value.problems] == ["/steps/0/daily_dose"]
    assert plan.versions.count() == 1


def test_a_hold_may_say_what_comes_after_it():
    plan = started([60, 50])

    revised(plan, [60, 50], NOON + DAY, kind="hold", days=14)

    assert course(plan.patient, NOON + DAY) == [(1.0, 60), (15.0, 50)]


def test_a_step_back_from_a_stop_does_not_stop_again_by_itself():
    patient = a_patient()
    plan = started([60], patient=patient)
    nurse, doctor = works_with(patient), works_with(patient, Job.DOCTOR)
    stop = propose_change(
        plan=plan,
        by=nurse,
        at=NOON + DAY,
        kind="stop",
        effective_at=NOON + DAY,
        reason="Ileus.",
        steps=[replace(steps_of_doses([0])[0], starts_at=NOON + DAY)],
    )
    sign_proposal(proposal=stop, by=doctor, at=NOON + DAY, reason="Watched.")

    step_back(plan=plan, by=nurse, at=NOON + 2 * DAY, reason="Rigid.", effective_at=NOON + 2 * DAY, days=3)

    assert course(patient, NOON + 2 * DAY) == [(2.0, 60)]


def test_the_way_back_to_a_stop_is_released_by_nobody_alone():
    patient = a_patient()
    plan = started([60], patient=patient, is_gated=True)
    nurse, doctor = works_with(patient), works_with(patient, Job.DOCTOR)
    stop = propose_change(
        plan=plan,
        by=nurse,
        at=NOON + DAY,
        kind="stop",
        effective_at=NOON + DAY,
        reason="Ileus.",
        steps=[replace(steps_of_doses([0])[0], starts_at=NOON + DAY)],
    )
    sign_proposal(proposal=stop, by=doctor, at=NOON + DAY, reason="Watched.")
    step_back(plan=plan, by=nurse, at=NOON + 2 * DAY, reason="Rigid.", effective_at=NOON + 2 * DAY)
    waiting = plan_at(patient, NOON + 9 * DAY).next_gate.step

    with pytest.raises(GuardRailRefused) as refusal:
        release_step(step=waiting, by=nurse, at=NOON + 9 * DAY, checklist=MET)

    assert [breach.code for breach in refusal.value.breaches] == ["abrupt_stop"]
    assert plan_at(patient, NOON + 10 * DAY).daily_doses == {"oral": 60}


def test_a_large_step_that_two_have_signed_for_is_released_by_one_after_a_step_back():
    patient = a_patient()
    nurse, doctor = works_with(patient), works_with(patient, Job.DOCTOR)
    proposal = propose_plan(
        patient=patient,
        by=nurse,
        at=NOON,
        indication="Spasticity",
        use_started_on=None,
        effective_at=NOON,
        reason="Agreed.",
        steps=steps_of_doses([60, 30]),
    )
    plan = sign_proposal(proposal=proposal, by=doctor, at=NOON, reason="Watched.").plan
    release_step(step=plan_at(patient, NOON + DAY).next_gate.step, by=nurse, at=NOON + 8 * DAY, checklist=MET)
    step_back(plan=plan, by=nurse, at=NOON + 9 * DAY, reason="Rigid.", effective_at=NOON + 9 * DAY)

    waiting = plan_at(patient, NOON + 20 * DAY).next_gate.step
    release_step(step=waiting, by=nurse, at=NOON + 20 * DAY, checklist=MET)

    assert plan_at(patient, NOON + 20 * DAY).daily_doses == {"oral": 30}


def test_a_step_back_from_a_step_within_the_guard_rails_goes_on_by_itself_after_its_days():
    plan = on_plan()

    step_back(plan=plan, by=None, at=NOON, reason="A bad night.", effective_at=NOON, days=3)

    assert course(plan.patient, NOON)[:2] == [(0.0, 60), (3.0, 50)]


def test_a_signature_given_for_one_plan_says_nothing_of_the_next():
    patient = a_patient()
    plan = started([60], patient=patient)
    nurse, doctor = works_with(patient), works_with(patient, Job.DOCTOR)

    def proposed(dose):
        return propose_change(
            plan=plan,
            by=nurse,
            at=NOON,
            kind="revise",
            effective_at=NOON + DAY,
            reason="Faster.",
            steps=steps_of_doses([dose], starts_at=NOON + DAY),
        )

    sign_proposal(proposal=proposed(30), by=doctor, at=NOON + hours(1), reason="Watched closely.")

    with pytest.raises(SecondSignatureNeeded):
        sign_proposal(proposal=proposed(20), by=nurse, at=NOON + hours(2), reason="As before.")
    with pytest.raises(SecondSignatureNeeded):
        sign_proposal(proposal=proposed(20), by=doctor, at=NOON + timedelta(hours=2), reason="  ")
