"""NEWS2 in full: Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017.

Reproduced with acknowledgement; the chart is not altered. For age 16 and over. What was not measured is
missing: the known points are a lower bound, which may raise an alarm and never shows that the score is low.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isnan, nan

from apps.rules.settings import News2Table
from apps.rules.types import LogFacts, News2

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

    points: Mapping[str, int]
    low: float
    high: float
    worst_low: float
    worst_high: float
    answer: News2 | None
    """As an evaluation gives it; None when no parameter is known."""


NOT_FOR_CHILDREN = News2Points({}, 0, 0, 0, 0, None)


def count_news2(
    readings: Mapping[str, float], *, oxygen: float, avpu: float, confused: bool, scale_2: bool, table: News2Table
) -> News2Points:
    """NEWS2 of the latest readings. `oxygen` is 1 where it is given, 0 on air; like `avpu` NaN when unknown."""
    points = parameter_points(readings, oxygen, scale_2, table)
    if avpu > 0 or confused:
        points["consciousness"] = table.not_alert
    elif avpu == 0:
        points["consciousness"] = 0
    return _bounds(tuple(points.items()))


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


@lru_cache(maxsize=4096)
def _bounds(scored: tuple[tuple[str, int], ...]) -> News2Points:
    """Depends on the points alone, which are the same log after log."""
    points = dict(scored)
    low = sum(points.values())
    missing = tuple(name for name in PARAMETERS if name not in points)
    high = low + sum(_MOST.get(name, 3) for name in missing)
    worst = max(points.values(), default=0)
    open_three = any(_MOST.get(name, 3) == 3 for name in missing)
    answer = News2(int(low), tuple(sorted(points.items())), missing) if points else None
    return News2Points(points, low, high, worst, 3 if open_three else worst, answer)


def rise_since(
    earlier_logs: Iterable[LogFacts], now: Mapping[str, int], *, scale_2: bool, table: News2Table
) -> float:
    """Rise over the readings of logs given from new to old, over the parameters known both times; else NaN."""
    earlier: dict[str, float] = {}
    for log in earlier_logs:
        for sign, reading in log.vital_signs.items():
            earlier.setdefault(sign, reading.value)
    before = parameter_points(earlier, nan, scale_2, table)
    shared = before.keys() & now.keys()
    return float(sum(now[name] - before[name] for name in shared)) if shared else nan
