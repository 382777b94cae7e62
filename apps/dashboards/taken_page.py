"""Planned against taken, day by day of the patient's own."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from apps.core.days import day_bounds, local_day
from apps.patients.models import Patient
from apps.tapers.models import Dose, Route
from apps.tapers.selectors import DueDose, due_doses

DAYS_SHOWN = 14
LATE = timedelta(hours=1)
"""A word on a page: project choice. No rule fires on it."""
REPORTED_AHEAD = timedelta(hours=1)
"""As on the patient's own page: people take one a little early."""
TWICE = 2
AS_KEPT = Decimal("0.001")
"""A third of 50 mg is kept with three decimals."""


class Deviation(StrEnum):
    MISSED = "missed"
    LATE = "late"
    EARLY = "early"
    DOUBLE = "double"
    UNKNOWN = "unknown"
    UNTOLD = "untold"
    OTHER_AMOUNT = "other_amount"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class TakenLine:
    """One dose: what was planned, and what was said of it."""

    when: datetime
    planned: Decimal | None
    """mg; None: the plan has no dose then."""
    dose: Dose | None
    deviation: Deviation | None
    is_open: bool
    """Nobody has said, and it can be said now."""
    client_id: UUID = field(default_factory=uuid.uuid4)

    @property
    def key(self) -> str:
        return self.when.isoformat()


@dataclass(frozen=True, slots=True)
class TakenDay:
    day: date
    lines: tuple[TakenLine, ...]
    planned: Decimal
    taken: Decimal
    """mg told to be taken; a dose of an amount not told counts as planned."""

    @property
    def deviations(self) -> int:
        return sum(line.deviation is not None for line in self.lines)


def taken_days(patient: Patient, at: datetime, days: int = DAYS_SHOWN) -> list[TakenDay]:
    """Newest first, up to now."""
    today = local_day(at, patient.time_zone)
    wanted = [today - timedelta(days=back) for back in range(days)]
    since, until = day_bounds(wanted[-1], patient.time_zone)[0], day_bounds(today, patient.time_zone)[1]
    besides = list(
        Dose.objects.in_force()
        .filter(patient=patient, route=Route.ORAL, due_at=None, taken_at__gte=since, taken_at__lt=until)
        .select_related("recorded_by")
        .order_by("taken_at")
    )
    return [_day(patient, day, at, besides) for day in wanted]


def open_dose(patient: Patient, key: str, at: datetime) -> DueDose | None:
    """The planned dose that a form names, if something can be said of it now."""
    try:
        due_at = datetime.fromisoformat(key)
    except ValueError:
        return None
    if due_at.tzinfo is None or due_at > at + REPORTED_AHEAD:
        return None
    day = local_day(due_at, patient.time_zone)
    return next((due for due in due_doses(patient, day) if due.due_at == due_at), None)


def _day(patient: Patient, day: date, at: datetime, besides: Sequence[Dose]) -> TakenDay:
    due = due_doses(patient, day)
    extra = [dose for dose in besides if dose.taken_at and local_day(dose.taken_at, patient.time_zone) == day]
    lines = [_planned(one, at) for one in due] + [_outside(dose, due) for dose in extra]
    return TakenDay(
        day=day,
        lines=tuple(sorted(lines, key=lambda line: line.when)),
        planned=sum((one.amount for one in due), Decimal(0)),
        taken=sum((_amount(line) for line in lines), Decimal(0)),
    )


def _amount(line: TakenLine) -> Decimal:
    if line.dose is None or line.dose.status != Dose.Status.TAKEN:
        return Decimal(0)
    return line.dose.amount or line.planned or Decimal(0)


def _planned(due: DueDose, at: datetime) -> TakenLine:
    is_open = due.dose is None and due.due_at <= at + REPORTED_AHEAD
    return TakenLine(due.due_at, due.amount, due.dose, deviation_of(due, at), is_open)


def deviation_of(due: DueDose, at: datetime) -> Deviation | None:
    """None: as planned, or not due to be told yet."""
    dose = due.dose
    if dose is None:
        return Deviation.UNTOLD if due.due_at + LATE < at else None
    if dose.status != Dose.Status.TAKEN or dose.taken_at is None:
        return Deviation.MISSED if dose.status == Dose.Status.MISSED else Deviation.UNKNOWN
    planned = due.amount.quantize(AS_KEPT)
    if dose.amount is not None and dose.amount >= TWICE * planned:
        return Deviation.DOUBLE
    if dose.amount is not None and dose.amount != planned:
        return Deviation.OTHER_AMOUNT
    if dose.taken_at > due.due_at + LATE:
        return Deviation.LATE
    return Deviation.EARLY if dose.taken_at < due.due_at - LATE else None


def _outside(dose: Dose, due: Sequence[DueDose]) -> TakenLine:
    """On top of the planned dose before it, which was taken too, it is a dose taken twice."""
    moment = dose.taken_at or dose.recorded_at
    before = [one for one in due if one.due_at <= moment]
    is_double = bool(before) and before[-1].dose is not None and before[-1].dose.status == Dose.Status.TAKEN
    return TakenLine(moment, None, dose, Deviation.DOUBLE if is_double else Deviation.OUTSIDE, False)
