"""Vital signs of one evaluation: latest readings, pairs of readings, swings and personal baselines."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from math import isnan, nan
from typing import Any

from apps.rules.frame import Frame
from apps.rules.settings import Settings
from apps.rules.types import Facts, LogFacts

DAY = 24.0


class Readings:
    """The part of a Context that reads vital signs. An unknown number is NaN."""

    __slots__ = ("_history",)

    facts: Facts
    t: float
    frame: Frame
    settings: Settings
    logs: tuple[LogFacts, ...]
    times: list[float]
    """When each of `logs` was observed."""
    day: Sequence[LogFacts]
    """Logs of the last 24 h from new to old."""
    measured: Sequence[LogFacts]
    """Those of them that hold readings."""
    latest: Mapping[str, float]
    _memo: dict[object, Any]
    """Answers already worked out for these facts."""

    _history: Sequence[LogFacts] | None

    def history(self) -> Sequence[LogFacts]:
        """Logs of days -8 to -2, which make the person's usual."""
        if self._history is None:
            reading = self.settings.reading
            first = bisect_left(self.times, self.t - reading.baseline_from_hours)
            self._history = self.logs[first : bisect_right(self.times, self.t - reading.baseline_until_hours)]
        return self._history

    def readings(self, sign: str) -> list[tuple[float, float, str | None]]:
        """(t, value, site) of the last 24 h from new to old."""
        return [
            (log.t, reading.value, reading.site)
            for log in self.measured
            if (reading := log.vital_signs.get(sign)) is not None
        ]

    def highest(self, sign: str) -> float:
        """Of the last 24 h; only where there is a reading."""
        return max([log.vital_signs[sign].value for log in self.measured if sign in log.vital_signs])

    def lowest(self, sign: str) -> float:
        return min([log.vital_signs[sign].value for log in self.measured if sign in log.vital_signs])

    def vital(self, sign: str, within: float, by: tuple[str, ...]) -> float:
        first = self.t - within
        for log in reversed(self.logs):
            if log.t < first:
                break
            if sign in log.vital_signs and (not by or log.reporter in by):
                return log.vital_signs[sign].value
        return nan

    def twice(self, sign: str, op: str, limit: float, apart: float) -> bool | None:
        key = (sign, op, limit, apart)
        if key not in self._memo:
            self._memo[key] = self._twice(sign, op, limit, apart)
        found: bool | None = self._memo[key]
        return found

    def _twice(self, sign: str, op: str, limit: float, apart: float) -> bool | None:
        if isnan(limit):
            return None
        readings = self.readings(sign)
        beyond = [t for t, value, _ in readings if _beyond(value, op, limit)]
        if not beyond:
            return False
        if beyond[0] - beyond[-1] >= apart:
            return True
        # One reading beyond the limit and none taken long enough before or after: a repeat is owed.
        others = [t for t, _, _ in readings if abs(t - beyond[0]) >= apart]
        return False if others else None

    def vital_base(self, sign: str) -> float:
        """Median of days -8 to -2, else the pre-taper value, else NaN: never 0."""
        if sign not in self._memo:
            values = [reading.value for log in self.history() if (reading := log.vital_signs.get(sign))]
            usual = median(values) if values else self.facts.baseline_vital_signs.get(sign, nan)
            self._memo[sign] = usual
        found: float = self._memo[sign]
        return found

    def percent_over_baseline(self, sign: str, by: tuple[str, ...]) -> float:
        latest = self.vital(sign, DAY, by) if by else self.latest.get(sign, nan)
        base = self.vital_base(sign) if not isnan(latest) else nan
        return (latest - base) / base * 100.0 if base else nan

    def above_baseline(self, sign: str) -> float:
        latest = self.latest.get(sign, nan)
        # What is not known stays so: NaN less anything is NaN.
        return latest - self.vital_base(sign)

    def swing(self, sign: str, by: tuple[str, ...]) -> float:
        """Highest less lowest reading of 24 h; unknown with fewer than two."""
        values = [
            log.vital_signs[sign].value
            for log in self.measured
            if sign in log.vital_signs and (not by or log.reporter in by)
        ]
        return max(values) - min(values) if len(values) > 1 else nan

    def fall(self, sign: str) -> float:
        """How far the latest reading lies under the highest before it in 24 h."""
        values = [value for _, value, _ in self.readings(sign)]
        return max(values[1:]) - values[0] if len(values) > 1 else nan

    def rise_in_6_hours(self, sign: str) -> float:
        """Latest less the lowest of the 6 h before it, same site; unknown with fewer than two."""
        readings = self.readings(sign)
        if len(readings) < 2:
            return nan
        t, latest, site = readings[0]
        before = [value for u, value, s in readings[1:] if s == site and t - u <= 6.0]
        return latest - min(before) if before else nan


def median(values: list[Any]) -> Any:
    """Of at least one number."""
    values.sort()
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _beyond(value: float, op: str, limit: float) -> bool:
    if op == ">=":
        return value >= limit
    if op == ">":
        return value > limit
    if op == "<=":
        return value <= limit
    return value < limit
