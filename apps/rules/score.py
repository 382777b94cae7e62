"""Baclofen Withdrawal Day Score (BWDS): a trend, not validated, never a diagnosis, never lowers an alert."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import nan

from apps.rules.definitions import WORST_GRADE
from apps.rules.grade_masks import Grades
from apps.rules.log_reading import LogReader
from apps.rules.settings import Settings
from apps.rules.types import LogFacts

AUTONOMIC = "autonomic"
_MOST_KEPT = 4096
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


class ScoreBook:
    """Day scores of one catalogue version. The same day comes back log after log, so what was counted is kept."""

    __slots__ = ("_counted", "_domains", "_settings")

    def __init__(self, domains: Sequence[tuple[str, int, int]], settings: Settings) -> None:
        """`domains`: (domain, bits of its items, its weight)."""
        self._domains = tuple(domains)
        self._settings = settings
        self._counted: dict[tuple[Grades, int], DayScore] = {}

    def count(self, grades: Grades, latest: Mapping[str, float], *, adult: bool) -> DayScore:
        """The score of a day from its highest grades and latest readings; readings count for adults only."""
        measured = self._points_of(latest) if adult and latest else -1
        found = self._counted.get((grades, measured))
        if found is None:
            if len(self._counted) >= _MOST_KEPT:
                self._counted.clear()
            found = self._counted[grades, measured] = self._count(grades, measured)
        return found

    def _count(self, grades: Grades, measured: int) -> DayScore:
        g1, g2, g3, g4, known = grades
        low = missing = 0
        domains: dict[str, int] = {}
        unanswered: list[str] = []
        for domain, mask, weight in self._domains:
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

    def _points_of(self, latest: Mapping[str, float]) -> int:
        """NEWS2 points of the worst high reading, mapped to a grade; -1 when nothing was measured."""
        rows, mapped = self._settings.news2.rows, self._settings.score.mapped_points
        worst = -1
        for sign, value in latest.items():
            if sign in _HIGH_SIDE:
                points = mapped[rows[sign].score(value) if value > _HIGH_SIDE[sign] else 0]
                if points > worst:
                    worst = points
        return worst

    def of_logs(self, logs: Iterable[LogFacts], reader: LogReader, *, adult: bool) -> DayScore:
        """The score of some logs, given from new to old."""
        g1 = g2 = g3 = g4 = known = 0
        latest: dict[str, float] = {}
        for log in logs:
            n1, n2, n3, n4, answered, _asked, _worded, _conscious, _by = reader.read(log)
            g1, g2, g3, g4, known = g1 | n1, g2 | n2, g3 | n3, g4 | n4, known | answered
            if adult:
                for sign, reading in log.vital_signs.items():
                    latest.setdefault(sign, reading.value)
        return self.count((g1, g2, g3, g4, known), latest, adult=adult)

    def rise_between(self, before: DayScore, now: DayScore) -> float:
        """Rise over the domains answered on both days; NaN when there are none."""
        earlier, later = before.domains, now.domains
        if earlier.keys() == later.keys():
            return float(now.low - before.low) if later else nan
        shared = earlier.keys() & later.keys()
        weights = self._settings.score.weights
        return float(sum(weights[each] * (later[each] - earlier[each]) for each in shared)) if shared else nan
