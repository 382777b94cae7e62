"""Limits that depend on the person: age, sleep, doses a day, and the usual pressure in spinal injury."""

from math import isnan

import pytest

from apps.rules.settings import BandRow
from apps.rules.values import AgeBand, ChildLimit, Limit, LimitTable, LowBaseline, is_adult

BANDS = (
    AgeBand("baby", 0.0, 1.0, {"hr_awake_high": 180.0, "hr_asleep_high": 160.0}),
    AgeBand("school", 1.0, 12.0, {"hr_awake_high": 120.0, "hr_asleep_high": 100.0}),
)
PULSE = Limit("pulse", 131.0, "pulse", child=ChildLimit("hr_awake_high", 1.5))
WAIT = Limit("wait", 8.0, "wait", once_daily=24.0)
PRESSURE = Limit(
    "pressure", 90.0, "pressure", low_baseline=LowBaseline("sbp", below=100.0, minus=20.0, floor=70.0)
)
TABLE = LimitTable((PULSE, WAIT, PRESSURE, Limit("plain", 5.0, "plain")), BANDS)


def _limits(
    population: str = "adult",
    age: float | None = 40.0,
    *,
    asleep: bool = False,
    once_daily: bool = False,
    spinal: bool = False,
    usual: float | None = None,
) -> dict[str, float]:
    return TABLE.resolve(
        population=population,
        age_years=age,
        asleep=asleep,
        once_daily=once_daily,
        spinal_injury=spinal,
        baseline={} if usual is None else {"sbp": usual},
    )


@pytest.mark.parametrize(
    ("population", "age", "adult"),
    [("adult", None, True), ("child", None, False), ("child", 16.0, True), ("adult", 15.9, False)],
)
def test_the_age_decides_who_is_an_adult_and_the_population_only_where_no_age_is_known(
    population: str, age: float | None, adult: bool
) -> None:
    assert is_adult(population, age) is adult


@pytest.mark.parametrize(
    ("population", "age", "asleep", "pulse"),
    [
        ("adult", 40.0, False, 131.0),
        ("adult", 40.0, True, 131.0),
        ("adult", None, False, 131.0),
        ("child", 16.0, False, 131.0),
        ("child", 0.0, False, 270.0),
        ("child", 0.99, True, 240.0),
        ("child", 1.0, False, 180.0),
        ("child", 11.9, True, 150.0),
        ("newborn", None, False, 270.0),
        ("infant", None, False, 270.0),
    ],
)
def test_a_child_has_the_limit_of_its_age_and_of_sleep(
    population: str, age: float | None, asleep: bool, pulse: float
) -> None:
    # Asked of one table in any order: what was resolved for one person never serves another.
    assert _limits(population, age, asleep=asleep)["pulse"] == pulse


def test_the_limit_of_a_child_whose_age_is_not_known_or_in_no_band_is_unknown() -> None:
    assert isnan(_limits("child", None)["pulse"])
    assert isnan(_limits("child", 12.0)["pulse"])
    assert _limits("child", None)["plain"] == 5.0


@pytest.mark.parametrize(
    ("population", "age", "band"),
    [("newborn", None, "baby"), ("infant", None, "baby"), ("child", None, None), ("child", 1.0, "school"), ("child", 12.0, None)],
)  # fmt: skip
def test_a_band_holds_from_its_first_year_to_just_before_its_last(
    population: str, age: float | None, band: str | None
) -> None:
    found = TABLE.band(population, age)

    assert (found.name if found else None) == band


def test_a_newborn_and_an_infant_without_an_age_are_in_different_bands_of_the_first_year() -> None:
    halves = (AgeBand("first", 0.0, 0.25, {}), AgeBand("second", 0.5, 0.75, {}))
    table = LimitTable((), halves)

    assert [band and band.name for band in (table.band("newborn", None), table.band("infant", None))] == [
        "first",
        "second",
    ]


def test_one_dose_a_day_has_a_limit_of_its_own() -> None:
    assert _limits(once_daily=True)["wait"] == 24.0
    assert _limits()["wait"] == 8.0
    assert _limits(once_daily=True)["plain"] == 5.0


@pytest.mark.parametrize(
    ("spinal", "usual", "pressure"),
    [
        (True, 99.0, 79.0), (True, 85.0, 70.0), (True, 100.0, 90.0), (True, 130.0, 90.0), (True, None, 90.0), (False, 85.0, 90.0),
    ],
)  # fmt: skip
def test_a_usual_low_pressure_counts_in_spinal_injury_alone(
    spinal: bool, usual: float | None, pressure: float
) -> None:
    assert _limits(spinal=spinal, usual=usual)["pressure"] == pressure


@pytest.mark.parametrize(
    ("limit", "fixed"), [(PULSE, False), (WAIT, False), (PRESSURE, False), (Limit("plain", 5.0, "plain"), True)]
)
def test_a_limit_that_depends_on_nobody_is_fixed(limit: Limit, fixed: bool) -> None:
    assert limit.is_fixed is fixed


@pytest.mark.parametrize(("value", "points"), [(8, 3), (8.1, 1), (11, 1), (11.1, 0), (20, 0), (20.1, 2), (99, 2)])
def test_a_value_scores_by_the_first_band_that_reaches_it(value: float, points: int) -> None:
    assert BandRow((8.0, 11.0, 20.0), (3, 1, 0, 2)).score(value) == points
