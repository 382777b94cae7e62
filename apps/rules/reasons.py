"""Why a rule fired, found by one compiled function for each rule: which leaves of its condition hold, and which
are unknown and would have mattered. Most of a rule's leaves do neither, and a rule may have a hundred."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.rules.combinations import Not
from apps.rules.compiling import compile_finder
from apps.rules.conditions import Condition

if TYPE_CHECKING:
    from apps.rules.context import Context


@dataclass(frozen=True, slots=True)
class Reasons:
    leaves: tuple[Condition, ...]
    find: Callable[["Context"], tuple[list[int], list[int]]]
    """Of a condition that holds: places in `leaves` of those that hold, and of those unknown."""


# Rules share conditions: equal leaves are one object, so that an evaluation puts each into words once.
_leaves: dict[Condition, Condition] = {}
# By identity, as compiled conditions are; the condition is kept, so that its identity is not given to another.
_made: dict[int, tuple[Condition, Reasons]] = {}


def reasons_of(condition: Condition) -> Reasons:
    found = _made.get(id(condition))
    if found is None:
        found = _made[id(condition)] = (condition, _make(condition))
    return found[1]


def _make(condition: Condition) -> Reasons:
    writer = _Writer()
    body = ["holding = []", "unknown = []", *writer.of_true(condition), "return holding, unknown"]
    return Reasons(tuple(writer.leaves), compile_finder(condition, body))


class _Writer:
    """Writes the lines; each leaf gets a place where it is first met."""

    def __init__(self) -> None:
        self.leaves: list[Condition] = []

    def of_true(self, condition: Condition) -> Iterator[str]:
        """Of a condition that holds. What is denied is never shown as a reason."""
        if not condition.parts:
            yield f"holding.append({self._place(condition)})"
        for part in condition.parts:
            if isinstance(part, Not):
                continue
            yield f"if {part.true}:"
            yield from _deeper(self.of_true(part))
            if part.maybe != part.true:
                yield f"elif {part.maybe}:"
                yield from _deeper(self.of_unknown(part))

    def of_unknown(self, condition: Condition) -> Iterator[str]:
        """Of a condition that could still hold: the parts that are themselves unknown."""
        if not condition.parts:
            yield f"unknown.append({self._place(condition)})"
        for part in condition.parts:
            if part.maybe != part.true:
                yield f"if {part.maybe} and not {part.true}:"
                yield from _deeper(self.of_unknown(part))

    def _place(self, leaf: Condition) -> int:
        self.leaves.append(_leaves.setdefault(leaf, leaf))
        return len(self.leaves) - 1


def _deeper(lines: Iterator[str]) -> list[str]:
    """Never empty, since a block may not be."""
    return [f" {line}" for line in lines] or [" pass"]
