"""Which conditions one log, with the record at hand, can settle."""

import pytest

from apps.rules.catalogue import load
from apps.rules.combinations import All, AnyOf, CountOf, Defined, Not
from apps.rules.conditions import AnsweredAs, Compare, Event, NotMeasured, Risk, TwoLogsRunning
from apps.rules.log_only import EARLIER_LOGS, ELSEWHERE, RECORD, is_decidable, may_fire, need_of, needs_of
from apps.rules.quantities import Quantity
from apps.rules.values import ChildLimit, Limit
from tests.rules.scenes import CATALOGUE

C = load(CATALOGUE)
TWO = Limit("two", 2.0, "two")
CHILD = Limit("fast", 130.0, "fast", child=ChildLimit("hr_awake_high"))
PLAN = Limit("gap", 19.0, "gap", once_daily=30.0)
LOG = Compare(Quantity("item", "tremor"), ">=", TWO)
AWAY = Event(("stopped",))


def compare(kind, name, limit=TWO, **how):
    return Compare(Quantity(kind, name, **how), ">=", limit)


@pytest.mark.parametrize(
    ("leaf", "need"),
    [
        (LOG, None),
        (AnsweredAs(("refused",)), None),
        (NotMeasured("temperature_c"), None),
        (compare("vital", "heart_rate_bpm"), None),
        (compare("fact", "unrousable"), None),
        (compare("fact", "news2"), RECORD),
        (compare("vital", "heart_rate_bpm", CHILD), RECORD),
        (Risk(("epilepsy",)), RECORD),
        (compare("rise", "tremor"), RECORD),
        (compare("base", "tremor"), RECORD),
        (compare("over_baseline", "heart_rate_bpm"), RECORD),
        (compare("above_baseline", "temperature_c"), RECORD),
        (compare("swing", "heart_rate_bpm"), EARLIER_LOGS),
        (compare("item", "tremor", since=24.0), EARLIER_LOGS),
        (compare("rise", "tremor", since=24.0), EARLIER_LOGS),
        (compare("fact", "bwds_rise"), EARLIER_LOGS),
        (TwoLogsRunning(("tremor",), TWO, ()), EARLIER_LOGS),
        (AWAY, ELSEWHERE),
        (compare("fact", "hours_since_last_dose"), ELSEWHERE),
        (compare("item", "tremor", PLAN), ELSEWHERE),
        (compare("swing", "heart_rate_bpm", PLAN), EARLIER_LOGS),
    ],
)
def test_each_condition_says_what_it_needs_besides_the_log(leaf, need):
    assert need_of(leaf) == need
    assert is_decidable(leaf) is (need in (None, RECORD))
    assert needs_of(leaf) == ((need,) if need else ())


def test_a_rule_needs_what_all_its_parts_need_once_and_sorted():
    rule = All((AWAY, Not(compare("rise", "tremor")), LOG, AnyOf((AWAY, TwoLogsRunning(("tremor",), TWO, ())))))

    assert needs_of(rule) == tuple(sorted({ELSEWHERE, RECORD, EARLIER_LOGS}))


@pytest.mark.parametrize(
    ("condition", "fires", "is_denied"),
    [
        (LOG, True, True),
        (AWAY, False, False),
        (Defined("some", "some", LOG), True, True),
        (Defined("some", "some", AWAY), False, False),
        (All((LOG, LOG)), True, True),
        (All((LOG, AWAY)), False, True),
        (All((AWAY, AWAY)), False, False),
        (AnyOf((LOG, LOG)), True, True),
        (AnyOf((LOG, AWAY)), True, False),
        (AnyOf((AWAY, AWAY)), False, False),
        (Not(All((LOG, AWAY))), True, False),
        (Not(AnyOf((LOG, AWAY))), False, True),
    ],
)
def test_some_log_makes_it_surely_so_or_surely_not_so(condition, fires, is_denied):
    assert may_fire(condition) is fires
    assert may_fire(Not(condition)) is is_denied


@pytest.mark.parametrize("least", [1, 2, 3])
@pytest.mark.parametrize("able", [0, 1, 2, 3])
def test_of_a_count_enough_parts_have_to_be_settled_by_the_log(least, able):
    parts = (LOG,) * able + (AWAY,) * (3 - able)
    count = CountOf(Limit("so_many", float(least), "so_many"), parts)

    assert may_fire(count) is (able >= least)
    # Fewer than `least` of three hold once more than 3 - least surely do not.
    assert may_fire(Not(count)) is (able > 3 - least)
