"""NEWS2 as printed by the Royal College of Physicians (2017), band by band, and the day score counted from it."""

from math import isnan, nan
from typing import Any

import pytest

from apps.rules.catalogue import load
from apps.rules.news2 import PARAMETERS, News2Points, count_news2, rise_since
from apps.rules.score import DayScore, ScoreBook
from apps.rules.types import LogFacts, Reporter, VitalSign
from tests.rules.scenes import CATALOGUE

SETTINGS = load(CATALOGUE).frame.settings
USUAL = {
    "respiratory_rate_bpm": 16.0,
    "spo2_percent": 98.0,
    "bp_systolic_mmhg": 120.0,
    "heart_rate_bpm": 70.0,
    "temperature_c": 37.0,
}


def _news2(
    *, oxygen: float = 0.0, avpu: float = 0.0, confused: bool = False, scale_2: bool = False, **readings: float
) -> News2Points:
    return count_news2(
        {**USUAL, **readings}, oxygen=oxygen, avpu=avpu, confused=confused, scale_2=scale_2, table=SETTINGS.news2
    )


@pytest.mark.parametrize(
    ("sign", "steps"),
    [
        ("respiratory_rate_bpm", [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)]),
        ("spo2_percent", [(91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0)]),
        ("bp_systolic_mmhg", [(90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)]),
        ("heart_rate_bpm", [(40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3)]),
        ("temperature_c", [(35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2)]),
    ],
)  # fmt: skip
def test_each_parameter_scores_as_on_the_chart(sign: str, steps: list[tuple[float, int]]) -> None:
    for value, points in steps:
        found = _news2(**{sign: value})
        assert (found.points[sign], found.low, found.high) == (points, points, points), value
        assert (found.worst_low, found.worst_high) == (points, points)


@pytest.mark.parametrize(
    ("value", "oxygen", "points"),
    [
        (83, 0.0, 3), (84, 0.0, 2), (86, 0.0, 1), (88, 0.0, 0), (92, 0.0, 0), (93, 0.0, 0), (97, 0.0, 0),
        (83, 1.0, 3), (84, 1.0, 2), (86, 1.0, 1), (88, 1.0, 0), (92, 1.0, 0), (93, 1.0, 1), (95, 1.0, 2), (97, 1.0, 3),
        (83, nan, 3), (92, nan, 0), (97, nan, None),
    ],
)  # fmt: skip
def test_scale_2_needs_to_know_of_oxygen_only_above_its_target(
    value: float, oxygen: float, points: int | None
) -> None:
    assert _news2(spo2_percent=value, oxygen=oxygen, scale_2=True).points.get("spo2_percent") == points


def test_oxygen_and_any_change_of_consciousness_score_as_printed() -> None:
    assert _news2(oxygen=1.0).points["oxygen_given"] == 2
    assert _news2(oxygen=0.0).points["oxygen_given"] == 0
    assert "oxygen_given" not in _news2(oxygen=nan).points
    assert [_news2(avpu=avpu).points["consciousness"] for avpu in (0.0, 1.0, 2.0, 3.0)] == [0, 3, 3, 3]
    assert _news2(confused=True).points["consciousness"] == 3
    assert _news2(avpu=nan, confused=True).points["consciousness"] == 3
    assert "consciousness" not in _news2(avpu=nan).points


def test_what_was_not_measured_bounds_the_total_and_is_named() -> None:
    whole = _news2(heart_rate_bpm=131.0)
    partly = count_news2(
        {"heart_rate_bpm": 95.0}, oxygen=nan, avpu=nan, confused=False, scale_2=False, table=SETTINGS.news2
    )
    only_oxygen_open = _news2(oxygen=nan, heart_rate_bpm=95.0)
    nothing = count_news2({"ck": 1.0}, oxygen=nan, avpu=nan, confused=False, scale_2=False, table=SETTINGS.news2)

    assert whole.answer is not None
    assert (whole.answer.total, whole.answer.missing, whole.answer.complete) == (3, (), True)
    assert dict(whole.answer.points) == whole.points
    assert partly.answer is not None
    assert (partly.low, partly.high, partly.worst_low, partly.worst_high) == (1, 1 + 5 * 3 + 2, 1, 3)
    assert partly.answer.missing == tuple(name for name in PARAMETERS if name != "heart_rate_bpm")
    assert (only_oxygen_open.low, only_oxygen_open.high, only_oxygen_open.worst_high) == (1, 3, 1)
    assert nothing.answer is None
    assert (nothing.low, nothing.high, nothing.worst_low, nothing.worst_high) == (0, 20, 0, 3)


def _log(at: float, **readings: float) -> LogFacts:
    return LogFacts(
        f"at-{at}", at, Reporter.STAFF, {}, {sign: VitalSign(value) for sign, value in readings.items()}
    )


def test_a_rise_is_over_what_was_measured_both_times_and_the_newest_of_the_earlier_counts() -> None:
    now = dict(_news2(heart_rate_bpm=131.0, temperature_c=39.1).points)

    def rise(*logs: LogFacts, scale_2: bool = False) -> float:
        return rise_since(logs, now, scale_2=scale_2, table=SETTINGS.news2)

    assert isnan(rise())
    assert rise(_log(2, heart_rate_bpm=91.0)) == 2.0
    assert rise(_log(2, heart_rate_bpm=111.0), _log(1, heart_rate_bpm=70.0)) == 1.0
    assert rise(_log(2, heart_rate_bpm=111.0), _log(1, temperature_c=37.0)) == 1.0 + 2.0
    assert rise(_log(2, spo2_percent=91.0)) == -3.0
    assert rise(_log(2, spo2_percent=91.0), scale_2=True) == 0.0
    assert isnan(rise(_log(2, spo2_percent=97.0), scale_2=True))


ITEMS = {"autonomic": 0b001, "cognition": 0b010, "sleep": 0b100}
BOOK = ScoreBook([(domain, bits, SETTINGS.score.weights[domain]) for domain, bits in ITEMS.items()], SETTINGS)
WEIGHTS = SETTINGS.score.weights


def _day(latest: dict[str, float] | None = None, *, adult: bool = True, **grades: int) -> DayScore:
    masks = [sum(ITEMS[domain] for domain, grade in grades.items() if grade >= least) for least in (1, 2, 3, 4)]
    known = sum(ITEMS[domain] for domain in grades)
    return BOOK.count((masks[0], masks[1], masks[2], masks[3], known), latest or {}, adult=adult)


@pytest.mark.parametrize("grade", [0, 1, 2, 3, 4])
def test_a_domain_counts_its_highest_grade_by_its_weight_and_what_is_open_bounds_the_score(grade: int) -> None:
    found = _day(cognition=grade)

    assert found.domains == {"cognition": grade}
    assert found.low == WEIGHTS["cognition"] * grade
    assert found.high == found.low + 4 * (WEIGHTS["autonomic"] + WEIGHTS["sleep"])
    assert found.unanswered == ("autonomic", "sleep")


@pytest.mark.parametrize(
    ("readings", "points"),
    [
        ({"heart_rate_bpm": 90.0}, 0), ({"heart_rate_bpm": 91.0}, 1), ({"heart_rate_bpm": 111.0}, 2), ({"heart_rate_bpm": 131.0}, 3),
        ({"heart_rate_bpm": 40.0}, 0), ({"respiratory_rate_bpm": 8.0}, 0), ({"respiratory_rate_bpm": 25.0}, 3),
        ({"temperature_c": 35.0}, 0), ({"temperature_c": 38.1}, 1), ({"temperature_c": 39.1}, 2),
        ({"bp_systolic_mmhg": 90.0}, 0), ({"bp_systolic_mmhg": 220.0}, 3),
        ({"heart_rate_bpm": 91.0, "temperature_c": 39.1, "bp_systolic_mmhg": 120.0}, 2),
        ({"spo2_percent": 80.0}, None),
    ],
)  # fmt: skip
def test_only_high_readings_enter_the_autonomic_domain_and_the_worst_counts(
    readings: dict[str, float], points: int | None
) -> None:
    mapped = SETTINGS.score.mapped_points

    assert _day(readings).domains.get("autonomic") == (None if points is None else mapped[points])


def test_readings_enter_the_score_of_adults_only_and_never_lower_what_was_answered() -> None:
    high = {"heart_rate_bpm": 111.0}

    assert _day(high, adult=False).domains == {}
    assert _day({"heart_rate_bpm": 70.0}, autonomic=3).domains == {"autonomic": 3}
    assert _day(high, autonomic=0).domains["autonomic"] == SETTINGS.score.mapped_points[2]
    assert "cognition" not in _day(high).domains


def test_a_rise_is_over_the_domains_answered_on_both_days() -> None:
    assert isnan(BOOK.rise_between(_day(), _day()))
    assert isnan(BOOK.rise_between(_day(sleep=1), _day(cognition=2)))
    assert BOOK.rise_between(_day(cognition=1), _day(cognition=3)) == 2 * WEIGHTS["cognition"]
    assert BOOK.rise_between(_day(cognition=3, sleep=1), _day(cognition=1)) == -2 * WEIGHTS["cognition"]
    assert (
        BOOK.rise_between(_day(cognition=1, sleep=1, autonomic=4), _day(cognition=2, sleep=4))
        == WEIGHTS["cognition"] + 3 * WEIGHTS["sleep"]
    )


def _book_of(logs: list[dict[str, Any]], *, adult: bool = True) -> DayScore:
    frame = load(CATALOGUE).frame
    facts = [
        LogFacts(f"{place}", float(place), Reporter.STAFF, each.get("a", {}), {k: VitalSign(v) for k, v in each.get("v", {}).items()})
        for place, each in enumerate(logs)
    ]  # fmt: skip
    return frame.scores.of_logs(facts, frame.reader, adult=adult)


def test_the_score_of_some_logs_takes_the_highest_grade_and_the_newest_reading() -> None:
    by_place = [
        _book_of([{"a": {"confusion": grade}}, {"a": {"confusion": 4 - grade}}]).domains["cognition"]
        for grade in range(5)
    ]
    newest_first = [{"v": {"heart_rate_bpm": 91.0}}, {"v": {"heart_rate_bpm": 131.0}}]

    assert by_place == [4, 3, 2, 3, 4]
    assert _book_of(newest_first).domains == {"autonomic": SETTINGS.score.mapped_points[1]}
    assert _book_of(newest_first, adult=False).domains == {}
    assert _book_of([{"a": {"confusion": 0}}, {"a": {"insomnia": 1}}]).domains == {"cognition": 0, "sleep": 1}
    assert _book_of([]).domains == {}
