"""Baclofen Withdrawal Day Score (BWDS): a trend, not validated, never a diagnosis, never lowers an alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import nan

from apps.rules.definitions import WORST_GRADE
from apps.rules.frame import Frame
from apps.rules.grade_masks import Grades
from apps.rules.types import LogFacts

AUTONOMIC = "autonomic"
_HIGH_SIDE = {
    # The points of a low pulse, breathing rate, temperature or pressure point to toxicity and stay out,
    # as do consciousness and oxygen.
    "heart_rate_bpm": 70.0,
    "respiratory_rate_bpm": 16.0,
    "temperature_c": 37.0,
    "bp_systolic_mmhg": 160.0,
}
"""A reading that scores 0 in NEWS2: points of readings above it are points of a high value."""


@dataclass(frozen=True, slots=True)
class DayScore:
    """`low` holds for what was answered; `high` if every domain not answered were at its worst."""

    domains: Mapping[str, int]
    """Highest grade by answered domain."""
    low: float
    high: float
    unanswered: tuple[str, ...]


def count_score(frame: Frame, grades: Grades, latest: Mapping[str, float], *, adult: bool) -> DayScore:
    """The score of a day from its highest grades and latest readings; readings count for adults only."""
    g1, g2, g3, g4, known = grades
    measured = _vital_points(frame, latest) if adult and latest else -1
    low = missing = 0
    domains: dict[str, int] = {}
    unanswered: list[str] = []
    for domain, mask, weight in frame.domains:
        if g1 & mask:
            worst = 4 if g4 & mask else 3 if g3 & mask else 2 if g2 & mask else 1
        else:
            worst = 0 if known & mask else -1
        if measured > worst and domain == AUTONOMIC:
            worst = measured
        if worst < 0:
            unanswered.append(domain)
            missing += weight
        else:
            domains[domain] = worst
            low += weight * worst
    return DayScore(domains, low, low + missing * WORST_GRADE, tuple(unanswered))


def _vital_points(frame: Frame, latest: Mapping[str, float]) -> int:
    """NEWS2 points of the worst high reading, mapped to a grade; -1 when nothing was measured."""
    worst = -1
    for sign, middle in _HIGH_SIDE.items():
        value = latest.get(sign)
        if value is not None:
            points = frame.settings.news2.rows[sign].score(value) if value > middle else 0
            worst = max(worst, frame.settings.score.mapped_points[points])
    return worst


def score_of_logs(frame: Frame, logs: Iterable[LogFacts], *, adult: bool) -> DayScore:
    """The score of some logs, given from new to old."""
    read = frame.masks.read
    g1 = g2 = g3 = g4 = known = 0
    latest: dict[str, float] = {}
    for log in logs:
        n1, n2, n3, n4, answered, _asked, _worded = read(log.answers)
        g1, g2, g3, g4, known = g1 | n1, g2 | n2, g3 | n3, g4 | n4, known | answered
        if adult:
            for sign, reading in log.vital_signs.items():
                latest.setdefault(sign, reading.value)
    return count_score(frame, (g1, g2, g3, g4, known), latest, adult=adult)


def rise_between(frame: Frame, before: DayScore, now: DayScore) -> float:
    """Rise over the domains answered on both days; NaN when there are none."""
    earlier, later = before.domains, now.domains
    rise = 0
    shared = False
    for domain, _mask, weight in frame.domains:
        if domain in earlier and domain in later:
            shared = True
            rise += weight * (later[domain] - earlier[domain])
    return float(rise) if shared else nan
