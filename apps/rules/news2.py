"""NEWS2 in full: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017.

Reproduced with acknowledgement; the chart is not altered. For age 16 and over. What was not measured is
missing: the known points are a lower bound, which may raise an alarm and never shows that the score is low.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

from apps.rules.settings import News2Table
from apps.rules.types import LogFacts

if TYPE_CHECKING:
    from apps.rules.derived import Derived

PARAMETERS = (
    "respiratory_rate_bpm",
    "spo2_percent",
    "oxygen_given",
    "bp_systolic_mmhg",
    "heart_rate_bpm",
    "consciousness",
    "temperature_c",
)
SCALE_2 = "spo2_scale_2"
"""Risk factor set by a clinician: target saturation 88-92 % in hypercapnic respiratory failure."""
_MOST = {"oxygen_given": 2}


@dataclass(frozen=True, slots=True)
class News2Points:
    """Points by parameter; `low` and `high` bound the total."""

    points: dict[str, int]
    low: float
    high: float
    worst_low: float
    worst_high: float

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in PARAMETERS if name not in self.points)


_NOT_FOR_CHILDREN = News2Points({}, 0, 0, 0, 0)
_NOTHING_KNOWN = News2Points({}, 0, 20, 0, 3)


def count_news2(context: "Derived") -> News2Points:
    if not context.adult:
        return _NOT_FOR_CHILDREN
    best = context.best
    oxygen = best.get("oxygen_given", nan)
    confused = any(
        context.rise(code) >= context.settings.reading.new_confusion_rise
        for code in ("confusion", "disorientation")
        if best.get(code, 0) >= context.settings.reading.new_confusion_rise
    )
    if not context.latest and isnan(context.avpu) and not confused and isnan(oxygen):
        return _NOTHING_KNOWN
    points = parameter_points(context.latest, oxygen, SCALE_2 in context.risks, context.settings.news2)
    if context.avpu > 0 or confused:
        points["consciousness"] = context.settings.news2.not_alert
    elif context.avpu == 0:
        points["consciousness"] = 0
    return _bounds(points)


def parameter_points(
    readings: Mapping[str, float], oxygen: float, scale_2: bool, table: News2Table
) -> dict[str, int]:
    rows = table.rows
    points = {
        name: rows[name].score(value)
        for name, value in readings.items()
        if name in rows and name != "spo2_percent"
    }
    saturation = readings.get("spo2_percent")
    if saturation is not None:
        found = _saturation(saturation, oxygen, scale_2, table)
        if found is not None:
            points["spo2_percent"] = found
    if not isnan(oxygen):
        points["oxygen_given"] = table.oxygen if oxygen else 0
    return points


def _saturation(value: float, oxygen: float, scale_2: bool, table: News2Table) -> int | None:
    if not scale_2:
        return table.rows["spo2_percent"].score(value)
    on_air = table.rows["spo2_scale_2_on_air"].score(value)
    on_oxygen = table.rows["spo2_scale_2_on_oxygen"].score(value)
    if on_air == on_oxygen:
        return on_air
    # Above 92 % scale 2 needs to know whether oxygen is given.
    return None if isnan(oxygen) else (on_oxygen if oxygen else on_air)


def _bounds(points: dict[str, int]) -> News2Points:
    low = sum(points.values())
    missing = [name for name in PARAMETERS if name not in points]
    high = low + sum(_MOST.get(name, 3) for name in missing)
    worst = max(points.values(), default=0)
    open_three = any(_MOST.get(name, 3) == 3 for name in missing)
    return News2Points(points, low, high, worst, 3 if open_three else worst)


def news2_rise(context: "Derived") -> float:
    """Rise over the readings of 24-48 h before, over the parameters known both times; else NaN."""
    if not context.adult or not context.latest:
        return nan
    earlier: dict[str, float] = {}
    first, last = context.t - 48.0, context.t - 24.0
    for log in reversed(context.logs):
        if first <= log.t < last:
            _first_readings(log, earlier)
    if not earlier:
        return nan
    before = parameter_points(earlier, nan, SCALE_2 in context.risks, context.settings.news2)
    now = context.news2.points
    shared = before.keys() & now.keys()
    return float(sum(now[name] - before[name] for name in shared)) if shared else nan


def _first_readings(log: LogFacts, into: dict[str, float]) -> None:
    for sign, reading in log.vital_signs.items():
        into.setdefault(sign, reading.value)
