"""Who is on duty: put on, swapped, taken over, taken back, copied; and when nobody is."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.audit.models import AuditEvent
from apps.core.errors import DomainError, InvalidInput
from apps.wards.models import Duty, Job, Shift
from apps.wards.rota import (
    DutyIsOver,
    DutyOverlaps,
    MayNotChangeRota,
    ShiftTimes,
    copy_week,
    gaps,
    may_run_rota,
    monday_of,
    put_on_duty,
    shifts_of,
    swap,
    take_off,
    take_over,
)
from apps.wards.services import people_on_duty
from tests.factories import NOON, DutyFactory, MembershipFactory, UserFactory, WardFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def ward():
    return WardFactory(time_zone="Europe/London")


def works(ward, job=Job.NURSE, **user):
    return MembershipFactory(ward=ward, job=job, user=UserFactory(**user)).user


@pytest.fixture
def charge(ward):
    return works(ward, Job.NURSE_IN_CHARGE)


@pytest.fixture
def nurse(ward):
    return works(ward)


def put(ward, user, by, start=1, end=9, job=Job.NURSE):
    return put_on_duty(
        ward=ward, user=user, job=job, starts_at=NOON + hours(start), ends_at=NOON + hours(end), by=by, at=NOON
    )


def on_duty(ward, at, job=Job.NURSE):
    return people_on_duty(ward=ward, job=job, at=at)


def test_whoever_is_put_on_duty_is_called_from_then_to_then(ward, nurse, charge):
    duty = put(ward, nurse, charge)

    assert on_duty(ward, NOON) == []
    assert on_duty(ward, NOON + hours(1)) == [nurse]
    assert on_duty(ward, NOON + hours(9)) == []
    assert duty.noted_by == charge
    told = AuditEvent.objects.get(type="duty_changed")
    assert (told.actor_id, told.detail["user"], told.detail["what"]) == (charge.pk, str(nurse.pk), "on")


def test_everybody_changes_their_own_duty_and_nobody_elses(ward, nurse):
    other = works(ward)
    put(ward, nurse, nurse)

    with pytest.raises(MayNotChangeRota):
        put(ward, other, nurse)
    assert not may_run_rota(nurse, ward)
    assert may_run_rota(works(ward, Job.DOCTOR), ward)
    assert not may_run_rota(works(WardFactory(), Job.NURSE_IN_CHARGE), ward)


@pytest.mark.parametrize(
    ("start", "end", "pointer"), [(5, 5, "/ends_at"), (5, 3, "/ends_at"), (1, 28, "/ends_at"), (-13, 1, "/starts_at"),
                                  (-5, 0, "/starts_at")],
)  # fmt: skip
def test_times_that_are_a_slip_of_the_pen_are_refused(ward, nurse, charge, start, end, pointer):
    with pytest.raises(InvalidInput) as refusal:
        put(ward, nurse, charge, start, end)
    assert [problem.pointer for problem in refusal.value.problems] == [pointer]


def test_somebody_who_came_without_being_listed_is_noted_afterwards(ward, nurse, charge):
    assert put(ward, nurse, charge, -5, 3) in Duty.objects.current(NOON)


@pytest.mark.parametrize("who", ["of another ward", "who left", "a system"])
def test_only_who_works_here_is_put_on_duty(ward, charge, who):
    user = UserFactory(role="service") if who == "a system" else UserFactory()
    if who == "a system":
        MembershipFactory(ward=ward, user=user)
    if who == "who left":
        MembershipFactory(ward=ward, user=user, ended_at=NOON)

    with pytest.raises(InvalidInput):
        put(ward, user, charge)


def test_nobody_is_on_duty_twice_at_a_time(ward, nurse, charge):
    put(ward, nurse, charge, 1, 9)

    with pytest.raises(DutyOverlaps):
        put(ward, nurse, charge, 8, 12)
    put(ward, nurse, charge, 9, 12)


def test_a_duty_that_was_taken_back_leaves_room_for_another(ward, nurse, charge):
    take_off(duty=put(ward, nurse, charge), by=charge, at=NOON)

    put(ward, nurse, charge, 2, 10)

    assert Duty.objects.count() == 2


def test_taken_back_while_it_runs_it_can_still_be_said_who_was_on_duty(ward, nurse, charge):
    duty = put(ward, nurse, charge, 0, 9)
    take_off(duty=duty, by=nurse, at=NOON + hours(3))

    assert list(Duty.objects.current(NOON + hours(2))) == [duty]
    assert list(Duty.objects.current(NOON + hours(3))) == []
    assert on_duty(ward, NOON + hours(2)) == [nurse]
    assert on_duty(ward, NOON + hours(3)) == []
    again = take_off(duty=duty, by=charge, at=NOON + hours(4))
    assert (again.cancelled_at, again.cancelled_by) == (NOON + hours(3), nurse)


def test_what_is_over_is_not_changed(ward, nurse, charge):
    duty = put(ward, nurse, charge, 0, 2)

    for act in (take_off, take_over):
        with pytest.raises(DutyIsOver):
            act(duty=duty, by=charge, at=NOON + hours(2))


def test_taken_over_it_goes_on_without_a_gap_under_another_name(ward, nurse, charge):
    duty = put(ward, nurse, charge, 0, 9)

    taken = take_over(duty=duty, by=charge, at=NOON + hours(3))

    assert (taken.user, taken.job, taken.starts_at, taken.ends_at) == (
        charge, "nurse", NOON + hours(3), NOON + hours(9),
    )  # fmt: skip
    assert gaps(ward, [Job.NURSE], NOON + hours(3), NOON + hours(9)) == []
    with pytest.raises(InvalidInput):
        take_over(duty=taken, by=charge, at=NOON + hours(4))


def test_who_is_busy_takes_nothing_over_and_nothing_is_lost(ward, nurse, charge):
    duty = put(ward, nurse, charge, 0, 9)
    put(ward, charge, charge, 4, 6, job=Job.NURSE_IN_CHARGE)

    with pytest.raises(DutyOverlaps):
        take_over(duty=duty, by=charge, at=NOON + hours(3))
    assert on_duty(ward, NOON + hours(5)) == [nurse]


def test_swapped_each_does_the_others(ward, nurse, charge):
    other = works(ward)
    mine, theirs = put(ward, nurse, charge, 0, 8), put(ward, other, charge, 8, 16)

    swap(one=mine, other=theirs, by=nurse, at=NOON + hours(2))

    assert on_duty(ward, NOON + hours(1)) == [nurse]
    assert on_duty(ward, NOON + hours(3)) == [other]
    assert on_duty(ward, NOON + hours(9)) == [nurse]
    with pytest.raises(DutyIsOver):
        swap(one=mine, other=theirs, by=nurse, at=NOON + hours(3))


def test_two_others_are_swapped_only_by_who_runs_the_rota(ward, nurse, charge):
    one, other = put(ward, nurse, charge, 0, 8), put(ward, works(ward), charge, 8, 16)

    with pytest.raises(MayNotChangeRota):
        swap(one=one, other=other, by=works(ward), at=NOON)
    with pytest.raises(InvalidInput):
        swap(one=one, other=one, by=charge, at=NOON)


# By the clock on the wall


@pytest.mark.parametrize(
    ("day", "hours_long"), [(date(2026, 10, 24), 9), (date(2026, 3, 28), 7), (date(2026, 11, 20), 8)]
)
def test_a_night_is_as_long_as_people_work_it(day, hours_long):
    starts, ends = ShiftTimes("Night", time(23), time(7)).on(day, "Europe/London")

    assert ends - starts == hours(hours_long)


def test_a_ward_has_shifts_of_its_own(ward):
    assert [one.label for one in shifts_of(ward)] == ["Early", "Late", "Night"]

    Shift.objects.create(ward=ward, label="Long day", starts=time(7), ends=time(19, 30))

    assert shifts_of(ward) == [ShiftTimes("Long day", time(7), time(19, 30))]


def test_a_week_is_copied_by_the_clock_over_the_change_of_clocks(ward, nurse, charge):
    at = datetime(2026, 10, 20, 12, tzinfo=UTC)
    for day in (20, 21):
        starts, ends = ShiftTimes("Night", time(23), time(7)).on(date(2026, 10, day), "Europe/London")
        put_on_duty(ward=ward, user=nurse, job=Job.NURSE, starts_at=starts, ends_at=ends, by=charge, at=at)

    copied = copy_week(ward=ward, monday=date(2026, 10, 19), to_monday=date(2026, 10, 26), by=charge, at=at)

    assert (copied.made, copied.left_out) == (2, ())
    starts = [duty.starts_at for duty in Duty.objects.order_by("starts_at")]
    assert starts[2] - starts[0] == timedelta(days=7, hours=1)
    again = copy_week(ward=ward, monday=date(2026, 10, 19), to_monday=date(2026, 10, 26), by=charge, at=at)
    assert (again.made, len(again.left_out)) == (0, 2)


def test_who_no_longer_works_here_is_not_copied_and_that_is_said(ward, nurse, charge):
    put(ward, nurse, charge)
    nurse.memberships.update(ended_at=NOON)

    monday = monday_of(NOON, "Europe/London")
    copied = copy_week(ward=ward, monday=monday, to_monday=monday + timedelta(days=7), by=charge, at=NOON)

    assert copied.made == 0
    assert str(nurse) in copied.left_out[0]


def test_a_week_that_is_over_is_not_copied_into(ward, charge):
    with pytest.raises(InvalidInput):
        copy_week(ward=ward, monday=date(2026, 11, 16), to_monday=date(2026, 11, 9), by=charge, at=NOON)


# When nobody is there


def spans(ward, until=24):
    found = gaps(ward, [Job.NURSE], NOON, NOON + hours(until))
    return [((gap.starts_at - NOON) / hours(1), (gap.ends_at - NOON) / hours(1)) for gap in found]


def test_gaps_are_what_no_duty_covers(ward, nurse, charge):
    assert spans(ward) == [(0, 24)]

    put(ward, nurse, charge, 2, 8)
    put(ward, works(ward), charge, 6, 12)
    put(ward, charge, charge, 12, 20, job=Job.DOCTOR)

    assert spans(ward) == [(0, 2), (12, 24)]


def test_who_cannot_sign_in_covers_nothing(ward, charge):
    put(ward, (gone := works(ward)), charge, 0, 24)
    gone.is_active = False
    gone.save()

    assert spans(ward) == [(0, 24)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["put", "off", "over", "swap"]),
            st.integers(0, 2),
            st.integers(0, 20),
            st.integers(1, 8),
        ),
        max_size=8,
    )
)
def test_whatever_is_done_with_the_rota_gaps_and_calls_agree(acts):
    """Nobody is called in a gap, and somebody is called outside one."""
    ward = WardFactory()
    boss = works(ward, Job.NURSE_IN_CHARGE)
    people = [works(ward) for _ in range(3)]
    for what, who, start, length in acts:
        standing = list(Duty.objects.standing().filter(ward=ward).order_by("starts_at", "pk"))
        chosen = standing[start % len(standing)] if standing else None
        try:
            if what == "put":
                put(ward, people[who], boss, start, start + length)
            elif chosen and what == "off":
                take_off(duty=chosen, by=boss, at=NOON)
            elif chosen and what == "over":
                take_over(duty=chosen, by=people[who], at=NOON)
            elif chosen:
                swap(one=chosen, other=standing[who % len(standing)], by=boss, at=NOON)
        except DomainError:
            pass
    found = gaps(ward, [Job.NURSE], NOON, NOON + hours(30))
    for half_hour in range(60):
        moment = NOON + timedelta(minutes=30 * half_hour)
        in_gap = any(gap.starts_at <= moment < gap.ends_at for gap in found)
        assert bool(on_duty(ward, moment)) is not in_gap


def test_the_days_before_are_as_they_were(ward, nurse):
    DutyFactory(ward=ward, user=nurse, starts_at=NOON - hours(30), ends_at=NOON - hours(22))

    assert on_duty(ward, NOON - hours(25)) == [nurse]
