from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from apps.tapers.models import PlanVersion
from apps.tapers.timeline import StepValues, VersionValues, changes, due_times, stretches

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
Kind = PlanVersion.Kind


def day(number):
    return MONDAY + timedelta(days=number)


def step(number, starts, ends, dose, route="oral", times=(time(8), time(20))):
    return StepValues(number, route, day(starts), None if ends is None else day(ends), Decimal(dose), times)


def version(*steps, number=1, kind=Kind.START, effective=0):
    return VersionValues(number, kind, day(effective), steps)


def told(*versions, until=100, closed=None):
    line = stretches(versions, None if closed is None else day(closed))
    return [
        (
            change.kind,
            change.t - day(0).timestamp() / 3600,
            change.fraction,
            change.planned,
            change.last_step_of_plan,
        )
        for change in changes(line, day(until))
    ]


def test_each_planned_reduction_is_a_change_with_its_part_of_the_dose():
    plan = version(step(1, 0, 7, 60), step(2, 7, 14, 45), step(3, 14, None, 0))

    assert told(plan) == [("dose_reduced", 168.0, 0.25, True, False), ("stopped", 336.0, 1.0, True, True)]


def test_what_lies_ahead_is_not_a_change_yet():
    plan = version(step(1, 0, 7, 60), step(2, 7, None, 45))

    assert told(plan, until=6.9) == []
    assert len(told(plan, until=7)) == 1


def test_a_new_version_rules_from_its_day_and_leaves_the_past_as_it_was():
    first = version(step(1, 0, 7, 60), step(2, 7, 14, 30), step(3, 14, None, 0))
    slower = version(step(1, 10, 20, 45), step(2, 20, None, 40), number=2, kind=Kind.SLOW, effective=10)

    assert [kind for kind, *_ in told(first, slower)] == ["dose_reduced", "dose_raised", "dose_reduced"]


def test_a_version_that_stops_is_no_planned_end():
    first = version(step(1, 0, None, 60))
    stop = version(number=2, kind=Kind.STOP, effective=3)

    assert told(first, stop) == [("stopped", 72.0, 1.0, False, False)]


def test_a_stop_within_a_stop_version_is_no_planned_end_either():
    first = version(step(1, 0, None, 60))
    stop = version(step(1, 3, None, 0), number=2, kind=Kind.STOP, effective=3)

    assert told(first, stop) == [("stopped", 72.0, 1.0, False, False)]


def test_a_last_step_that_runs_out_is_the_planned_end():
    assert told(version(step(1, 0, 7, 60))) == [("stopped", 168.0, 1.0, True, True)]


def test_a_gap_is_a_stop_and_what_follows_begins_again():
    plan = version(step(1, 0, 7, 60), step(2, 8, None, 30))

    assert [kind for kind, *_ in told(plan)] == ["stopped", "baclofen_restarted"]


def test_closing_a_plan_says_nothing_of_what_is_taken():
    assert told(version(step(1, 0, None, 60)), closed=5) == []


def test_routes_do_not_mix():
    plan = version(step(1, 0, 7, 60), step(2, 7, None, 30), step(1, 0, None, 250, route="intrathecal", times=()))

    assert [kind for kind, *_ in told(plan)] == ["dose_reduced"]


LONDON = "Europe/London"


def due(zone, on, times, until_days=1, dose=60):
    start = datetime.combine(on, time(0), tzinfo=UTC) - timedelta(hours=14)
    one = StepValues(1, "oral", start, None, Decimal(dose), times)
    line = stretches([VersionValues(1, Kind.START, start, (one,))])
    since = datetime.combine(on, time(0), tzinfo=UTC) - timedelta(seconds=1)
    return due_times(line, zone, since, since + timedelta(days=until_days))


@pytest.mark.parametrize(
    ("zone", "on", "utc_hour"),
    [
        (LONDON, date(2026, 3, 28), 8),
        (LONDON, date(2026, 3, 30), 7),
        (LONDON, date(2026, 10, 26), 8),
        ("Asia/Kolkata", date(2026, 6, 1), 2.5),
    ],
)
def test_a_dose_is_due_by_the_patients_own_clock(zone, on, utc_hour):
    [dose] = due(zone, on, (time(8),))

    assert dose.due_at == datetime.combine(on, time(0), tzinfo=UTC) + timedelta(hours=utc_hour)


def test_a_dose_in_the_hour_that_is_repeated_is_due_once():
    doses = due(LONDON, date(2026, 10, 25), (time(1, 30),))

    assert [dose.due_at for dose in doses] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_a_dose_in_the_hour_that_is_skipped_is_still_due():
    assert len(due(LONDON, date(2026, 3, 29), (time(1, 30),))) == 1


def test_two_times_that_a_clock_change_puts_on_one_instant_are_one_dose_of_both():
    [dose] = due(LONDON, date(2026, 3, 29), (time(1, 30), time(2, 30)))

    assert dose.amount == Decimal(60)


def test_the_dose_of_the_day_is_shared_out_over_its_times():
    assert [dose.amount for dose in due(LONDON, date(2026, 6, 1), (time(8), time(14), time(20)))] == [20, 20, 20]


def test_a_step_of_no_dose_has_nothing_due():
    assert due(LONDON, date(2026, 6, 1), (time(8),), dose=0) == []
