"""Bands of a number: between two neighbouring limits of a catalogue's rules, every value decides the same.

A band is a whole number: even between two limits, odd on a limit.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from math import inf, isnan

from apps.rules.conditions import Compare, Condition, Twice
from apps.rules.values import Limit

Range = tuple[float, float]
"""(above, below), both left out; (x, x): x itself."""
_MOST_KEPT = 4096


class Bands:
    """The bands of one number. Readings come in steps, so the band of each is kept."""

    __slots__ = ("_seen", "asks_extremes", "limits")

    def __init__(self, limits: Iterable[float], asks_extremes: bool) -> None:
        """`asks_extremes`: whether the highest and the lowest of a day are compared too."""
        self.asks_extremes = asks_extremes
        self.limits = tuple(sorted(limits))
        self._seen: dict[float, int] = {}

    def of(self, value: float) -> int:
        """The band of a known number."""
        found = self._seen.get(value)
        if found is None:
            if len(self._seen) >= _MOST_KEPT:
                self._seen.clear()
            found = self._seen[value] = bisect_left(self.limits, value) + bisect_right(self.limits, value)
        return found

    def range_of(self, value: float) -> Range:
        """All values of the same band."""
        place, on_limit = divmod(self.of(value), 2)
        if on_limit:
            return value, value
        limits = self.limits
        return (limits[place - 1] if place else -inf), (limits[place] if place < len(limits) else inf)


def bands_by_name(conditions: Iterable[Condition]) -> Mapping[str, Bands]:
    """Vital sign or fact -> the bands into which the limits cut it that it is compared with. `conditions`: every
    part of every rule."""
    found: dict[str, set[float]] = {}
    twice: set[str] = set()
    for part in conditions:
        if isinstance(part, Twice):
            twice.add(part.sign)
            found.setdefault(part.sign, set()).update(_of_adults(part.limit))
        elif isinstance(part, Compare) and part.quantity.kind in ("vital", "fact") and part.quantity.is_plain:
            found.setdefault(part.quantity.name, set()).update(_of_adults(part.limit))
    return {name: Bands(limits, name in twice) for name, limits in found.items()}


def _of_adults(limit: Limit) -> list[float]:
    each = [limit.adult] if limit.once_daily is None else [limit.adult, limit.once_daily]
    return [value for value in each if not isnan(value)]
