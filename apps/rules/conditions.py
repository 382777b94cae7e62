"""The closed vocabulary of conditions: frozen dataclasses that answer true, false or unknown.

A condition is written once and read in one way only: as two Python expressions. `true` holds when the
condition is surely so, `maybe` when it could still be so once the missing things are told; true implies
maybe, and "maybe but not true" is unknown. This is three-valued logic with ordinary short-circuiting.
An unknown number is NaN: every comparison with NaN is false, so `true` says `x >= 2` and `maybe` says
`not x < 2`, and nothing unknown can ever pass for zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.rules.values import Limit

_OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">="}
WORDS = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}
DAY = 24.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that can be measured in the facts; `kind` says how (see KINDS)."""

    kind: str
    name: str
    within: float = DAY
    """Hours looked back."""
    since: float = 0.0
    """Hours before now at which the window ends."""
    by: frozenset[str] = frozenset()
    """Reporters that count; empty = all."""

    def expressions(self) -> tuple[str, str]:
        """The lowest and the highest that it can be, given what is known."""
        if self.kind == "fact":
            return f"f_{self.name}", f"h_{self.name}"
        plain = self.within == DAY and not self.since and not self.by
        if self.kind in ("item", "vital") and plain:
            found = f"{self.kind[0]}_{self.name}"
        else:
            by = tuple(sorted(self.by))
            call = {
                "item": f"c.item({self.name!r}, {self.since!r}, {self.within!r}, {by!r})",
                "vital": f"c.vital({self.name!r}, {self.within!r}, {by!r})",
                "rise": f"c.rise({self.name!r})",
                "base": f"c.base({self.name!r})",
                "over_baseline": f"c.percent_over_baseline({self.name!r}, {by!r})",
                "above_baseline": f"c.above_baseline({self.name!r})",
                "swing": f"c.swing({self.name!r}, {by!r})",
                "fall": f"c.fall({self.name!r})",
                "rise_6h": f"c.rise_in_6_hours({self.name!r})",
            }
            found = call[self.kind]
        return found, found


QUANTITY_KINDS = [
    "item",
    "vital",
    "rise",
    "base",
    "over_baseline",
    "above_baseline",
    "swing",
    "fall",
    "rise_6h",
    "fact",
]


class Condition:
    """Base of all: `true` and `maybe` are Python expressions over one evaluation's facts."""

    __slots__ = ()

    @property
    def true(self) -> str:
        raise NotImplementedError

    @property
    def maybe(self) -> str:
        raise NotImplementedError

    @property
    def parts(self) -> "tuple[Condition, ...]":
        return ()

    def walk(self) -> "Iterator[Condition]":
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    """A quantity against a limit."""

    quantity: Quantity
    op: str
    limit: Limit

    @property
    def threshold(self) -> str:
        return repr(float(self.limit.adult)) if self.limit.is_fixed else f"l_{self.limit.name}"

    def _guard(self, test: str, negated: bool) -> str:
        # A baseline is never below 0, so a rise of k needs a severity of k: a cheap test spares the
        # median on almost every log.
        if self.quantity.kind != "rise" or self.op != ">=":
            return test
        seen = f"i_{self.quantity.name}"
        first = f"not {seen} < {self.threshold}" if negated else f"{seen} >= {self.threshold}"
        return f"({first} and {test})"

    @property
    def true(self) -> str:
        low, high = self.quantity.expressions()
        side = low if self.op in (">=", ">") else high
        return self._guard(f"{side} {self.op} {self.threshold}", negated=False)

    @property
    def maybe(self) -> str:
        low, high = self.quantity.expressions()
        side = high if self.op in (">=", ">") else low
        return self._guard(f"not {side} {_OPPOSITE[self.op]} {self.threshold}", negated=True)


@dataclass(frozen=True, slots=True)
class Twice(Condition):
    """Two readings of the last 24 h beyond a limit, at least 30 minutes apart."""

    sign: str
    op: str
    limit: Limit
    apart: Limit

    @property
    def _call(self) -> str:
        threshold = Compare(Quantity("vital", self.sign), self.op, self.limit).threshold
        return f"c.twice({self.sign!r}, {self.op!r}, {threshold}, {float(self.apart.adult)!r})"

    @property
    def true(self) -> str:
        return f"(v_{self.sign} == v_{self.sign} and {self._call} is True)"

    @property
    def maybe(self) -> str:
        return f"(v_{self.sign} != v_{self.sign} or {self._call} is not False)"


@dataclass(frozen=True, slots=True)
class Differs(Condition):
    """One and the same item answered differently by two logs of the last 24 h."""

    items: tuple[str, ...]
    by: Limit

    @property
    def true(self) -> str:
        return f"(c.many and c.differs({self.items!r}, {float(self.by.adult)!r}) is True)"

    @property
    def maybe(self) -> str:
        return f"(not c.many or c.differs({self.items!r}, {float(self.by.adult)!r}) is not False)"


@dataclass(frozen=True, slots=True)
class TwoLogsRunning(Condition):
    """The same item, newly so, in the last two logs that asked for it."""

    items: tuple[str, ...]
    limit: Limit

    def _any_so(self, negated: bool) -> str:
        at_least = float(self.limit.adult)
        test = "not i_{0} < {1}" if negated else "i_{0} >= {1}"
        return "(" + " or ".join(test.format(code, at_least) for code in self.items) + ")"

    @property
    def _call(self) -> str:
        return f"c.two_logs_running({self.items!r}, {float(self.limit.adult)!r})"

    @property
    def true(self) -> str:
        return f"({self._any_so(negated=False)} and {self._call} is True)"

    @property
    def maybe(self) -> str:
        return f"({self._any_so(negated=True)} and {self._call} is not False)"


@dataclass(frozen=True, slots=True)
class AnsweredAs(Condition):
    """Somebody gave a reason instead of a grade ("too confused"): a sign in itself, never a zero."""

    reasons: tuple[str, ...]
    item: str | None = None

    @property
    def true(self) -> str:
        if self.item is None:
            return f"(not c.reasons.isdisjoint({self.reasons!r}))"
        return f"(bool(c.reasons) and c.answered_as({self.item!r}, {self.reasons!r}))"

    @property
    def maybe(self) -> str:
        return self.true


@dataclass(frozen=True, slots=True)
class NotMeasured(Condition):
    """No reading of a vital sign in the last 24 h. Always known."""

    sign: str

    @property
    def true(self) -> str:
        return f"(v_{self.sign} != v_{self.sign})"

    @property
    def maybe(self) -> str:
        return self.true


@dataclass(frozen=True, slots=True)
class Event(Condition):
    """A change or pump event on record. An event nobody recorded is taken as not on record."""

    kinds: tuple[str, ...]
    within: float | None = None
    """Hours looked back; None = any time."""
    still: bool = False
    """Only while it is not mended."""
    unplanned: bool = False
    route: str | None = None
    tones: tuple[str, ...] = ()
    ml_above: float | None = None
    ml_at_most: float | None = None
    ml_unknown: bool = False

    @property
    def _call(self) -> str:
        return f"c.event({self.kinds!r}, {self.within!r}, {self.still!r}, {self.unplanned!r}, {self.route!r}, {self.tones!r}, {self.ml_above!r}, {self.ml_at_most!r}, {self.ml_unknown!r})"

    @property
    def true(self) -> str:
        return f"(has_changes and {self._call})"

    @property
    def maybe(self) -> str:
        return self.true


@dataclass(frozen=True, slots=True)
class Risk(Condition):
    """A recorded risk factor or confounder of the person."""

    codes: tuple[str, ...]
    confounder: bool = False

    @property
    def true(self) -> str:
        which = "confounders" if self.confounder else "risks"
        return f"(not c.{which}.isdisjoint({self.codes!r}))"

    @property
    def maybe(self) -> str:
        return self.true
