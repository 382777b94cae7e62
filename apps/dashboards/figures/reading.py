"""What happened on a ward in a period: the rows that every figure is counted from, and opens to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from apps.alerts.models import Alert, AlertEvent
from apps.core.days import local_day
from apps.patients.models import Stay
from apps.symptoms.models import SymptomLog
from apps.tapers.models import PlanVersion
from apps.wards.models import Ward

Kind = AlertEvent.Kind
NOTICED_BEFORE = timedelta(hours=24)
"""An alert this long before counts as having warned (project choice)."""
GIVEN_BACK = (PlanVersion.Kind.REINSTATE, PlanVersion.Kind.STEP_BACK)


@dataclass(frozen=True, slots=True)
class AlertRow:
    id: UUID
    patient_id: UUID
    patient: str
    pattern: str
    catalogue_version: str
    level: int
    """When it was raised first; it may have risen since."""
    rules: tuple[str, ...]
    opened_at: datetime
    taken_at: datetime | None
    """First taken."""
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class MissedRow:
    """Baclofen was given back, and no alert had warned."""

    patient_id: UUID
    patient: str
    at: datetime
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of one person in the ward's care."""

    patient_id: UUID
    patient: str
    day: Any
    logs: int


@dataclass(frozen=True, slots=True)
class Period:
    ward: Ward
    since: datetime
    until: datetime
    alerts: tuple[AlertRow, ...]
    missed: tuple[MissedRow, ...]
    days: tuple[DayRow, ...]
    patient_days: float
    seconds: tuple[int, ...]
    """That filling in a log took, where a page measured it."""


def read_period(ward: Ward, since: datetime, until: datetime) -> Period:
    """Alerts raised on the ward in [since, until). Seven statements."""
    stays = _stays(ward, since, until)
    logs = list(
        SymptomLog.objects.in_force()
        .filter(is_canary=False, patient__in={stay.patient_id for stay in stays})
        .filter(observed_at__gte=since, observed_at__lt=until)
        .values_list("patient", "observed_at", "filled_in_seconds")
    )
    return Period(
        ward=ward,
        since=since,
        until=until,
        alerts=_alerts(ward, since, until),
        missed=_missed(stays, since, until),
        days=tuple(_days(stays, logs, since, until)),
        patient_days=sum((stay.ends - stay.begins) / timedelta(days=1) for stay in stays),
        seconds=tuple(took for _patient, _at, took in logs if took is not None),
    )


def _stays(ward: Ward, since: datetime, until: datetime) -> list[Any]:
    """Each with `begins` and `ends`, cut to the period."""
    inside = Stay.objects.filter(
        Q(discharged_at=None) | Q(discharged_at__gt=since), ward=ward, admitted_at__lt=until
    )
    cut = inside.annotate(
        begins=Greatest(F("admitted_at"), since), ends=Least(F("discharged_at"), until)
    )  # `least` passes over NULL.
    return list(cut.select_related("patient").order_by("admitted_at"))


def _alerts(ward: Ward, since: datetime, until: datetime) -> tuple[AlertRow, ...]:
    alerts = Alert.objects.filter(ward=ward, opened_at__gte=since, opened_at__lt=until)
    found = alerts.select_related("patient").prefetch_related("events").order_by("opened_at", "pk")
    return tuple(_alert_row(alert) for alert in found)


def _alert_row(alert: Alert) -> AlertRow:
    events = sorted(alert.events.all(), key=lambda event: (event.at, event.written_at))
    first = next((event for event in events if event.kind == Kind.OPENED), None)
    taken = next((event.at for event in events if event.kind == Kind.ACKNOWLEDGED), None)
    return AlertRow(
        id=alert.pk,
        patient_id=alert.patient_id,
        patient=alert.patient.name,
        pattern=alert.pattern,
        catalogue_version=alert.catalogue_version,
        level=first.level if first else alert.level,
        rules=tuple(sorted({hit["rule_id"] for hit in alert.hits})),
        opened_at=alert.opened_at,
        # Closed by somebody who never took it: they came then.
        taken_at=taken or alert.resolved_at,
        closed_at=alert.resolved_at,
        outcome=alert.outcome or "",
    )


def _missed(stays: Iterable[Any], since: datetime, until: datetime) -> tuple[MissedRow, ...]:
    """Somebody gave baclofen back although nothing had warned in the day before."""
    patients = {stay.patient_id for stay in stays}
    given_back = list(
        PlanVersion.objects.filter(plan__patient__in=patients, kind__in=GIVEN_BACK)
        .filter(recorded_at__gte=since, recorded_at__lt=until)
        .select_related("plan__patient")
        .order_by("recorded_at")
    )
    warned = list(
        Alert.objects.filter(patient__in=patients, opened_at__lt=until)
        .filter(Q(resolved_at=None) | Q(resolved_at__gte=since - NOTICED_BEFORE))
        .values_list("patient", "opened_at", "resolved_at")
    )
    return tuple(
        MissedRow(
            version.plan.patient_id, version.plan.patient.name, version.recorded_at,
            str(version.get_kind_display()), version.reason,
        )
        for version in given_back
        if not _was_warned(version.plan.patient_id, version.recorded_at, warned)
    )  # fmt: skip


def _was_warned(patient: UUID, at: datetime, warned: list[tuple[UUID, datetime, datetime | None]]) -> bool:
    """An alert was open, or closed within the day before."""
    return any(
        whose == patient and opened <= at and (closed is None or closed >= at - NOTICED_BEFORE)
        for whose, opened, closed in warned
    )


def _days(
    stays: Iterable[Any], logs: list[tuple[UUID, datetime, int | None]], since: datetime, until: datetime
) -> Iterable[DayRow]:
    """Whole days of the patient's own clock, from the first midnight in the ward's care to the last."""
    seen: set[tuple[UUID, Any]] = set()
    counts: dict[tuple[UUID, Any], int] = {}
    zones = {stay.patient_id: stay.patient.time_zone for stay in stays}
    for patient, at, _took in logs:
        key = (patient, local_day(at, zones[patient]))
        counts[key] = counts.get(key, 0) + 1
    for stay in stays:
        zone = stay.patient.time_zone
        day, last = local_day(stay.begins, zone) + timedelta(days=1), local_day(stay.ends, zone)
        while day < last:
            key = (stay.patient_id, day)
            if key not in seen:
                seen.add(key)
                yield DayRow(stay.patient_id, stay.patient.name, day, counts.get(key, 0))
            day += timedelta(days=1)
