"""The closed vocabulary of conditions: frozen dataclasses that answer true, false or unknown.

A condition is written once and read in one way only: as two Python expressions. `true` holds when the
condition is surely so, `maybe` when it could still be so once the missing things are told; true implies
maybe, and "maybe but not true" is unknown. This is three-valued logic with ordinary short-circuiting.
An unknown number is NaN: every comparison with NaN is false, so `true` says `x >= 2` and `maybe` says
`not x < 2`, and nothing unknown can ever pass for zero.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.quantities import Quantity as Quantity
from apps.rules.values import Limit
from apps.rules.vocabulary import KIND_BITS

_OPPOSITE = {">=": "<", ">": "<=", "<=": ">", "<": ">="}
WORDS = {">=": "at least", ">": "above", "<=": "at most", "<": "below"}


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

    @property
    def grade(self) -> int:
        """The grade asked for, if the masks of grades can answer; else 0."""
        quantity = self.quantity
        if quantity.kind not in ("item", "rise") or not quantity.bit or not quantity.is_plain:
            return 0
        if self.op != ">=" or not self.limit.is_fixed or self.limit.adult not in (1, 2, 3, 4):
            return 0
        return int(self.limit.adult)

    @property
    def true(self) -> str:
        low, high = self.quantity.expressions()
        side = low if self.op in (">=", ">") else high
        return self._guarded(f"{side} {self.op} {self.threshold}", maybe=False)

    @property
    def maybe(self) -> str:
        low, high = self.quantity.expressions()
        side = high if self.op in (">=", ">") else low
        return self._guarded(f"not {side} {_OPPOSITE[self.op]} {self.threshold}", maybe=True)

    def _guarded(self, test: str, *, maybe: bool) -> str:
        """Put a cheap test before a costly one, or in its place."""
        kind, name = self.quantity.kind, self.quantity.name
        if self.grade:
            masked = masked_test((self,), maybe=maybe)
            if kind == "item":
                return masked
            # A baseline is never below 0, so a rise of k needs a grade of k: the mask spares the median
            # on almost every log.
            bit = self.quantity.bit
            return f"({masked} and (not known & {bit} or {test}))" if maybe else f"({masked} and {test})"
        if kind == "base" and maybe:
            # Beside a grade that is not known the usual one decides nothing; its median is not worth taking.
            return f"(not known & {self.quantity.bit} or {test})"
        bound = KNOWN_FACTS[name].never_above if kind == "fact" else None
        if bound and self.op == ">=":
            first = f"not f_{bound} < {self.threshold}" if maybe else f"f_{bound} >= {self.threshold}"
            return f"({first} and {test})"
        return test


def masked_test(parts: "Iterable[Compare]", *, maybe: bool) -> str:
    """Whether any of several items has one and the same grade, in one operation; a number that is 0 if not."""
    parts = tuple(parts)
    bits = 0
    for part in parts:
        bits |= part.quantity.bit
    return f"({'m' if maybe else 'g'}{parts[0].grade} & {bits})"


@dataclass(frozen=True, slots=True)
class Twice(Condition):
    """Two readings of the last 24 h beyond a limit, at least 30 minutes apart."""

    sign: str
    op: str
    limit: Limit
    apart: Limit

    @property
    def _call(self) -> str:
        return f"c.twice({self.sign!r}, {self.op!r}, {self._threshold}, {float(self.apart.adult)!r})"

    @property
    def _threshold(self) -> str:
        return Compare(Quantity("vital", self.sign), self.op, self.limit).threshold

    @property
    def _extreme(self) -> str:
        """The reading of the day that lies furthest towards the limit: mostly that settles it."""
        return f"{'x' if self.op in ('>', '>=') else 'n'}_{self.sign}"

    @property
    def true(self) -> str:
        return f"({self._extreme} {self.op} {self._threshold} and {self._call} is True)"

    @property
    def maybe(self) -> str:
        beyond = f"not {self._extreme} {_OPPOSITE[self.op]} {self._threshold}"
        return f"(v_{self.sign} != v_{self.sign} or {beyond} and {self._call} is not False)"


@dataclass(frozen=True, slots=True)
class Differs(Condition):
    """One and the same item answered differently by two logs of the last 24 h."""

    items: tuple[str, ...]
    by: Limit
    bits: int = 0
    """Of the items, in the masks of grades."""

    @property
    def local(self) -> str:
        """The local name under which it is worked out once."""
        return f"q_differs_{'_'.join(self.items)}"

    @property
    def kept(self) -> str:
        by = self.by.adult
        call = f"c.differs({self.items!r}, {float(by)!r})"
        if self.bits and by in (1, 2, 3, 4):
            # Where nothing so high was answered, only whether each was asked twice is left to know.
            asked = f"c.asked_twice & known & {self.bits} == {self.bits}"
            call = f"({call} if g{by:g} & {self.bits} else False if {asked} else None)"
        return f"{self.local} = {call} if c.many else None"

    @property
    def true(self) -> str:
        return f"({self.local} is True)"

    @property
    def maybe(self) -> str:
        return f"({self.local} is not False)"


@dataclass(frozen=True, slots=True)
class TwoLogsRunning(Condition):
    """The same item, newly so, in the last two logs that asked for it."""

    items: tuple[str, ...]
    limit: Limit
    asked: tuple[Compare, ...]
    """The same of the last 24 h alone."""

    @property
    def _call(self) -> str:
        return f"c.two_logs_running({self.items!r}, {float(self.limit.adult)!r})"

    @property
    def true(self) -> str:
        return f"({masked_test(self.asked, maybe=False)} and {self._call} is True)"

    @property
    def maybe(self) -> str:
        # An item that is unknown today leaves it open, whatever the others say.
        bits = sum(part.quantity.bit for part in self.asked)
        graded = masked_test(self.asked, maybe=False)
        return f"(~known & {bits} or {graded} and {self._call} is not False)"


@dataclass(frozen=True, slots=True)
class AnsweredAs(Condition):
    """Somebody gave a reason instead of a grade ("too confused"): a sign in itself, never a zero."""

    reasons: tuple[str, ...]
    item: str | None = None

    @property
    def true(self) -> str:
        if self.item is None:
            return f"(reasons and not reasons.isdisjoint({self.reasons!r}))"
        return f"(reasons and c.answered_as({self.item!r}, {self.reasons!r}))"

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
        asked = (
            self.kinds,
            self.within,
            self.still,
            self.unplanned,
            self.route,
            self.tones,
            self.ml_above,
            self.ml_at_most,
            self.ml_unknown,
        )
        return f"c.event{asked!r}"

    @property
    def true(self) -> str:
        bits = sum(KIND_BITS[kind] for kind in self.kinds)
        return f"(kinds & {bits} and {self._call})"

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
        if len(self.codes) == 1:
            return f"({self.codes[0]!r} in {which})"
        return f"({which} and not {which}.isdisjoint({self.codes!r}))"

    @property
    def maybe(self) -> str:
        return self.true
