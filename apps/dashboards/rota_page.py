"""One week of a ward's rota as the page shows it: by job and day, and where nobody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from apps.accounts.models import User
from apps.alerts.ladders import LADDERS
from apps.alerts.models import Alert
from apps.core.days import local_day, local_instant
from apps.wards.models import Duty, Job, Ward
from apps.wards.rota import WEEK, Gap, duties_between, gaps

LOOK_AHEAD = timedelta(days=7)
CALLED = tuple(dict.fromkeys(str(job) for ladder in LADDERS.values() for _after, job in ladder.rungs))
"""Jobs that alerts call, in the order in which they do."""


@dataclass(frozen=True, slots=True)
class OnDuty:
    duty: Duty
    is_now: bool
    is_over: bool
    runs_on: bool
    """Begun on a day before."""


@dataclass(frozen=True, slots=True)
class Cell:
    day: date
    on_duty: tuple[OnDuty, ...]


@dataclass(frozen=True, slots=True)
class Row:
    job: str
    label: str
    is_called: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class GapLine:
    job: str
    gap: Gap
    is_now: bool


@dataclass(frozen=True, slots=True)
class RotaPage:
    monday: date
    days: tuple[date, ...]
    today: date
    rows: tuple[Row, ...]
    gaps: tuple[GapLine, ...]
    duties: tuple[Duty, ...]
    """Of this week, not over: what can be swapped."""

    @property
    def week_before(self) -> date:
        return self.monday - WEEK

    @property
    def week_after(self) -> date:
        return self.monday + WEEK


def rota_page(ward: Ward, monday: date, at: datetime) -> RotaPage:
    """Two statements, and two for the gaps of the next 7 days."""
    zone = ward.time_zone
    days = tuple(monday + timedelta(days=number) for number in range(7))
    since, until = (
        local_instant(days[0], time(0), zone),
        local_instant(days[-1] + timedelta(days=1), time(0), zone),
    )
    duties = duties_between(ward, since, until)
    jobs = [*CALLED, *(job for job in dict.fromkeys(duty.job for duty in duties) if job not in CALLED)]
    return RotaPage(
        monday=monday,
        days=days,
        today=local_day(at, zone),
        rows=tuple(
            Row(job, str(Job(job).label), job in CALLED, tuple(_cell(day, job, duties, zone, at) for day in days))
            for job in jobs
        ),
        gaps=tuple(
            GapLine(str(Job(gap.job).label), gap, gap.starts_at <= at)
            for gap in gaps(ward, CALLED, at, at + LOOK_AHEAD)
        ),
        duties=tuple(duty for duty in duties if duty.ends_at > at),
    )


def held_by(user: User) -> int:
    """Alerts that this person has taken and brought to no outcome."""
    return Alert.objects.filter(acknowledged_by=user, status=Alert.Status.ACKNOWLEDGED).count()


def _cell(day: date, job: str, duties: Sequence[Duty], zone: str, at: datetime) -> Cell:
    """A night is listed on the day it begins, and on the Monday that it runs into."""
    begins, ends = local_instant(day, time(0), zone), local_instant(day + timedelta(days=1), time(0), zone)
    inside = [
        duty
        for duty in duties
        if duty.job == job
        and duty.ends_at > begins
        and duty.starts_at < ends
        and (duty.starts_at >= begins or day.weekday() == 0 or duty.ends_at - duty.starts_at > timedelta(hours=26))
    ]
    return Cell(
        day,
        tuple(
            OnDuty(duty, duty.starts_at <= at < duty.ends_at, duty.ends_at <= at, duty.starts_at < begins)
            for duty in inside
        ),
    )
