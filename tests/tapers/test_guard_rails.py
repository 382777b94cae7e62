from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from apps.tapers.courses.steps import StepInput
from apps.tapers.guard_rails import GUARD_RAILS, Before, check_guard_rails, with_site_limits
from tests.tapers.plans import steps_of_doses

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)


def broken(steps, kind="revise", before=None, rails=GUARD_RAILS, effective_at=MONDAY):
    known = {} if before is None else {"oral": Before(Decimal(before), Decimal(max(before, 60)))}
    found = check_guard_rails(steps=steps, effective_at=effective_at, kind=kind, before=known, rails=rails)
    return [(breach.code, breach.value) for breach in found]


def codes(*given, **more):
    return [code for code, _value in broken(*given, **more)]


def taper(*doses, days=7):
    return steps_of_doses(doses, starts_at=MONDAY, days=days)


def test_a_slow_hyperbolic_taper_breaks_nothing():
    assert broken(taper(60, 50, 40, 32, 25, 20, 16, 13, 10, 8, 7, 6, 5, 0)) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (60, 46, []),
        (60, 45, ["large_step"]),
        (60, 41, ["large_step"]),
        (100, 67, ["step_above_limit"]),
        (60, 40, ["step_above_limit"]),
        (60, 60, []),
        (40, 60, []),
    ],
)
def test_a_step_is_measured_against_the_dose_before_it(old, new, found):
    assert codes(taper(old, new)) == found


def test_the_first_step_is_measured_against_what_is_given_now():
    assert broken(taper(30), before=60) == [("step_above_limit", "50 %")]
    assert broken(taper(50), before=60) == []


@pytest.mark.parametrize(
    ("steps", "kind"), [(taper(0), "revise"), ([], "stop"), (taper(0), "stop"), ([], "transfer")]
)
def test_from_a_dose_to_nothing_is_an_abrupt_stop(steps, kind):
    assert broken(steps, kind, before=60) == [("abrupt_stop", "from 60 mg/day to nothing")]


def test_the_last_step_of_a_taper_is_measured_against_its_highest_dose():
    assert codes(taper(0), before=15) == []
    assert codes(taper(0), before=20) == ["abrupt_stop"]
    assert codes(taper(0), "stop", before=15) == ["abrupt_stop"]


def test_a_stop_where_nothing_is_given_breaks_nothing():
    assert broken([], "stop", before=0) == []


def test_steps_that_come_too_close_are_measured_together():
    assert "week_above_limit" in codes(taper(60, 50, 40, 31, 24, days=2))
    assert "week_above_limit" not in codes(taper(60, 50, 40, 31, 24, days=7))


def test_a_taper_shorter_than_a_week_is_too_short():
    assert ("plan_too_short", "6.0 days") in broken(taper(60, 48, 38, 30, 24, 19, 15, 0, days=1))
    assert "plan_too_short" not in codes(taper(60, 48, 38, 30, 24, 19, 15, 13, 0, days=1))


def test_a_gap_in_the_middle_is_found_and_one_before_the_first_step_too():
    first, second = taper(60, 50)
    gapped = [first, StepInput("oral", second.starts_at + DAY, None, Decimal(50), "mg/day", second.times_of_day)]

    assert codes(gapped) == ["gap_in_plan"]
    assert codes(steps_of_doses([60], starts_at=MONDAY + DAY), before=60) == ["gap_in_plan"]


def test_a_dose_that_is_given_back_breaks_nothing():
    assert broken(taper(60), "reinstate", before=20) == []
    assert broken(taper(60), "step_back", before=0) == []


def test_a_step_that_ended_before_the_plan_takes_effect_does_not_count():
    past = steps_of_doses([100, 50], starts_at=MONDAY - 7 * DAY)

    assert broken(past, before=50) == []


def test_a_limit_of_the_site_takes_the_place_of_ours_and_names_its_source():
    rails = with_site_limits({"step_above_limit": (Decimal("0.15"), "Pharmacy committee, May 2026")})

    [breach] = check_guard_rails(steps=taper(60, 50), effective_at=MONDAY, kind="revise", before={}, rails=rails)

    assert (breach.code, breach.value, breach.limit) == ("step_above_limit", "17 %", "below 15 %")
    assert (breach.source, breach.tag) == ("Pharmacy committee, May 2026", "site setting")
    assert breach.text == (
        "One step takes too large a part of the dose: 17 % (limit: below 15 %; site setting, "
        "Pharmacy committee, May 2026)."
    )


def test_every_guard_rail_names_its_source_and_whether_it_is_published():
    for rail in GUARD_RAILS.values():
        assert rail.source
        assert rail.tag in ("published", "project choice")


def test_a_rise_is_shown_and_holds_nobody_up():
    [breach] = check_guard_rails(
        steps=taper(600, 590),
        effective_at=MONDAY,
        kind="revise",
        before={"oral": Before(Decimal(60), Decimal(80))},
        rails=GUARD_RAILS,
    )

    assert (breach.code, breach.value, breach.is_refusal) == ("dose_rises", "60 → 600 mg/day", False)


@pytest.mark.parametrize("kind", ["reinstate", "step_back"])
def test_a_dose_given_back_is_only_noted_above_all_that_was_given_before(kind):
    assert codes(taper(60), kind, before=20) == []
    assert codes(taper(61), kind, before=20) == ["dose_rises"]
