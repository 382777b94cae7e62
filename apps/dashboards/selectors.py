"""The ward board as one page shows it: frozen, read with a fixed number of statements."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from apps.accounts.models import User
from apps.alerts.models import Level
from apps.dashboards.board.reading import read_open_alerts, read_patients
from apps.dashboards.board.rows import BoardRow, board_row
from apps.monitoring.selectors import PipelineState, pipeline_state
from apps.wards.models import Duty, Job, Ward


@dataclass(frozen=True, slots=True)
class OnDuty:
    name: str
    job: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Board:
    ward: Ward
    at: datetime
    rows: tuple[BoardRow, ...]
    """Who needs a person next comes first."""
    on_duty: tuple[OnDuty, ...]
    pipeline: PipelineState
    emergencies_unowned: int
    """Alerts that nobody has taken; a watch does not count, it waits for the shift's look."""
    urgent_unowned: int
    logs_overdue: int
    version: str
    """Changes when anything but the ages does."""

    @property
    def unowned(self) -> int:
        return self.emergencies_unowned + self.urgent_unowned

    @property
    def is_in_danger(self) -> bool:
        """Nothing may be believed about those without an alert, or nobody is called."""
        return not self.pipeline.live or not self.pipeline.watches_alive


def canary_came_out(board: Board) -> datetime | None:
    """When the last log that proved the way from report to alert had been put in; None: never."""
    age = board.pipeline.canary_age_s
    return None if age is None else board.at - timedelta(seconds=age)


def ward_board(ward: Ward, *, user: User, at: datetime) -> Board:
    """Who is on the ward now and how they are. Four statements: patients, alerts, duties, pipeline.

    That `user` may see this ward has been settled by whoever hands it over."""
    alerts = read_open_alerts(ward)
    patients = read_patients(ward, at)
    rows = sorted(
        (board_row(read, alerts.get(read.patient_id, ()), user, at) for read in patients),
        key=lambda row: row.order,
    )
    on_duty = _on_duty(ward, at)
    pipeline = pipeline_state(at)
    return Board(
        ward=ward,
        at=at,
        rows=tuple(rows),
        on_duty=on_duty,
        pipeline=pipeline,
        emergencies_unowned=_unowned(rows, Level.EMERGENCY),
        urgent_unowned=_unowned(rows, Level.URGENT),
        logs_overdue=sum(row.log_is_overdue for row in rows),
        version=_version(rows, on_duty, pipeline),
    )


def _on_duty(ward: Ward, at: datetime) -> tuple[OnDuty, ...]:
    """One statement. Only those who still work here: nobody else is called."""
    duties = (
        Duty.objects.current(at)
        .filter(ward=ward, user__is_active=True, user__memberships__ward=ward, user__memberships__ended_at=None)
        .order_by("job", "user__display_name")
        .values_list("user__display_name", "job", "ends_at")
    )
    return tuple(OnDuty(name, str(Job(job).label), until) for name, job, until in duties)


def _unowned(rows: list[BoardRow], level: int) -> int:
    return sum(
        line.stays_unowned and line.level == level
        for row in rows
        for line in (*((row.alert,) if row.alert else ()), *row.others)
    )


def _version(rows: list[BoardRow], on_duty: tuple[OnDuty, ...], pipeline: PipelineState) -> str:
    """A digest of all that is shown, ages left out: those tick in the browser."""
    state = (
        pipeline.live,
        pipeline.watches_alive > 0,
        pipeline.queue_canary_age_s is not None,
        len(pipeline.messages),
        pipeline.owed_count if pipeline.messages else 0,
        pipeline.failing_count,
        # What waits is told to ten seconds.
        int((pipeline.oldest_owed_s or 0) // 10) if pipeline.messages else 0,
    )
    return sha256(repr((rows, on_duty, state)).encode()).hexdigest()[:20]
