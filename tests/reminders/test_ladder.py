"""When people are reminded, by their own clocks. No database: moments in, moments out."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from apps.reminders import times
from apps.reminders.ladder import Habits, Silence, newest_due, rungs

LONDON, KATHMANDU, CHATHAM, NEW_YORK, SYDNEY = (
    "Europe/London", "Asia/Kathmandu", "Pacific/Chatham", "America/New_York", "Australia/Sydney",
)  # fmt: skip


def local(zone, *when):
    return datetime(*when, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def daily(heard_at):
    return Silence(heard_at, heard_at + timedelta(hours=24), 24)


def every(hours, heard_at):
    return Silence(heard_at, heard_at + timedelta(hours=hours), hours)


def clocks(found, zone, kind=None):
    """(kind, day, wall clock) of each."""
    shown = [(rung.kind.value, rung.at.astimezone(ZoneInfo(zone))) for rung in found]
    return [(name, at.day, at.strftime("%H:%M")) for name, at in shown if kind in (None, name)]


def asked(zone, heard_at, **habits):
    return clocks(rungs(daily(heard_at), Habits(zone, **habits), None), zone, "asked")


def test_somebody_who_logged_yesterday_morning_is_asked_this_morning_then_once_more_then_each_day():
    found = rungs(daily(local(LONDON, 2026, 6, 1, 8, 30)), Habits(LONDON), None)

    assert clocks(found, LONDON) == [
        ("asked", 2, "09:00"), ("gentle", 2, "11:00"), ("asked", 3, "09:00"), ("asked", 4, "09:00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (LONDON, (2026, 3, 28)),
        (LONDON, (2026, 10, 24)),
        (NEW_YORK, (2026, 3, 7)),
        (NEW_YORK, (2026, 10, 31)),
        (CHATHAM, (2026, 4, 4)),
        (CHATHAM, (2026, 9, 26)),
        (KATHMANDU, (2026, 3, 28)),
        (SYDNEY, (2026, 4, 4)),
    ],
)
@pytest.mark.parametrize("clock", [(0, 30), (8, 0), (12, 0), (23, 30)])
def test_the_reminder_of_the_day_stays_at_nine_when_the_clocks_change(zone, day, clock):
    """Also for somebody who logs late at night: 24 hours on would be another day."""
    shown = asked(zone, local(zone, *day, *clock))

    tomorrow = date(*day) + timedelta(days=1)
    assert shown[0] == ("asked", tomorrow.day, "09:00")
    assert {wall for _kind, _day, wall in shown} == {"09:00"}


def test_a_zone_of_45_minutes_has_its_own_nine_o_clock():
    (first, *_rest) = rungs(daily(local(KATHMANDU, 2026, 6, 1, 8, 0)), Habits(KATHMANDU), None)

    assert first.at == datetime(2026, 6, 2, 3, 15, tzinfo=UTC)


def test_a_traveller_is_asked_at_nine_where_they_are_and_not_where_they_were():
    heard_at = local(LONDON, 2026, 6, 1, 8, 0)

    at_home = rungs(daily(heard_at), Habits(LONDON), None)[0]
    abroad = rungs(daily(heard_at), Habits(NEW_YORK), None)[0]

    assert abroad.at - at_home.at == timedelta(hours=5)
    assert (abroad.kind, abroad.turn) == (at_home.kind, at_home.turn)


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("zone", [LONDON, KATHMANDU, CHATHAM])
@pytest.mark.parametrize("day", [(2026, 3, 28), (2026, 10, 24), (2026, 4, 4), (2026, 9, 26)])
def test_nobody_is_reminded_of_a_daily_log_at_night_and_no_reminder_lives_into_it(zone, hour, day):
    habits = Habits(zone)
    silence = daily(local(zone, *day, hour, 10))

    for found in (rungs(silence, habits, None), rungs(silence, habits, habits)):
        assert found
        for rung in found:
            assert not habits.is_quiet(rung.at)
            assert not habits.is_quiet(rung.expires_at - timedelta(seconds=1))


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize("morning", times.MORNINGS)
def test_the_first_reminder_comes_before_the_ward_is_told(hour, morning):
    silence = daily(local(LONDON, 2026, 6, 1, hour, 1))

    first = rungs(silence, Habits(LONDON, morning=morning, quiet_until=time(5)), None)[0]

    assert first.at < silence.due_at + timedelta(hours=12)


def test_whoever_logs_in_the_evening_is_asked_once_more_only_when_the_log_is_late():
    found = rungs(daily(local(LONDON, 2026, 6, 1, 19, 0)), Habits(LONDON), None)

    assert clocks(found, LONDON)[:2] == [("asked", 2, "09:00"), ("gentle", 2, "20:00")]


def test_a_carer_comes_after_the_patient_and_by_quiet_hours_of_their_own():
    silence = daily(local(LONDON, 2026, 6, 1, 8, 30))

    (usual,) = rungs(silence, Habits(LONDON), Habits(LONDON))
    (late_riser,) = rungs(silence, Habits(LONDON), Habits(LONDON, quiet_from=time(6), quiet_until=time(15)))

    assert clocks([usual], LONDON) == [("carer", 2, "13:00")]
    assert clocks([late_riser], LONDON) == [("carer", 2, "15:00")]


def test_in_a_watch_window_people_are_asked_every_twelve_hours_by_night_too():
    heard_at = local(LONDON, 2026, 10, 24, 14, 0)
    found = rungs(every(12, heard_at), Habits(LONDON), None)

    assert [rung.at - heard_at for rung in found[:3]] == [
        timedelta(hours=12), timedelta(hours=12.5), timedelta(hours=24),
    ]  # fmt: skip
    assert clocks(found[:1], LONDON) == [("asked", 25, "01:00")]


def test_after_an_urgent_alert_people_are_asked_every_four_hours_and_the_carer_an_hour_after():
    heard_at = local(LONDON, 2026, 6, 1, 20, 0)
    silence = every(4, heard_at)

    asked_at = [rung.at - heard_at for rung in rungs(silence, Habits(LONDON), None) if rung.kind == "asked"]
    (carer,) = rungs(silence, Habits(LONDON), Habits(LONDON))

    assert asked_at[:3] == [timedelta(hours=4), timedelta(hours=8), timedelta(hours=12)]
    assert carer.at - heard_at == timedelta(hours=5)
    assert carer.at < silence.due_at + timedelta(hours=2)


@pytest.mark.parametrize("hours", [4, 12, 24])
def test_a_silent_person_is_not_asked_for_ever(hours):
    silence = every(hours, local(LONDON, 2026, 6, 1, 9, 0))

    found = rungs(silence, Habits(LONDON), None)

    assert max(rung.expires_at for rung in found) <= silence.due_at + times.ASKED_FOR
    assert newest_due(found, silence.due_at + times.ASKED_FOR + timedelta(hours=1)) is None


@pytest.mark.parametrize("hours", [4, 12, 24])
def test_no_two_reminders_of_one_person_are_alive_at_once(hours):
    found = rungs(every(hours, local(LONDON, 2026, 10, 24, 22, 0)), Habits(LONDON), None)

    assert all(one.expires_at <= following.at for one, following in pairwise(found))


def test_who_was_away_gets_the_newest_and_nothing_of_before():
    silence = daily(local(LONDON, 2026, 6, 1, 8, 0))
    found = rungs(silence, Habits(LONDON), None)

    newest = newest_due(found, local(LONDON, 2026, 6, 4, 10, 0))

    assert clocks([newest], LONDON) == [("asked", 4, "09:00")]


def test_a_reminder_that_is_late_by_half_a_day_is_dropped():
    found = rungs(daily(local(LONDON, 2026, 6, 1, 8, 0)), Habits(LONDON), None)

    assert newest_due(found, local(LONDON, 2026, 6, 2, 23, 0)) is None


def test_quiet_hours_of_somebody_who_works_at_night_lie_in_the_day():
    habits = Habits(LONDON, quiet_from=time(8), quiet_until=time(16), morning=time(6))

    assert habits.is_quiet(local(LONDON, 2026, 6, 2, 9, 0))
    assert habits.out_of_quiet(local(LONDON, 2026, 6, 2, 9, 0)) == local(LONDON, 2026, 6, 2, 16, 0)
    assert not habits.is_quiet(local(LONDON, 2026, 6, 2, 23, 0))


def test_whoever_has_no_quiet_hours_is_never_put_off():
    habits = Habits(LONDON, quiet_from=time(0), quiet_until=time(0))
    night = local(LONDON, 2026, 6, 2, 0, 0)

    assert habits.out_of_quiet(night) == night
    assert habits.next_quiet(night) is None
