"""Why a rule fired, in words a nurse can check; and what an open rule lacks."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from apps.rules.combinations import Defined
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
from apps.rules.reasons import reasons_of
from apps.rules.types import Matched

if TYPE_CHECKING:
    from apps.rules.contents import Catalogue


class Findings:
    """What the explanations of one evaluation share."""

    __slots__ = ("_known_inputs", "_states", "_told", "catalogue", "context")

    def __init__(self, context: Context, catalogue: "Catalogue", states: tuple[bool, ...] = ()) -> None:
        """`states`: what `decide` has found of the definitions; without, they are decided when asked for."""
        self.context = context
        self.catalogue = catalogue
        self._states = states
        self._known_inputs: frozenset[str] | None = None
        self._told: dict[int, Matched] = {}

    @property
    def known_inputs(self) -> frozenset[str]:
        if self._known_inputs is None:
            self._known_inputs = self.context.known_inputs()
        return self._known_inputs

    def told(self, leaf: Condition) -> Matched:
        """A leaf that holds, in words. By identity: `reasons_of` gives equal leaves as one object."""
        found = self._told.get(id(leaf))
        if found is None:
            found = self._told[id(leaf)] = describe(leaf, self.context, self.catalogue)
        return found

    def defined(self, name: str) -> bool | None:
        """What the definition of this name comes to."""
        place = self.catalogue.definition_places.get(name) if self._states else None
        if place is None:
            return truth(self.catalogue.definitions[name], self.context)
        return True if self._states[place] else (None if self._states[place + 1] else False)


def explain(condition: Condition, found: Findings) -> tuple[tuple[Matched, ...], tuple[str, ...]]:
    """(what matched, codes that were unknown and would have mattered) of a rule that fired."""
    reasons = reasons_of(condition)
    holding, unknown = reasons.find(found.context)
    matched: dict[tuple[str, str], Matched] = {}
    for place in holding:
        told = found.told(reasons.leaves[place])
        matched.setdefault((told.code, told.threshold), told)
    missing: set[str] = set()
    for place in unknown:
        missing |= _inputs(reasons.leaves[place], found.context, found.known_inputs)
    return tuple(matched.values()), tuple(sorted(missing))


def missing_inputs(condition: Condition, context: Context, open_definitions: Collection[str]) -> tuple[str, ...]:
    """Everything an open rule looks at that is not known, leaving out definitions that are decided.

    The answer depends on its arguments and on which inputs are known, never on their values.
    """
    known_inputs = context.known_inputs()
    missing: set[str] = set()
    todo = [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, Defined) and part.name not in open_definitions:
            continue
        todo.extend(part.parts)
        if not part.parts:
            missing.update(_inputs(part, context, known_inputs))
    return tuple(sorted(missing))


def _inputs(condition: Condition, context: Context, known_inputs: frozenset[str]) -> set[str]:
    """What one leaf lacks."""
    if isinstance(condition, Compare):
        return _quantity_inputs(condition.quantity, context, known_inputs)
    if isinstance(condition, Twice):
        known = condition.sign in context.latest
        return {f"second_reading_of_{condition.sign}" if known else condition.sign}
    if isinstance(condition, TwoLogsRunning):
        return {code for code in condition.items if not context.is_graded(code)}
    if isinstance(condition, Differs):
        return set() if "second_log_today" in known_inputs else {"second_log_today"}
    return set()


def _quantity_inputs(quantity: Quantity, context: Context, known_inputs: frozenset[str]) -> set[str]:
    name = quantity.name
    if quantity.kind in ("item", "rise"):
        return set() if context.is_graded(name) else {name}
    if quantity.kind == "fact":
        return {
            each
            for each in KNOWN_FACTS[name].missing
            if each not in context.latest and each not in known_inputs and not context.is_graded(each)
        }
    if name not in context.latest:
        return {name}
    if quantity.kind in ("over_baseline", "above_baseline"):
        return set() if f"usual_{name}" in known_inputs else {f"usual_{name}"}
    if quantity.kind in ("swing", "fall", "rise_6h"):
        return {f"second_reading_of_{name}"}
    return set()
