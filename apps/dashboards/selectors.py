"""The ward board as one page shows it: frozen, read with a fixed number of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import Count

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.dashboards.board.need import Standing, is_past_time
from apps.dashboards.board.reading import PatientRead, read_open_alerts, read_patients
from apps.dashboards.board.rows import BoardRow, alert_state, board_row, in_order, place_of
from apps.dashboards.rota_page import CALLED
from apps.monitoring.selectors import PipelineState, pipeline_state
from apps.patients.models import Stay
from apps.wards.models import Duty, Job, Ward


@dataclass(frozen=True, slots=True)
class OnDuty:
    name: str
    job: str
    until: datetime
    code: str = ""
    """Of the job."""


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
    steps_waiting: int
    """Patients whose next step waits for somebody to release it."""
    version: str
    proven_at: datetime | None

    @property
    def unowned(self) -> int:
        return self.emergencies_unowned + self.urgent_unowned

    @property
    def unmanned(self) -> tuple[str, ...]:
        """Jobs that alerts call and that nobody has now."""
        there = {person.code for person in self.on_duty}
        return tuple(str(Job(job).label) for job in CALLED if job not in there)

    @property
    def is_in_danger(self) -> bool:
        """Nothing may be believed about those without an alert, or nobody is called."""
        return not self.pipeline.live or not self.pipeline.watches_alive


@dataclass(frozen=True, slots=True)
class WardRead:
    """What a board is made of, before any words: enough to tell whether it has changed."""

    ward: Ward
    at: datetime
    patients: tuple[tuple[PatientRead, list[dict[str, Any]], Standing], ...]
    """Each with the open alerts and the place, in the order of the board."""
    on_duty: tuple[OnDuty, ...]
    pipeline: PipelineState
    version: str
    """Changes when anything that is shown does, but for ages: those tick in the browser."""

    @property
    def proven_at(self) -> datetime | None:
        """When the last test log that came out had been put in; None: never."""
        age = self.pipeline.canary_age_s
        return None if age is None else self.at - timedelta(seconds=age)


def unowned_by_ward(wards: Sequence[Ward]) -> dict[UUID, int]:
    """Ward -> alerts that somebody has to take and nobody has, of those who are there now. One statement."""
    counts = (
        Stay.objects.current()
        .filter(
            ward__in=wards,
            patient__alerts__status=Alert.Status.OPEN,
            patient__alerts__level__gt=Level.WATCH,
            patient__alerts__silenced_until=None,
        )
        .values_list("ward")
        .annotate(Count("patient__alerts"))
    )
    return dict(counts)


def read_ward(ward: Ward, at: datetime) -> WardRead:
    """Four statements, however many beds: alerts, patients, duties, pipeline."""
    alerts = {patient_id: in_order(open_alerts) for patient_id, open_alerts in read_open_alerts(ward).items()}
    placed = [
        (read, found := alerts.get(read.patient_id, []), place_of(read, found, at))
        for read in read_patients(ward, at)
    ]
    placed.sort(key=lambda one: one[2].order)
    on_duty = _on_duty(ward, at)
    pipeline = pipeline_state(at)
    past_time = [is_past_time(alert_state(alert), at) for _, found, _ in placed for alert in found]
    told = (placed, past_time, on_duty, _told_of(pipeline))
    return WardRead(
        ward=ward,
        at=at,
        patients=tuple(placed),
        on_duty=on_duty,
        pipeline=pipeline,
        version=sha256(repr(told).encode()).hexdigest()[:20],
    )


def ward_board(ward: Ward, *, user: User, at: datetime) -> Board:
    """Who is on the ward now and how they are. Whoever hands the ward over has settled that `user` may see it."""
    return board_of(read_ward(ward, at), user=user)


def board_of(read: WardRead, *, user: User) -> Board:
    rows = tuple(board_row(*one, user, read.at) for one in read.patients)
    return Board(
        ward=read.ward,
        at=read.at,
        rows=rows,
        on_duty=read.on_duty,
        pipeline=read.pipeline,
        emergencies_unowned=_unowned(rows, Level.EMERGENCY),
        urgent_unowned=_unowned(rows, Level.URGENT),
        logs_overdue=sum(row.log_is_overdue for row in rows),
        steps_waiting=sum(row.step_waits for row in rows),
        version=read.version,
        proven_at=read.proven_at,
    )


def _on_duty(ward: Ward, at: datetime) -> tuple[OnDuty, ...]:
    """One statement. Only those who still work here: nobody else is called."""
    duties = (
        Duty.objects.current(at)
        .filter(ward=ward, user__is_active=True, user__memberships__ward=ward, user__memberships__ended_at=None)
        .order_by("job", "user__display_name")
        .values_list("user__display_name", "job", "ends_at")
    )
    return tuple(OnDuty(name, str(Job(job).label), until, job) for name, job, until in duties)


def _unowned(rows: Sequence[BoardRow], level: int) -> int:
    return sum(line.stays_unowned and line.level == level for row in rows for line in row.lines)


def _told_of(pipeline: PipelineState) -> tuple[object, ...]:
    """Of the pipeline, what the board says; how long the oldest log waits, to ten seconds."""
    waiting = pipeline.owed_count, int((pipeline.oldest_owed_s or 0) // 10), pipeline.failing_count
    return (
        pipeline.live,
        pipeline.watches_alive > 0,
        len(pipeline.messages),
        waiting if pipeline.messages else None,
    )
