"""Baclofen Withdrawal Day Score (BWDS): a trend, not validated, never a diagnosis, never lowers an alert."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

from apps.rules.definitions import WORST_GRADE
from apps.rules.grade_masks import masks_of_answers
from apps.rules.types import LogFacts

if TYPE_CHECKING:
    from apps.rules.derived import Derived

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


def count_score(context: "Derived") -> DayScore:
    return _score(context, context.grades, context.latest)


def _score(context: "Derived", grades: tuple[int, int, int, int, int], latest: Mapping[str, float]) -> DayScore:
    weights = context.settings.score.weights
    g1, g2, g3, g4, known = grades
    low = missing = 0
    domains: dict[str, int] = {}
    unanswered: list[str] = []
    for domain, mask in context.frame.domain_masks.items():
        if not known & mask:
            worst = -1
        elif not g1 & mask:
            worst = 0
        else:
            worst = 4 if g4 & mask else 3 if g3 & mask else 2 if g2 & mask else 1
        if domain == AUTONOMIC and latest:
            worst = max(worst, _vital_points(context, latest))
        if worst < 0:
            unanswered.append(domain)
            missing += weights[domain]
        else:
            domains[domain] = worst
            low += weights[domain] * worst
    return DayScore(domains, low, low + missing * WORST_GRADE, tuple(unanswered))


def _vital_points(context: "Derived", latest: Mapping[str, float]) -> int:
    """NEWS2 points of the worst high reading, mapped to a grade; -1 when nothing was measured."""
    if not context.adult:
        return -1
    worst = -1
    for sign, middle in _HIGH_SIDE.items():
        value = latest.get(sign)
        if value is not None:
            points = context.settings.news2.rows[sign].score(value) if value > middle else 0
            worst = max(worst, context.settings.score.mapped_points[points])
    return worst


def score_rise(context: "Derived", at: float) -> float:
    """Rise over the day before, over the domains answered on both days; NaN when there are none."""
    logs = context.logs
    if at == context.t:
        now = context.score.domains
    else:
        today = [log for log in reversed(logs) if at - 24.0 <= log.t <= at]
        now = _score(context, *_gathered(context, today)).domains
    if not now:
        return nan
    if not any(now.values()):
        # Nothing is graded above none, so nothing can have risen.
        return 0.0
    earlier = [log for log in reversed(logs) if at - 48.0 <= log.t < at - 24.0]
    if not earlier:
        return nan
    before = _score(context, *_gathered(context, earlier)).domains
    weights = context.settings.score.weights
    shared = now.keys() & before.keys()
    return float(sum(weights[d] * (now[d] - before[d]) for d in shared)) if shared else nan


def _gathered(context: "Derived", logs: list[LogFacts]) -> tuple[tuple[int, int, int, int, int], dict[str, float]]:
    """Masks of the highest grades, and latest readings, of logs from new to old."""
    bits = context.frame.bits
    g1 = g2 = g3 = g4 = known = 0
    latest: dict[str, float] = {}
    for log in logs:
        n1, n2, n3, n4, answered = masks_of_answers(log.answers, bits)
        g1, g2, g3, g4, known = g1 | n1, g2 | n2, g3 | n3, g4 | n4, known | answered
        for sign, reading in log.vital_signs.items():
            latest.setdefault(sign, reading.value)
    return (g1, g2, g3, g4, known), latest
