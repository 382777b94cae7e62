"""Everything about one patient that was on record at one moment, read with a fixed number of statements.

A row counts once it was recorded, and what corrects it once the correction was: "what did the ward know at 03:00".
What is changed in place (an alert, the end of an event) is told from the record of its changes instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, Min, Prefetch, Q
from django.db.models.functions import Cast, Coalesce

from apps.alerts.models import Alert, AlertEvent
from apps.audit.models import AuditEvent
from apps.core.days import Whereabouts
from apps.dashboards.timeline.axis import Axis, Period, make_axis
from apps.patients.models import Patient, ZoneChange
from apps.symptoms.models import Baseline, SymptomLog
from apps.tapers.models import Dose, PlanVersion, PumpDates, PumpEvent, SupplyEvent, TaperPlan, TaperStep
from apps.tapers.selectors import version_values
from apps.tapers.timeline import DueTime, Stretch, due_times, stretches

RUN_UP = timedelta(days=3)
"""Read before the first moment shown: what opened a watch window, and the last log before a gap."""


@dataclass(frozen=True, slots=True)
class KnownLog:
    log: SymptomLog
    corrected_at: datetime | None
    """When a correction came in, if it was there yet; a corrected log no longer counts."""


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """Of the pump or of the supply."""

    event: PumpEvent | SupplyEvent
    ended_at: datetime | None
    """None: not over, as far as was known."""


@dataclass(frozen=True, slots=True)
class KnownAlert:
    alert: Alert
    events: tuple[AlertEvent, ...]
    """What had happened to it by then, in order."""


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    patient: Patient
    axis: Axis
    known_at: datetime
    whereabouts: Whereabouts
    stretches: tuple[Stretch, ...]
    foreseen: tuple[TaperStep, ...]
    """Steps that wait to be released, of the version that was in force."""
    versions: tuple[PlanVersion, ...]
    """Oldest first."""
    due: tuple[DueTime, ...]
    """Oral doses due on the axis, up to `known_at`."""
    doses: tuple[Dose, ...]
    events: tuple[KnownEvent, ...]
    pump_dates: PumpDates | None
    """As told last."""
    zone_changes: tuple[ZoneChange, ...]
    logs: tuple[KnownLog, ...]
    """Oldest first, from RUN_UP before the axis on."""
    alerts: tuple[KnownAlert, ...]
    baseline: Baseline | None
    """How the person usually is, as told last."""
    watched_since: datetime
    """Before that nobody was expected to log."""
    watched_until: datetime | None
    """Discharged then; None: still in a ward's care, as far as was known."""


def read_timeline(patient: Patient, *, period: Period, known_at: datetime) -> TimelineFacts:
    """A fixed number of statements, however long the story."""
    zone_changes = tuple(patient.zone_changes.order_by("from_at"))
    known_changes = tuple(change for change in zone_changes if change.recorded_at <= known_at)
    whereabouts = _whereabouts(patient, zone_changes, known_changes)
    line, versions = _plans(patient, known_at)
    axis = make_axis(period, whereabouts.zones[-1][1], known_at, _taper(line, versions))
    since = axis.since - RUN_UP
    watched = _watched(patient, known_at)
    return TimelineFacts(
        patient=patient,
        axis=axis,
        known_at=known_at,
        whereabouts=whereabouts,
        stretches=line,
        foreseen=_foreseen(versions, known_at),
        versions=versions,
        due=tuple(due_times(line, whereabouts, axis.since, min(axis.until, known_at))),
        doses=_doses(patient, since, axis.until, known_at),
        events=_events(patient, known_at),
        pump_dates=PumpDates.objects.filter(patient=patient, recorded_at__lte=known_at)
        .order_by("-recorded_at")
        .first(),
        zone_changes=known_changes,
        logs=_logs(patient, since, axis.until, known_at),
        alerts=_alerts(patient, axis, known_at),
        baseline=Baseline.objects.filter(patient=patient, recorded_at__lte=known_at)
        .order_by("-recorded_at")
        .first(),
        watched_since=watched[0],
        watched_until=watched[1],
    )


def _whereabouts(patient: Patient, changes: tuple[ZoneChange, ...], known: tuple[ZoneChange, ...]) -> Whereabouts:
    first = changes[0].zone_before if changes else patient.time_zone
    return Whereabouts(((patient.registered_at, first), *((change.from_at, change.zone) for change in known)))


def _plans(patient: Patient, known_at: datetime) -> tuple[tuple[Stretch, ...], tuple[PlanVersion, ...]]:
    recorded = PlanVersion.objects.filter(recorded_at__lte=known_at).select_related("author", "plan")
    plans = list(
        TaperPlan.objects.filter(patient=patient)
        .prefetch_related(Prefetch("versions", recorded.order_by("number")), "versions__steps")
        .order_by("created_at")
    )
    line = [
        stretch
        for plan in plans
        for stretch in stretches((version_values(one) for one in plan.versions.all()), _closed(plan, known_at))
    ]
    return tuple(line), tuple(version for plan in plans for version in plan.versions.all())


def _closed(plan: TaperPlan, known_at: datetime) -> datetime | None:
    return plan.closed_at if plan.closed_at is not None and plan.closed_at <= known_at else None


def _taper(line: tuple[Stretch, ...], versions: tuple[PlanVersion, ...]) -> tuple[datetime, datetime] | None:
    """The newest plan, from its beginning to the last change that is prescribed."""
    if not versions or not line:
        return None
    plan = versions[-1].plan_id
    begins = min(version.effective_at for version in versions if version.plan_id == plan)
    ends = [moment for one in line for moment in (one.starts_at, one.ends_at) if moment is not None]
    return begins, max(begins, *ends)


def _foreseen(versions: tuple[PlanVersion, ...], known_at: datetime) -> tuple[TaperStep, ...]:
    in_force = [version for version in versions if version.effective_at <= known_at]
    if not in_force:
        return ()
    steps = (step for step in in_force[-1].steps.all() if step.is_locked)
    return tuple(sorted(steps, key=lambda step: step.starts_at))


def _doses(patient: Patient, since: datetime, until: datetime, known_at: datetime) -> tuple[Dose, ...]:
    """Those that counted then: not yet corrected."""
    found = (
        Dose.objects.filter(patient=patient, recorded_at__lte=known_at)
        .exclude(superseded_by__recorded_at__lte=known_at)
        .annotate(moment=Coalesce(F("taken_at"), F("due_at")))
        .filter(moment__gte=since, moment__lt=until)
        .select_related("recorded_by")
        .order_by("moment", "id")
    )
    return tuple(found)


def _events(patient: Patient, known_at: datetime) -> tuple[KnownEvent, ...]:
    """All of them, since what began long ago may not be mended yet."""
    ended = dict(
        AuditEvent.objects.filter(patient_id=patient.pk, type=AuditEvent.Type.EVENT_ENDED)
        .values_list("subject_id")
        .annotate(first=Min("at"))
    )
    rows: Iterable[PumpEvent | SupplyEvent] = (
        *PumpEvent.objects.filter(patient=patient, recorded_at__lte=known_at).select_related("recorded_by"),
        *SupplyEvent.objects.filter(patient=patient, recorded_at__lte=known_at).select_related("recorded_by"),
    )
    known = (KnownEvent(row, _end_of(row, ended, known_at)) for row in rows)
    return tuple(sorted(known, key=lambda one: (one.event.occurred_at, one.event.pk)))


def _end_of(row: PumpEvent | SupplyEvent, ended: dict[str, Any], known_at: datetime) -> datetime | None:
    """An end that nobody told apart was told with the event itself."""
    told_at = ended.get(str(row.pk), row.recorded_at)
    return row.ended_at if told_at <= known_at else None


def _logs(patient: Patient, since: datetime, until: datetime, known_at: datetime) -> tuple[KnownLog, ...]:
    rows = (
        SymptomLog.objects.known_by(known_at)
        .filter(patient=patient, is_canary=False, observed_at__gte=since, observed_at__lt=until)
        .select_related("recorded_by")
        .annotate(correction_at=Cast(F("superseded_by__recorded_at"), DateTimeField()))
        .order_by("observed_at", "recorded_at")
    )
    return tuple(
        KnownLog(row, row.correction_at if row.correction_at and row.correction_at <= known_at else None)
        for row in rows
    )


def _alerts(patient: Patient, axis: Axis, known_at: datetime) -> tuple[KnownAlert, ...]:
    happened = AlertEvent.objects.filter(at__lte=known_at).select_related("by")
    rows = (
        Alert.objects.filter(patient=patient, opened_at__lte=known_at, opened_at__lt=axis.until)
        .filter(Q(resolved_at=None) | Q(resolved_at__gte=axis.since - RUN_UP))
        .prefetch_related(Prefetch("events", happened))
        .order_by("opened_at")
    )
    return tuple(KnownAlert(row, tuple(row.events.all())) for row in rows)


def _watched(patient: Patient, known_at: datetime) -> tuple[datetime, datetime | None]:
    """From the first admission to the last discharge."""
    stays = list(patient.stays.filter(admitted_at__lte=known_at).order_by("admitted_at"))
    if not stays:
        return patient.registered_at, None
    left = stays[-1].discharged_at
    return stays[0].admitted_at, left if left is not None and left <= known_at else None
