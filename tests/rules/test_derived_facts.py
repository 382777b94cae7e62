"""Facts that rules ask for by name, at the edges of their windows and with what they need unknown."""

from math import isnan
from typing import Any

import pytest

from apps.rules.catalogue import load
from apps.rules.context import Context
from apps.rules.engine import context_of
from tests.rules.scenes import CATALOGUE, scene

C = load(CATALOGUE)
READING = C.frame.settings.reading
CHILD = {"age": 8.0, "population": "child"}


def _context(**words: Any) -> Context:
    return context_of(C, scene(**words))


def _happened(change: dict[str, Any], **asked: Any) -> bool:
    usual: dict[str, Any] = {
        "kinds": ("pump_alarm",), "within": None, "still": False, "unplanned": False, "route": None, "tones": (),
        "ml_above": None, "ml_at_most": None, "ml_unknown": False,
    }  # fmt: skip
    return _context(a={}, changes=[{"kind": "pump_alarm", "h": 10, **change}]).event(*{**usual, **asked}.values())


@pytest.mark.parametrize(
    ("change", "asked", "happened"),
    [
        ({}, {}, True),
        ({"kind": "mri"}, {}, False),
        ({"kind": "mri"}, {"kinds": ("pump_alarm", "mri")}, True),
        ({"h": 0}, {}, True),
        ({"h": -0.1}, {}, False),
        ({"h": 5_000}, {}, True),
        ({"h": 24}, {"within": 24.0}, True),
        ({"h": 24.1}, {"within": 24.0}, False),
        ({"planned": True}, {"unplanned": True}, False),
        ({"planned": True}, {}, True),
        ({"planned": False}, {"unplanned": True}, True),
        ({}, {"unplanned": True}, True),
        ({"route": "oral"}, {"route": "intrathecal"}, False),
        ({"route": "oral"}, {"route": "oral"}, True),
        ({}, {"route": "oral"}, True),
        ({"tone": "two_tone"}, {"tones": ("two_tone",)}, True),
        ({"tone": "single_tone"}, {"tones": ("two_tone",)}, False),
        ({}, {"tones": ("two_tone",)}, False),
        ({}, {"tones": ("two_tone", "unknown")}, True),
        ({"reservoir_ml": 2.0}, {"ml_unknown": True}, False),
        ({}, {"ml_unknown": True}, True),
        ({"reservoir_ml": 2.0}, {"ml_above": 2.0}, False),
        ({"reservoir_ml": 2.1}, {"ml_above": 2.0}, True),
        ({}, {"ml_above": 2.0}, False),
        ({"reservoir_ml": 2.0}, {"ml_at_most": 2.0}, True),
        ({"reservoir_ml": 2.1}, {"ml_at_most": 2.0}, False),
        ({}, {"ml_at_most": 2.0}, False),
        ({"ended_h": 5}, {"still": True}, False),
        ({"ended_h": 5}, {}, True),
        ({}, {"still": True}, True),
    ],
)
def test_an_event_is_found_by_all_that_is_asked_of_it(
    change: dict[str, Any], asked: dict[str, Any], happened: bool
) -> None:
    assert _happened(change, **asked) is happened


def test_every_event_is_looked_at() -> None:
    changes = [{"kind": "mri", "h": 5}, {"kind": "pump_alarm", "h": 50}, {"kind": "pump_alarm", "h": 3}]
    asked = (("pump_alarm",), 24.0, False, False, None, (), None, None, False)

    assert _context(a={}, changes=changes).event(*asked)
    assert not _context(a={}, changes=changes[:2]).event(*asked)
    assert not _context(a={}).event(*asked)


@pytest.mark.parametrize(
    ("person", "adult", "under_18", "baby"),
    [
        ({"age": 40.0}, True, 0.0, False),
        ({"age": 17.9}, True, 1.0, False),
        ({"age": 18.0}, True, 0.0, False),
        ({"age": 15.9, "population": "child"}, False, 1.0, False),
        ({"age": None}, True, 0.0, False),
        ({"age": None, "population": "child"}, False, 1.0, False),
        ({"age": None, "population": "infant"}, False, 1.0, True),
        ({"age": 0.1, "population": "newborn"}, False, 1.0, True),
    ],
)
def test_age_and_population_tell_who_is_young(
    person: dict[str, Any], adult: bool, under_18: float, baby: bool
) -> None:
    found = _context(a={}, person=person)

    assert (found.adult, found.under_18, found.baby) == (adult, under_18, baby)


def test_only_a_newborn_whose_birth_is_on_record_was_treated_in_the_womb() -> None:
    born = [{"kind": "birth", "h": 0}]

    assert _context(a={}, person={"population": "newborn"}, changes=born).treated_in_womb
    assert not _context(a={}, person={"population": "newborn"}).treated_in_womb
    assert not _context(a={}, person={"population": "newborn"}, changes=[{"kind": "mri", "h": 1}]).treated_in_womb
    assert not _context(
        a={}, person={"population": "newborn"}, changes=[{"kind": "birth", "h": -1}]
    ).treated_in_womb
    assert not _context(a={}, person={"population": "infant"}, changes=born).treated_in_womb


def test_lengths_of_use_and_of_the_taper_are_those_of_the_plan_or_unknown() -> None:
    known = _context(a={}, plan={"use_days": 0, "total_days": 45})
    unknown = [_context(a={}, plan=None), _context(a={}, plan={"use_days": None, "total_days": None})]

    assert (known.use_days, known.taper_days) == (0.0, 45.0)
    assert all(isnan(each.use_days) and isnan(each.taper_days) for each in unknown)


@pytest.mark.parametrize(
    ("now", "usual", "found"),
    [("V", "A", 1.0), ("V", "V", 0.0), ("P", "V", 2.0), ("V", "P", 0.0), ("A", "A", 0.0)],
)
def test_consciousness_no_lower_than_usual_is_not_new(now: str, usual: str, found: float) -> None:
    context = _context(a={"reduced_consciousness": now}, baseline={"reduced_consciousness": usual})

    assert context.new_avpu == found


def test_consciousness_that_nobody_looked_at_is_unknown() -> None:
    assert isnan(_context(a={}).new_avpu)


def _ck(**readings: float) -> float:
    return _context(a={}, v=readings).ck_times_limit


def test_creatine_kinase_is_told_in_times_of_its_own_upper_limit() -> None:
    usual = READING.ck_upper_limit_default

    assert _ck(creatine_kinase_iu_l=900.0, creatine_kinase_upper_limit_iu_l=300.0) == 3.0
    assert _ck(creatine_kinase_iu_l=900.0) == 900.0 / usual
    assert isnan(_ck(creatine_kinase_upper_limit_iu_l=300.0))
    assert isnan(_ck())


@pytest.mark.parametrize("past", [False, True])
def test_creatine_kinase_and_its_limit_count_within_their_window(past: bool) -> None:
    hours = READING.ck_window_hours + (0.5 if past else 0.0)
    readings = {"creatine_kinase_iu_l": 900.0, "creatine_kinase_upper_limit_iu_l": 300.0}
    late = _context(a={}, past=[{"h": hours, "v": readings}])
    only_limit = _context(
        a={}, v={"creatine_kinase_iu_l": 900.0}, past=[{"h": hours, "v": {"creatine_kinase_upper_limit_iu_l": 300.0}}]
    )  # fmt: skip

    assert isnan(late.ck_times_limit) if past else late.ck_times_limit == 3.0
    assert only_limit.ck_times_limit == (900.0 / READING.ck_upper_limit_default if past else 3.0)


def test_the_dates_of_a_pump_are_told_in_hours_from_now() -> None:
    pump = {"refill_in": 36.0, "low_in": -5.0, "service_in": 100.0}
    found, unknown = _context(a={}, pump=pump), _context(a={})

    assert (found.hours_to_refill, found.hours_past_low_reservoir, found.hours_past_service) == (36.0, 5.0, -100.0)
    assert isnan(found.refill_not_booked)
    assert all(map(isnan, (unknown.hours_to_refill, unknown.hours_past_low_reservoir, unknown.hours_past_service)))
    assert [_context(a={}, pump={"booked": booked}).refill_not_booked for booked in (True, False)] == [0.0, 1.0]
    assert isnan(unknown.refill_not_booked)


SIGNS = (("heart_rate_bpm", "hr"), ("respiratory_rate_bpm", "rr"), ("bp_systolic_mmhg", "sbp"))


@pytest.mark.parametrize(("sign", "column"), SIGNS)
def test_a_child_s_sign_is_out_of_range_beyond_either_end_and_may_be_when_not_measured(
    sign: str, column: str
) -> None:
    limits = _context(a={}, person=CHILD).limits
    low, high = limits[f"child_{column}_low"], limits[f"child_{column}_high"]

    def found(value: float) -> tuple[float, float]:
        return _context(a={}, person=CHILD, v={sign: value}).out_of_range

    assert [found(value) for value in (low - 1, low, high, high + 1)] == [
        (1.0, 3.0),
        (0.0, 2.0),
        (0.0, 2.0),
        (1.0, 3.0),
    ]


def test_all_three_signs_of_a_child_are_counted_and_none_of_an_adult() -> None:
    wild = {sign: 300.0 for sign, _ in SIGNS}

    assert _context(a={}, person=CHILD, v=wild).out_of_range == (3.0, 3.0)
    assert _context(a={}, v=wild).out_of_range == (0.0, 0.0)
    assert _context(a={}, person={"age": None, "population": "child"}, v=wild).out_of_range == (0.0, 3.0)


def test_new_signs_are_withdrawal_items_of_grade_2_that_rose_by_2() -> None:
    def found(usual: dict[str, int] | None = None, **answers: Any) -> tuple[float, float]:
        return _context(a=answers, baseline=usual or {}).new_signs

    assert found() == (0.0, 0.0)
    assert found(confusion=1, tremor=0) == (0.0, 0.0)
    assert found(confusion=2) == (1.0, 2)
    assert found(confusion=2, anxiety=3, tremor=1) == (2.0, 3)
    assert found({"confusion": 1}, confusion=2) == (0.0, 0.0)
    assert found({"confusion": 1}, confusion=3) == (1.0, 3)
    assert found({"confusion": 2}, confusion=4) == (1.0, 4)
    assert found(somnolence=4, hypotonia=4) == (0.0, 0.0)
    assert found(confusion="refused") == (0.0, 0.0)


def test_the_worst_sign_is_the_highest_grade_of_a_withdrawal_item() -> None:
    assert _context(a={"confusion": 1, "anxiety": 3, "somnolence": 4}).worst_sign == 3
    assert _context(a={"somnolence": 4}).worst_sign == 0.0


@pytest.mark.parametrize(
    ("hours", "rise"), [(23.9, None), (24.0, None), (24.1, 2.0), (47.9, 2.0), (48.0, 2.0), (48.1, None)]
)
def test_news2_and_the_day_score_rise_over_the_day_before(hours: float, rise: float | None) -> None:
    before = [{"h": hours, "a": {"insomnia": 1}, "v": {"heart_rate_bpm": 70}}]
    found = _context(a={"insomnia": 3}, v={"heart_rate_bpm": 120}, past=before)

    assert isnan(found.news2_rise) if rise is None else found.news2_rise == 2.0
    # What is answered 24 hours ago still belongs to today's window and to no day before.
    autonomic = C.frame.settings.score.weights["autonomic"] * C.frame.settings.score.mapped_points[2]
    assert isnan(found.score_rise) if rise is None else found.score_rise == rise + autonomic


def test_the_newest_reading_of_the_day_before_is_the_one_that_news2_rises_over() -> None:
    before = [{"h": 30, "v": {"heart_rate_bpm": 111}}, {"h": 40, "v": {"heart_rate_bpm": 70}}]

    assert _context(a={}, v={"heart_rate_bpm": 131}, past=before).news2_rise == 3.0 - 2.0


def test_news2_does_not_rise_in_a_child_or_without_a_reading() -> None:
    before = [{"h": 30, "v": {"heart_rate_bpm": 70}}]

    assert isnan(_context(a={}, v={"heart_rate_bpm": 120}, past=before, person=CHILD).news2_rise)
    assert isnan(_context(a={"insomnia": 1}, past=before).news2_rise)
    assert _context(a={}, v={"heart_rate_bpm": 120}, past=before, person=CHILD).news2.answer is None


def test_a_day_score_without_any_grade_has_not_risen_and_one_without_answers_is_unknown() -> None:
    assert _context(a={"insomnia": 0}).score_rise == 0.0
    assert isnan(_context(a={}).score_rise)
    assert isnan(_context(a={"insomnia": 1}).score_rise)
    assert isnan(_context(a={"insomnia": 1}, past=[{"h": 30, "a": {"tremor": 1}}]).score_rise)


def test_the_rise_at_the_log_before_is_asked_only_where_the_score_rises_now() -> None:
    earlier = [{"h": 45, "a": {"insomnia": 1}}, {"h": 30, "a": {"insomnia": 1}}]

    def rise_before(now: int, then: int) -> float:
        return _context(a={"insomnia": now}, past=[{"h": 2, "a": {"insomnia": then}}, *earlier]).score_rise_before

    assert rise_before(4, 3) == 2.0
    assert rise_before(4, 1) == 0.0
    assert rise_before(2, 0) == 0.0
    assert isnan(rise_before(1, 1))
    assert isnan(_context(a={"insomnia": 4}).score_rise_before)
    assert _context(a={"insomnia": 4}, past=[{"h": 30, "a": {"insomnia": 0}}]).score_rise_before == 0.0


def test_the_day_of_the_log_before_ends_with_that_log_and_begins_24_hours_earlier() -> None:
    usual = [{"h": 40, "a": {"insomnia": 0, "anxiety": 0}}]

    def rise_before(*past: dict[str, Any]) -> float:
        return _context(a={"insomnia": 4}, past=[{"h": 2, "a": {"insomnia": 1}}, *past, *usual]).score_rise_before

    weight = C.frame.settings.score.weights["neuropsychiatric"]
    assert rise_before() == 1.0
    assert rise_before({"h": 26, "a": {"anxiety": 2}}) == 1.0 + 2 * weight
    assert rise_before({"h": 26.1, "a": {"anxiety": 2}}) == 1.0
    assert rise_before({"h": 26.1, "a": {"insomnia": 3}}) == 1.0 - 3.0


@pytest.mark.parametrize(("item", "rise", "points"), [("confusion", 0, 0), ("confusion", 2, 3), ("disorientation", 2, 3), ("anxiety", 4, None)])  # fmt: skip
def test_new_confusion_scores_in_news2_like_lowered_consciousness(
    item: str, rise: int, points: int | None
) -> None:
    answers = {item: rise} if points is None else {item: rise, "reduced_consciousness": "A"}
    found = _context(a=answers, v={"heart_rate_bpm": 70})

    assert found.news2.points.get("consciousness") == points


def test_confusion_that_is_usual_is_not_new_and_oxygen_counts_only_where_it_is_told() -> None:
    usual = _context(
        a={"confusion": 2, "reduced_consciousness": "A"}, baseline={"confusion": 2}, v={"heart_rate_bpm": 70}
    )
    told = [_context(a={"oxygen_given": given}).news2.points.get("oxygen_given") for given in (True, False)]

    assert usual.news2.points["consciousness"] == 0
    assert told == [2, 0]
    assert "oxygen_given" not in _context(a={"oxygen_given": "refused"}).news2.points
