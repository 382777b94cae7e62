"""What one log can decide by itself, with or without the record of the person who sent it.

A phone holds the log in hand and perhaps a small record of the person (see held.py). Whatever else a condition
asks for is unknown there: never false, and never zero. "Fever, or a pump event" still fires on the fever.
"""

from apps.rules.combinations import All, AnyOf, CountOf, Defined, Not
from apps.rules.conditions import (
    AnsweredAs,
    Compare,
    Condition,
    Event,
    NotMeasured,
    Quantity,
    Risk,
)
from apps.rules.values import Limit

EARLIER_LOGS = "earlier_logs"
ELSEWHERE = "elsewhere"
"""Plan, doses, the pump's dates, and what happened to the supply."""
RECORD = "record"
"""The record of the person: age, pump, risks, what is usual, and whether the supply changed lately."""

_OF_THE_LOG = frozenset({"unrousable", "avpu", "worst_sign", "ck_times_limit"})
_WITH_RECORD = frozenset(
    [
        "adult",
        "baby",
        "bwds",
        "exposed_by_supply",
        "has_pump",
        "new_avpu",
        "news2",
        "news2_worst",
        "out_of_range",
        "peak",
        "under_18",
    ]
)
_OF_EARLIER_LOGS = frozenset({"bwds_rise", "bwds_rise_before", "news2_rise"})
_NEEDS = {
    "item": None,
    "vital": None,
    "base": RECORD,
    "rise": RECORD,
    "over_baseline": RECORD,
    "above_baseline": RECORD,
}


def need_of(leaf: Condition) -> str | None:
    """What a condition without parts needs besides the log: RECORD, EARLIER_LOGS, ELSEWHERE or nothing."""
    if isinstance(leaf, (AnsweredAs, NotMeasured)):
        return None
    if isinstance(leaf, Risk):
        return RECORD
    if isinstance(leaf, Compare):
        return _need_of_quantity(leaf.quantity) or _need_of_limit(leaf.limit)
    # Two readings, two logs, an event: a pair needs the log before, and an event is on record elsewhere.
    return ELSEWHERE if isinstance(leaf, Event) else EARLIER_LOGS


def _need_of_quantity(quantity: Quantity) -> str | None:
    if quantity.since:
        return EARLIER_LOGS
    if quantity.kind != "fact":
        return _NEEDS.get(quantity.kind, EARLIER_LOGS)
    if quantity.name in _OF_THE_LOG:
        return None
    if quantity.name in _WITH_RECORD:
        return RECORD
    return EARLIER_LOGS if quantity.name in _OF_EARLIER_LOGS else ELSEWHERE


def _need_of_limit(limit: Limit) -> str | None:
    """A limit that depends on the doses of a day needs the plan; one that depends on age, the record."""
    if limit.once_daily is not None:
        return ELSEWHERE
    return None if limit.is_fixed else RECORD


def is_decidable(leaf: Condition) -> bool:
    return need_of(leaf) in (None, RECORD)


def may_fire(condition: Condition) -> bool:
    """Whether some log, with the record at hand, makes it surely so."""
    return _may_be(condition, True)


def _may_be(condition: Condition, wanted: bool) -> bool:
    if isinstance(condition, Defined):
        return _may_be(condition.of, wanted)
    if isinstance(condition, Not):
        return _may_be(condition.of, not wanted)
    if isinstance(condition, CountOf):
        able = sum(_may_be(part, wanted) for part in condition.of)
        least = int(condition.at_least.adult)
        return able >= (least if wanted else len(condition.of) - least + 1)
    if isinstance(condition, (All, AnyOf)):
        found = [_may_be(part, wanted) for part in condition.parts]
        return all(found) if isinstance(condition, All) is wanted else any(found)
    return is_decidable(condition)


def needs_of(condition: Condition) -> tuple[str, ...]:
    """Everything besides the log that a rule looks at, sorted."""
    found = {need_of(part) for part in condition.walk() if not part.parts}
    return tuple(sorted(need for need in found if need is not None))
