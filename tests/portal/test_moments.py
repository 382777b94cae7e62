from datetime import UTC, date, datetime, time

import pytest

from apps.portal.forms.moments import MomentForm, meanings

LONDON = "Europe/London"
AFTER_BOTH = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def form(at: datetime = AFTER_BOTH, zone: str = LONDON, **sent: str) -> MomentForm:
    return MomentForm({"when": "earlier", **sent}, at=at, zone=zone)


def test_now_is_the_clock_of_the_request():
    filled_in = MomentForm({"when": "now"}, at=AFTER_BOTH, zone=LONDON)

    assert filled_in.is_valid()
    assert filled_in.cleaned_data["moment"] == AFTER_BOTH


def test_an_earlier_time_is_by_the_patients_own_clock():
    filled_in = form(zone="Asia/Kathmandu", day="2026-11-20", clock="08:00")

    assert filled_in.is_valid()
    assert filled_in.cleaned_data["moment"] == datetime(2026, 11, 20, 2, 15, tzinfo=UTC)


def test_a_time_that_the_clocks_jumped_over_is_refused_with_the_reason():
    filled_in = form(day="2026-03-29", clock="01:30")

    assert not filled_in.is_valid()
    assert "did not exist" in filled_in.errors["clock"][0]


def test_a_time_that_came_twice_is_asked_about():
    filled_in = form(day="2026-10-25", clock="01:30")

    assert not filled_in.is_valid()
    assert filled_in.comes_twice
    assert "came twice" in filled_in.errors["which"][0]


@pytest.mark.parametrize(("which", "hour"), [("first", 0), ("second", 1)])
def test_the_answer_settles_which_of_the_two_times_it_was(which, hour):
    filled_in = form(day="2026-10-25", clock="01:30", which=which)

    assert filled_in.is_valid()
    assert filled_in.cleaned_data["moment"] == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_the_second_of_two_times_may_still_lie_ahead():
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)

    assert form(at=between, day="2026-10-25", clock="01:30", which="first").is_valid()
    assert not form(at=between, day="2026-10-25", clock="01:30", which="second").is_valid()


def test_a_time_that_has_not_come_is_refused():
    filled_in = form(day="2026-11-20", clock="12:01")

    assert not filled_in.is_valid()
    assert "not come yet" in filled_in.errors["clock"][0]


def test_earlier_needs_a_date_and_a_time():
    assert "clock" in form(day="2026-11-20").errors
    assert "clock" in form(clock="10:00").errors


@pytest.mark.parametrize(
    ("zone", "day", "clock", "count"),
    [
        (LONDON, date(2026, 10, 25), time(2, 0), 1),
        (LONDON, date(2026, 10, 25), time(1, 0), 2),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), 2),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), 0),
        ("Pacific/Apia", date(2011, 12, 30), time(12, 0), 0),
    ],
)
def test_clock_changes_of_all_kinds_are_known(zone, day, clock, count):
    assert len(meanings(day, clock, zone)) == count
