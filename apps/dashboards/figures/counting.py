"""Figures from rows: each is counted from the very rows that it opens to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from statistics import median

from django.utils.translation import gettext as _

from apps.alerts.ladders import LADDERS
from apps.alerts.models import Alert, Level
from apps.dashboards.figures.reading import AlertRow, DayRow, Period
from apps.dashboards.wording import pattern_label

TOO_FEW = 10
"""Below this, a share is shown as counts alone (project choice)."""
Z = 1.959964
TRUE = frozenset(
    {Alert.Outcome.REINSTATED, Alert.Outcome.TRANSFERRED, Alert.Outcome.TREATED, Alert.Outcome.NOT_ACTIONABLE}
)
"""Something was there: it was treated, or was true and needed nothing."""
NOT_TRUE = frozenset({Alert.Outcome.FALSE, Alert.Outcome.OTHER_CAUSE})
"""“Reviewed, watched further” says neither, and is left out of both."""


@dataclass(frozen=True, slots=True)
class Share:
    hits: int
    of: int

    @property
    def is_too_few(self) -> bool:
        return self.of < TOO_FEW

    @property
    def percent(self) -> int | None:
        return None if self.is_too_few else round(100 * self.hits / self.of)

    @property
    def interval(self) -> tuple[int, int] | None:
        """95 % score interval (Wilson 1927), in percent."""
        if self.is_too_few:
            return None
        share, n = self.hits / self.of, self.of
        middle, weight = share + Z * Z / (2 * n), 1 + Z * Z / n
        half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        return round(100 * (middle - half) / weight), round(100 * (middle + half) / weight)


@dataclass(frozen=True, slots=True)
class Delay:
    """How long something took, of those where it happened."""

    key: str
    level: int
    target: timedelta | None
    count: int
    not_yet: int
    median: timedelta | None
    ninth: timedelta | None
    """Nine of ten were no slower."""
    in_time: Share


@dataclass(frozen=True, slots=True)
class Rate:
    key: str
    label: str
    count: int
    per_week: float | None
    """Of one patient; None where nobody was in care."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How many of the alerts that were judged were true."""

    key: str
    label: str
    share: Share
    undecided: int


def target_to_take(level: int) -> timedelta | None:
    """Before the second call of the ladder goes out."""
    ladder = LADDERS.get(level)
    return ladder.rungs[1][0] if ladder else None


def target_to_close(level: int) -> timedelta | None:
    """Within the time for which whoever took it holds it."""
    ladder = LADDERS.get(level)
    return ladder.acknowledgement_holds if ladder else None


def delays_to_take(period: Period) -> list[Delay]:
    return [_delay(f"take-{level}", level, period, target_to_take(level), _to_take) for level in (3, 2, 1)]


def delays_to_close(period: Period) -> list[Delay]:
    return [_delay(f"close-{level}", level, period, target_to_close(level), _to_close) for level in (3, 2, 1)]


def rates(period: Period) -> list[Rate]:
    weeks = period.patient_days / 7
    found = [_rate(f"level-{level}", str(Level(level).label), period, weeks) for level in (3, 2, 1)]
    versions = {row.pattern: row.catalogue_version for row in period.alerts}
    return found + [
        _rate(f"pattern-{pattern}", pattern_label(pattern, versions[pattern]), period, weeks)
        for pattern in sorted(versions)
    ]


def worths(period: Period) -> list[Worth]:
    """The ward's alerts, and by rule: an alert counts for each rule that fired in it."""
    rules = sorted({rule for row in period.alerts if row.outcome for rule in row.rules})
    named = [("closed", _("All of this ward")), *((f"rule-{rule}", rule) for rule in rules)]
    return [_worth(key, label, alert_rows(period, key) or []) for key, label in named]


def completion(period: Period) -> Share:
    return Share(sum(day.logs > 0 for day in period.days), len(period.days))


def median_seconds(period: Period) -> float | None:
    return median(period.seconds) if period.seconds else None


def alert_rows(period: Period, key: str) -> list[AlertRow] | None:
    """What a figure was counted from. None: there is no such figure of alerts."""
    kind, _dash, what = key.partition("-")
    tests: dict[str, Callable[[AlertRow], bool]] = {
        "take": lambda row: str(row.level) == what,
        "close": lambda row: str(row.level) == what,
        "level": lambda row: str(row.level) == what,
        "pattern": lambda row: row.pattern == what,
        "rule": lambda row: bool(row.outcome) and what in row.rules,
        "closed": lambda row: bool(row.outcome),
    }
    return [row for row in period.alerts if tests[kind](row)] if kind in tests else None


def day_rows(period: Period) -> list[DayRow]:
    return list(period.days)


def _to_take(row: AlertRow) -> timedelta | None:
    return None if row.taken_at is None else row.taken_at - row.opened_at


def _to_close(row: AlertRow) -> timedelta | None:
    return None if row.closed_at is None else row.closed_at - (row.taken_at or row.opened_at)


def _delay(
    key: str, level: int, period: Period, target: timedelta | None, took: Callable[[AlertRow], timedelta | None]
) -> Delay:
    """What has not happened yet is late as soon as its time is over."""
    rows = [row for row in period.alerts if row.level == level]
    times = sorted(time for row in rows if (time := took(row)) is not None)
    due = [row for row in rows if took(row) is not None or target is None or period.until - row.opened_at > target]
    in_time = sum((time := took(row)) is not None and target is not None and time <= target for row in due)
    return Delay(
        key=key,
        level=level,
        target=target,
        count=len(rows),
        not_yet=len(rows) - len(times),
        median=_seconds(median(time.total_seconds() for time in times)) if times else None,
        ninth=_seconds(times[-(-9 * len(times) // 10) - 1].total_seconds()) if times else None,
        in_time=Share(in_time, len(due) if target is not None else 0),
    )


def _rate(key: str, label: str, period: Period, weeks: float) -> Rate:
    count = len(alert_rows(period, key) or [])
    return Rate(key, label, count, round(count / weeks, 2) if weeks else None)


def _worth(key: str, label: str, rows: Sequence[AlertRow]) -> Worth:
    hits, misses = (sum(row.outcome in kinds for row in rows) for kinds in (TRUE, NOT_TRUE))
    return Worth(key, label, Share(hits, hits + misses), len(rows) - hits - misses)


def _seconds(count: float) -> timedelta:
    return timedelta(seconds=round(count))
