"""The dose strip: today's due doses and what became of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.core.days import local_day
from apps.patients.models import Patient
from apps.tapers.models import Dose
from apps.tapers.selectors import DueDose, due_doses

REPORTED_AHEAD = timedelta(hours=1)
"""How long before it is due a dose can be reported: people take one a little early. Convenience only."""
CLOSE = timedelta(hours=2)
"""Two doses told of within this time are asked about: two taps, or two doses? A project choice, and no advice."""


@dataclass(frozen=True, slots=True)
class DoseRow:
    due_at: datetime
    route: str
    amount: Decimal | None
    unit: str
    report: Dose | None
    is_reportable: bool
    is_yesterday: bool

    @property
    def key(self) -> str:
        return self.due_at.strftime("%Y-%m-%dT%H:%M:%SZ")


def dose_strip(patient: Patient, at: datetime) -> list[DoseRow]:
    """Today's doses, and yesterday's of which nobody has told us."""
    today = local_day(at, patient.time_zone)
    untold = [due for due in due_doses(patient, today - timedelta(days=1)) if due.dose is None]
    return [row(due, at, today, patient) for due in (*untold, *due_doses(patient, today))]


def row(due: DueDose, at: datetime, today: date, patient: Patient) -> DoseRow:
    return DoseRow(
        due_at=due.due_at,
        route=due.route,
        amount=due.amount,
        unit=due.unit,
        report=due.dose,
        is_reportable=due.due_at <= at + REPORTED_AHEAD,
        is_yesterday=local_day(due.due_at, patient.time_zone) < today,
    )


def due_dose(patient: Patient, route: str, key: str, at: datetime) -> DoseRow | None:
    """The due dose that an address names, if it is one that can be reported now."""
    try:
        due_at = datetime.fromisoformat(key)
    except ValueError:
        return None
    if due_at.tzinfo is None:
        return None
    today = local_day(at, patient.time_zone)
    for due in due_doses(patient, local_day(due_at, patient.time_zone)):
        found = row(due, at, today, patient)
        if due.route == route and due.due_at == due_at and found.is_reportable:
            return found
    return None


def next_due(strip: list[DoseRow], at: datetime) -> datetime | None:
    return next((one.due_at for one in strip if one.report is None and one.due_at > at), None)


def taken_close_by(patient: Patient, due: DoseRow, taken_at: datetime | None) -> datetime | None:
    """When another dose by the same route was said to be taken within CLOSE of this one."""
    if taken_at is None:
        return None
    others = Dose.objects.in_force().filter(
        patient=patient,
        route=due.route,
        status=Dose.Status.TAKEN,
        taken_at__gt=taken_at - CLOSE,
        taken_at__lt=taken_at + CLOSE,
    )
    if due.report is not None:
        others = others.exclude(pk=due.report.pk)
    other = others.exclude(due_at=due.due_at).order_by("-taken_at").first()
    return other.taken_at if other else None
