"""How the supply of one patient stands now, as patient and alert pages show it: the clock since the last dose, the
watch window, dates of the pump, and the course since baclofen was given again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.assessments.active import active_catalogue
from apps.assessments.facts import Outlook, gather_outlooks
from apps.core.days import from_t
from apps.dashboards.wording import plain
from apps.monitoring.recovery import CHECKS, Point, response_curve
from apps.monitoring.watch_windows import watch_window
from apps.patients.models import Patient
from apps.tapers.models import PumpEvent, Route, SupplyEvent
from apps.tapers.stock import runs_out_at

CURVE_SHOWN = CHECKS[-1] + timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PumpDate:
    label: str
    at: datetime
    has_passed: bool


@dataclass(frozen=True, slots=True)
class StandingOfSupply:
    takes_oral: bool
    last_dose_at: datetime | None
    """By mouth; None: none is known within the last weeks."""
    window_until: datetime | None
    window_because: str
    runs_out_at: datetime | None
    """The first planned dose by mouth that nothing is left for; None: not counted, or long ahead."""
    has_run_out: bool
    pump_dates: tuple[PumpDate, ...]
    refill_booked: bool | None
    reinstated_at: datetime | None
    """Only while its course is followed."""
    curve: tuple[Point, ...]
    checks: tuple[datetime, ...]


def standing_of_supply(patient: Patient, at: datetime) -> StandingOfSupply:
    """Four statements."""
    runs_out = runs_out_at(patient, at)
    outlook = gather_outlooks([patient.pk], at)[patient.pk]
    facts = outlook.facts
    taken = [dose.taken_t for dose in facts.doses if dose.taken_t is not None and dose.route == Route.ORAL]
    window = watch_window(facts)
    reinstated_at = _followed(outlook, at)
    return StandingOfSupply(
        takes_oral=facts.plan is None or Route.ORAL in facts.plan.routes or bool(taken),
        last_dose_at=from_t(max(taken)) if taken else None,
        window_until=from_t(window.closes_t) if window else None,
        window_because=_because(window.because) if window else "",
        runs_out_at=runs_out,
        has_run_out=runs_out is not None and runs_out <= at,
        pump_dates=_pump_dates(outlook, at),
        refill_booked=facts.pump.refill_booked if facts.pump else None,
        reinstated_at=reinstated_at,
        curve=response_curve(facts, reinstated_at, active_catalogue()) if reinstated_at else (),
        checks=tuple(reinstated_at + check for check in CHECKS) if reinstated_at else (),
    )


def _followed(outlook: Outlook, at: datetime) -> datetime | None:
    since = outlook.reinstated_at
    return since if since is not None and since <= at <= since + CURVE_SHOWN else None


def _pump_dates(outlook: Outlook, at: datetime) -> tuple[PumpDate, ...]:
    pump = outlook.facts.pump
    if pump is None:
        return ()
    dates = (
        (_("Refill due"), pump.refill_due_t),
        (_("Reservoir reckoned low"), pump.low_reservoir_t),
        (_("End of the pump's service"), pump.service_end_t),
    )
    return tuple(PumpDate(label, from_t(t), from_t(t) <= at) for label, t in dates if t is not None)


def _because(kind: str) -> str:
    """The rules' word for a change, as the ward says it."""
    if kind == "missed_dose":
        return _("a dose was missed")
    for kinds in (SupplyEvent.Kind, PumpEvent.Kind):
        if kind in kinds.values:
            return str(kinds(kind).label)
    return plain(kind)
