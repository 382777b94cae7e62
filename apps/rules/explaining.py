"""Why a rule fired, in words a nurse can check; and what an open rule lacks."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from apps.rules.combinations import Defined, Not
from apps.rules.compiling import truth
from apps.rules.conditions import (
    Compare,
    Condition,
    Differs,
    Quantity,
    Twice,
    TwoLogsRunning,
)
from apps.rules.context import Context
from apps.rules.describing import describe
from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.types import Matched

if TYPE_CHECKING:
    from apps.rules.contents import Catalogue


class Findings:
    """Three-valued answers about one evaluation, each condition decided once however many rules share it."""

    __slots__ = ("_answers", "_definitions", "catalogue", "context")

    def __init__(self, context: Context, catalogue: "Catalogue", states: tuple[bool, ...] = ()) -> None:
        """`states`: what `decide` has found of the definitions; without, they are decided when asked for."""
        self.context = context
        self.catalogue = catalogue
        self._answers: dict[int, bool | None] = {}
        self._definitions = states

    def of(self, condition: Condition) -> bool | None:
        if isinstance(condition, Defined) and self._definitions:
            place = self.catalogue.definition_places.get(condition.name)
            if place is not None:
                surely, possibly = self._definitions[place : place + 2]
                return True if surely else (None if possibly else False)
        # By identity: the catalogue holds its conditions for as long as it lives.
        key = id(condition)
        if key not in self._answers:
            self._answers[key] = truth(condition, self.context)
        return self._answers[key]


def explain(condition: Condition, found: Findings) -> tuple[tuple[Matched, ...], tuple[str, ...]]:
    """(what matched, codes that were unknown and would have mattered) of a rule that fired."""
    matched: dict[tuple[str, str], Matched] = {}
    missing: set[str] = set()
    _collect(condition, True, found, matched, missing)
    return tuple(matched.values()), tuple(sorted(missing))


def _collect(
    condition: Condition,
    answer: bool | None,
    found: Findings,
    matched: dict[tuple[str, str], Matched],
    missing: set[str],
) -> None:
    if answer is False or isinstance(condition, Not):
        return
    if answer is None:
        _collect_missing(condition, found, missing)
    elif condition.parts:
        for part in condition.parts:
            _collect(part, found.of(part), found, matched, missing)
    else:
        told = describe(condition, found.context, found.catalogue)
        matched.setdefault((told.code, told.threshold), told)


def _collect_missing(condition: Condition, found: Findings, missing: set[str]) -> None:
    """Inputs of the parts that are themselves unknown."""
    for part in condition.parts:
        if found.of(part) is None:
            _collect_missing(part, found, missing)
    if not condition.parts:
        missing.update(_inputs(condition, found.context))


def missing_inputs(condition: Condition, context: Context, open_definitions: Collection[str]) -> tuple[str, ...]:
    """Everything an open rule looks at that is not known, leaving out definitions that are decided.

    The answer depends on its arguments and on which inputs are known, never on their values.
    """
    missing: set[str] = set()
    todo = [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, Defined) and part.name not in open_definitions:
            continue
        todo.extend(part.parts)
        if not part.parts:
            missing.update(_inputs(part, context))
    return tuple(sorted(missing))


def _inputs(condition: Condition, context: Context) -> set[str]:
    """What one leaf lacks."""
    if isinstance(condition, Compare):
        return _quantity_inputs(condition.quantity, context)
    if isinstance(condition, Twice):
        known = condition.sign in context.latest
        return {f"second_reading_of_{condition.sign}" if known else condition.sign}
    if isinstance(condition, TwoLogsRunning):
        return {code for code in condition.items if code not in context.best}
    if isinstance(condition, Differs):
        return set() if "second_log_today" in context.known_inputs() else {"second_log_today"}
    return set()


def _quantity_inputs(quantity: Quantity, context: Context) -> set[str]:
    name = quantity.name
    if quantity.kind in ("item", "rise"):
        return set() if name in context.best else {name}
    if quantity.kind == "fact":
        return {
            each
            for each in KNOWN_FACTS[name].missing
            if each not in context.best and each not in context.latest and each not in context.known_inputs()
        }
    if name not in context.latest:
        return {name}
    if quantity.kind in ("over_baseline", "above_baseline"):
        return set() if f"usual_{name}" in context.known_inputs() else {f"usual_{name}"}
    if quantity.kind in ("swing", "fall", "rise_6h"):
        return {f"second_reading_of_{name}"}
    return set()
