from datetime import timedelta
from decimal import Decimal

import pytest

from apps.core.errors import InvalidInput
from apps.tapers.errors import (
    GateNotMet,
    GuardRailRefused,
    MayNotSign,
    NothingToChange,
    NotTheNextStep,
    PlanChanged,
    PlanClosed,
)
from apps.tapers.living import hold_plan, reinstate, slow_plan, step_back, stop_plan, transfer_plan
from apps.tapers.models import PlanSignature, PlanVersion, StepRelease
from apps.tapers.planning import close_plan, revise_plan
from apps.tapers.releasing import release_step
from apps.tapers.selectors import plan_as_known, plan_at
from apps.wards.models import Job
from tests.factories import NOON, PlanFactory, UserFactory, hours
from tests.tapers.plans import (
    DAY,
    MET,
    UNMET,
    a_patient,
    course,
    on_plan,
    steps_of_doses,
    works_with,
)

pytestmark = pytest.mark.django_db
AS_PLANNED = [(0.0, 50), (5.0, 40), (12.0, 30), (19.0, 20), (26.0, 10), (33.0, 0)]


def change(service, plan, **given):
    return service(
        **{"plan": plan, "by": None, "at": NOON, "effective_at": NOON, "reason": "A bad night."} | given
    )


def locked(plan):
    return list(plan.versions.order_by("-number").first().steps.filter(is_locked=True).order_by("starts_at"))


def test_a_plan_that_is_held_for_days_goes_on_later_by_as_many():
    plan = on_plan()

    version = change(hold_plan, plan, days=3)

    assert course(plan.patient) == [(0.0, 50), (8.0, 40), (15.0, 30), (22.0, 20), (29.0, 10), (36.0, 0)]
    assert (version.kind, version.number, version.reason) == ("hold", 2, "A bad night.")
    assert PlanSignature.objects.get(version=version).overridden == []


def test_a_plan_that_is_held_without_an_end_comes_down_no_further_by_itself():
    plan = on_plan()

    change(hold_plan, plan)

    assert course(plan.patient) == [(0.0, 50)]
    assert [int(step.daily_dose) for step in locked(plan)] == [40, 30, 20, 10, 0]


def test_a_plan_slowed_down_keeps_each_dose_for_longer():
    plan = on_plan()

    change(slow_plan, plan, days_longer=2)

    assert course(plan.patient) == [(0.0, 50), (7.0, 40), (16.0, 30), (25.0, 20), (34.0, 10), (43.0, 0)]


def test_a_step_back_gives_the_dose_before_and_then_takes_the_same_way_again():
    plan = on_plan()

    change(step_back, plan, days=4)

    assert course(plan.patient) == [
        (0.0, 60),
        (4.0, 50),
        (11.0, 40),
        (18.0, 30),
        (25.0, 20),
        (32.0, 10),
        (39.0, 0),
    ]


def test_a_step_back_without_an_end_waits_to_be_released():
    plan = on_plan()

    change(step_back, plan)

    assert course(plan.patient) == [(0.0, 60)]
    assert [int(step.daily_dose) for step in locked(plan)] == [50, 40, 30, 20, 10, 0]


def test_a_gated_plan_waits_after_a_step_back_whatever_was_asked():
    plan = on_plan(is_gated=True)

    change(step_back, plan, days=4)

    assert course(plan.patient) == [(0.0, 60)]


def test_a_step_that_waits_is_foreseen_for_later_when_the_plan_is_held_or_slowed():
    plan = on_plan(is_gated=True)
    late = NOON + 9 * DAY

    change(hold_plan, plan, at=late, effective_at=late, days=3)

    assert [(step.starts_at - NOON).days for step in locked(plan)][:2] == [13, 20]
    assert course(plan.patient, late) == [(9.0, 50)]


def test_there_is_no_step_back_from_the_highest_dose():
    plan = on_plan(daily_doses=(60,))

    with pytest.raises(NothingToChange):
        change(step_back, plan)
    with pytest.raises(NothingToChange):
        change(hold_plan, plan)
    with pytest.raises(NothingToChange):
        change(slow_plan, plan, days_longer=2)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_days_that_cannot_be_are_refused(days):
    plan = on_plan()

    for service, name in ((hold_plan, "days"), (slow_plan, "days_longer"), (step_back, "days")):
        with pytest.raises(InvalidInput):
            change(service, plan, **{name: days})


def test_reinstating_gives_the_dose_before_the_last_reduction_and_leaves_nothing_ahead():
    plan = on_plan()

    change(reinstate, plan)

    assert course(plan.patient) == [(0.0, 60)]
    assert locked(plan) == []


def test_reinstating_after_a_stop_gives_the_dose_before_the_stop():
    plan = on_plan()
    revise_plan(
        plan=plan,
        by=None,
        at=NOON - DAY,
        effective_at=NOON - DAY,
        reason="Stop.",
        kind="stop",
        steps=steps_of_doses([0], starts_at=NOON - DAY),
    )

    change(reinstate, plan)

    assert course(plan.patient) == [(0.0, 50)]


def test_reinstating_is_held_up_by_no_gate_no_announced_version_and_no_closed_plan():
    plan = on_plan(is_gated=True)
    revise_plan(
        plan=plan,
        by=None,
        at=NOON,
        effective_at=NOON + 2 * DAY,
        reason="From Sunday.",
        kind="revise",
        steps=steps_of_doses([10], starts_at=NOON + 2 * DAY),
    )

    change(reinstate, plan)
    assert course(plan.patient) == [(0.0, 60)]

    close_plan(plan=plan, by=None, at=NOON + hours(1))
    plan.refresh_from_db()
    again = change(reinstate, plan, at=NOON + hours(2), effective_at=NOON + hours(2), steps=steps_of_doses([45]))

    assert again.plan != plan
    assert course(plan.patient, NOON + hours(3)) == [(0.12, 45)]


def test_reinstating_with_a_time_behind_the_version_in_force_counts_from_that_version():
    plan = on_plan()
    change(hold_plan, plan, days=3)

    version = change(reinstate, plan, at=NOON + hours(1), effective_at=NOON - hours(1))

    assert version.effective_at == NOON


@pytest.mark.parametrize("service", [step_back, reinstate])
def test_pressed_twice_it_goes_back_one_step_and_not_two(service):
    plan = on_plan(daily_doses=(80, 60, 50), starts_at=NOON - timedelta(days=15))
    change(service, plan, seen=1)

    with pytest.raises(PlanChanged):
        change(service, plan, seen=1)

    assert course(plan.patient) == [(0.0, 60)]


@pytest.mark.parametrize("doses", [[40], [0], [60, 70]])
def test_reinstating_is_no_way_past_the_guard_rails(doses):
    plan = on_plan()
    steps = [step for dose in doses for step in steps_of_doses([dose])]

    with pytest.raises(InvalidInput):
        change(reinstate, plan, steps=steps)
    assert plan.versions.count() == 1


def test_without_any_dose_to_go_back_to_one_has_to_be_given():
    plan = on_plan(daily_doses=(60,))

    with pytest.raises(NothingToChange):
        change(reinstate, plan)
    assert change(reinstate, plan, steps=steps_of_doses([70])).kind == "reinstate"


def test_a_stop_from_a_dose_is_refused_with_rule_value_limit_and_source():
    plan = on_plan()

    with pytest.raises(GuardRailRefused) as refusal:
        change(stop_plan, plan)

    [breach] = refusal.value.breaches
    assert (breach.code, breach.value) == ("abrupt_stop", "from 50 mg/day to nothing")
    assert "FDA" in breach.source
    assert breach.tag == "published"
    assert plan.versions.count() == 1


def test_a_stop_once_nothing_is_given_needs_nobody_else():
    plan = on_plan()
    ended = NOON + timedelta(days=40)

    assert change(stop_plan, plan, at=ended, effective_at=ended).kind == "stop"


def test_a_transfer_to_the_pump_is_an_abrupt_stop_by_mouth():
    plan = on_plan(a_patient(has_pump=True))
    pump = steps_of_doses([100])[0]

    with pytest.raises(GuardRailRefused) as refusal:
        change(transfer_plan, plan, steps=[type(pump)("intrathecal", NOON, None, Decimal(100), "microgram/day")])

    assert [(one.code, one.route) for one in refusal.value.breaches] == [("abrupt_stop", "oral")]


def test_a_closed_plan_is_changed_no_more():
    plan = on_plan()
    close_plan(plan=plan, by=None, at=NOON - hours(1))
    plan.refresh_from_db()

    with pytest.raises(PlanClosed):
        change(hold_plan, plan, days=2)


def test_what_the_ward_believed_then_reads_as_it_was():
    plan = on_plan()
    change(reinstate, plan, at=NOON, effective_at=NOON - hours(4))

    believed = plan_as_known(plan.patient, NOON - hours(2), known_at=NOON - hours(1))
    known_now = plan_as_known(plan.patient, NOON - hours(2), known_at=NOON)

    assert (believed.daily_doses, known_now.daily_doses) == ({"oral": Decimal(50)}, {"oral": Decimal(60)})
    assert believed.version.number == 1


def test_a_plan_closed_later_was_not_foreseen_to_be_closed():
    plan = on_plan()
    close_plan(plan=plan, by=None, at=NOON)

    assert plan_as_known(plan.patient, NOON + hours(1), known_at=NOON) is None
    believed = plan_as_known(plan.patient, NOON + hours(1), known_at=NOON - hours(1))
    assert believed.daily_doses == {"oral": Decimal(50)}


def test_a_plan_recorded_later_was_not_known_and_the_one_before_it_was():
    old = on_plan()
    close_plan(plan=old, by=None, at=NOON - hours(2))
    PlanFactory(
        patient=old.patient,
        created_at=NOON - hours(5),
        steps__starts_at=NOON - hours(5),
        steps__recorded_at=NOON - hours(1),
        steps__daily_doses=(45,),
    )

    then = plan_as_known(old.patient, NOON - hours(4), known_at=NOON - hours(3))
    assert then.daily_doses == {"oral": Decimal(50)}
    assert plan_at(old.patient, NOON).daily_doses == {"oral": Decimal(45)}


# --- gates ---------------------------------------------------------------------------------------


def release(step, by, at=NOON, **given):
    return release_step(**{"step": step, "by": by, "at": at, "checklist": MET} | given)


def test_a_locked_reduction_does_not_lower_the_dose_and_shows_as_waiting():
    plan = on_plan(is_gated=True)
    late = NOON + timedelta(days=7)

    view = plan_at(plan.patient, late)

    assert view.daily_doses == {"oral": Decimal(50)}
    assert view.next_change_at is None
    assert view.next_gate.is_waiting
    assert not plan_at(plan.patient, NOON).next_gate.is_waiting
    assert (view.step_number, view.step_count) == (2, 7)


def test_a_step_released_ahead_begins_when_it_was_foreseen_and_the_next_one_waits():
    plan = on_plan(is_gated=True)
    nurse = works_with(plan.patient)

    version = release(locked(plan)[0], nurse)

    assert course(plan.patient) == [(0.0, 50), (5.0, 40)]
    assert (version.kind, version.author, version.effective_at) == ("release", nurse, NOON)
    assert [int(step.daily_dose) for step in locked(plan)] == [30, 20, 10, 0]
    kept = StepRelease.objects.get(version=version)
    assert (kept.by, kept.checklist) == (
        nurse,
        [{"code": "logs_complete", "is_met": True, "detail": "three days"}],
    )


def test_a_step_released_late_begins_then_and_what_follows_is_moved():
    plan = on_plan(is_gated=True)
    late = NOON + timedelta(days=9)

    release(locked(plan)[0], works_with(plan.patient), at=late)

    assert course(plan.patient) == [(0.0, 50), (9.0, 40)]
    assert [(step.starts_at - NOON).days for step in locked(plan)] == [16, 23, 30, 37]


def test_only_the_next_step_of_the_plan_in_force_is_released_and_once():
    plan = on_plan(is_gated=True)
    nurse = works_with(plan.patient)
    first, second = locked(plan)[:2]

    with pytest.raises(NotTheNextStep):
        release(second, nurse)
    release(first, nurse)
    with pytest.raises(NotTheNextStep):
        release(first, nurse)
    with pytest.raises(NotTheNextStep):
        # The one before it has not begun.
        release(locked(plan)[0], nurse)


def test_a_step_whose_checklist_is_not_met_is_released_by_nobody_without_a_reason():
    plan = on_plan(is_gated=True)
    step = locked(plan)[0]
    nurse, doctor = works_with(plan.patient), works_with(plan.patient, Job.DOCTOR)

    with pytest.raises(GateNotMet) as refusal:
        release(step, doctor, checklist=UNMET)
    with pytest.raises(GateNotMet):
        release(step, nurse, checklist=UNMET, override_reason="I will look.")
    assert [problem.code for problem in refusal.value.problems] == ["cover_on_duty"]
    assert course(plan.patient) == [(0.0, 50)]

    release(step, doctor, checklist=UNMET, override_reason="I am here until noon.")

    assert StepRelease.objects.get().override_reason == "I am here until noon."


def test_a_stranger_releases_nothing():
    plan = on_plan(is_gated=True)

    for somebody in (UserFactory(), UserFactory(role="service"), UserFactory(role="patient")):
        with pytest.raises(MayNotSign):
            release(locked(plan)[0], somebody)
    assert PlanVersion.objects.count() == 1


def test_the_last_step_released_is_the_planned_end_of_the_taper():
    plan = on_plan(is_gated=True, daily_doses=(60, 50, 0))
    nurse = works_with(plan.patient)

    release(locked(plan)[0], nurse, at=NOON + timedelta(days=20))

    assert course(plan.patient, NOON + timedelta(days=21)) == [(21.0, 0)]
    assert locked(plan) == []


def test_a_plan_that_was_held_goes_on_by_the_calendar_once_it_is_released():
    plan = on_plan()
    change(hold_plan, plan)

    release(locked(plan)[0], works_with(plan.patient), at=NOON + timedelta(days=10))

    assert course(plan.patient, NOON + timedelta(days=10)) == [
        (10.0, 40),
        (17.0, 30),
        (24.0, 20),
        (31.0, 10),
        (38.0, 0),
    ]
