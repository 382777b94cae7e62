"""The one time axis that all lanes share: which stretch of time, how it is cut into cells, and what is written
along it. All by the patient's own clock, so that a day on which the clocks change has its 23 or 25 hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.core.days import day_bounds, local_day, local_instant

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHORT_AHEAD = timedelta(hours=6)
DAYS_BACK, DAYS_AHEAD = 13, 2
BASELINE = timedelta(days=7)
"""Shown before the first dose of a plan: the week in which a person's usual state is told."""
LONGEST = timedelta(days=400)
MOST_DAY_CELLS = 130
"""With more, a grade can no longer be printed in a cell of one day on one sheet."""
MOST_TICKS = 16


class Period(StrEnum):
    HOURS = "48h"
    DAYS = "14d"
    TAPER = "taper"


@dataclass(frozen=True, slots=True)
class Tick:
    at: datetime
    label: str
    is_midnight: bool


@dataclass(frozen=True, slots=True)
class ClockChange:
    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Bin:
    """One column of cells: from `begins`, up to and without `ends`."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Axis:
    period: Period
    zone: str
    since: datetime
    until: datetime
    bins: tuple[Bin, ...]
    ticks: tuple[Tick, ...]
    clock_changes: tuple[ClockChange, ...]
    bin_words: str
    """How long one cell is, in words."""

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until


def make_axis(
    period: Period, zone: str, known_at: datetime, taper: tuple[datetime, datetime] | None = None
) -> Axis:
    """`taper`: when the plan begins and when it last changes; None: no plan is known, and the days are shown."""
    if period == Period.TAPER and taper is None:
        period = Period.DAYS
    since, until = _bounds(period, zone, known_at, taper)
    bins, words = _bins(period, zone, since, until)
    return Axis(
        period=period,
        zone=zone,
        since=since,
        until=until,
        bins=tuple(bins),
        ticks=tuple(_ticks(period, zone, since, until)),
        clock_changes=tuple(_clock_changes(zone, since, until)),
        bin_words=words,
    )


def _bounds(
    period: Period, zone: str, known_at: datetime, taper: tuple[datetime, datetime] | None
) -> tuple[datetime, datetime]:
    if period == Period.HOURS:
        hour = known_at.replace(minute=0, second=0, microsecond=0)
        return hour - 48 * HOUR, hour + SHORT_AHEAD
    today = local_day(known_at, zone)
    if taper is None or period == Period.DAYS:
        first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    else:
        first = max(local_day(taper[0] - BASELINE, zone), today - LONGEST)
        last = min(max(local_day(taper[1], zone), today) + timedelta(days=DAYS_AHEAD), first + LONGEST)
    return day_bounds(first, zone)[0], day_bounds(last, zone)[1]


def _days(zone: str, since: datetime, until: datetime, step: int = 1) -> Iterator[date]:
    day = local_day(since, zone)
    while day_bounds(day, zone)[0] < until:
        yield day
        day += timedelta(days=step)


def _bins(period: Period, zone: str, since: datetime, until: datetime) -> tuple[list[Bin], str]:
    if period == Period.HOURS:
        edges = [since + 2 * HOUR * place for place in range((until - since) // (2 * HOUR))]
        words = _("two hours")
    elif period == Period.DAYS:
        quarters = [time(hour) for hour in (0, 6, 12, 18)]
        edges = [local_instant(day, clock, zone) for day in _days(zone, since, until) for clock in quarters]
        words = _("a quarter of a day")
    else:
        is_long = until - since > MOST_DAY_CELLS * DAY
        edges = [day_bounds(day, zone)[0] for day in _days(zone, since, until, 7 if is_long else 1)]
        words = _("a week") if is_long else _("a day")
    ends = [*edges[1:], until]
    return [Bin(begins, end) for begins, end in zip(edges, ends, strict=True) if begins < end], words


def _ticks(period: Period, zone: str, since: datetime, until: datetime) -> Iterator[Tick]:
    there = ZoneInfo(zone)
    if period == Period.HOURS:
        for day in _days(zone, since, until):
            for hour in (0, 6, 12, 18):
                at = local_instant(day, time(hour), zone)
                if since <= at < until:
                    form = "H:i" if hour else "D j M"
                    yield Tick(at, date_format(at.astimezone(there), form), not hour)
        return
    days = list(_days(zone, since, until))
    step = -(-len(days) // MOST_TICKS)
    step = step if step <= 3 else -(-step // 7) * 7
    for day in days[::step]:
        at = day_bounds(day, zone)[0]
        yield Tick(at, date_format(day, "D j M" if step == 1 else "j M"), True)


def _clock_changes(zone: str, since: datetime, until: datetime) -> Iterator[ClockChange]:
    there = ZoneInfo(zone)
    for day in _days(zone, since, until):
        starts, ends = day_bounds(day, zone)
        hours = (ends - starts) // HOUR
        if ends - starts == DAY:
            continue
        quarter = timedelta(minutes=15)
        moments = [starts + quarter * place for place in range((ends - starts) // quarter + 1)]
        at = _where_it_changes(moments, there)
        if since <= at < until:
            words = (
                _("Clocks go back: this day has %(hours)d hours")
                if ends - starts > DAY
                else _("Clocks go forward: this day has %(hours)d hours")
            )
            yield ClockChange(at, words % {"hours": hours})


def _where_it_changes(moments: Sequence[datetime], zone: ZoneInfo) -> datetime:
    before = moments[0].astimezone(zone).utcoffset()
    return next((one for one in moments if one.astimezone(zone).utcoffset() != before), moments[-1])
