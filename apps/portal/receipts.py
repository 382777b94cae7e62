"""Who on the ward has seen a report: the step after "received" that the phone shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.alerts.models import AlertEvent
from apps.audit.models import AuditEvent
from apps.symptoms.models import SymptomLog

MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Seen:
    at: datetime
    by: UUID | None


def receipts(user: User, log_ids: Iterable[UUID]) -> dict[str, dict[str, Any]]:
    """For each of these logs that this person sent: when it was received, when it was seen, and by whom (first
    name; "" while nobody has)."""
    logs = list(SymptomLog.objects.filter(pk__in=list(log_ids)[:MOST_AT_ONCE], recorded_by=user))
    seen = {log.pk: first_seen(log) for log in logs}
    lookers = User.objects.in_bulk([found.by for found in seen.values() if found and found.by])
    return {str(log.pk): _receipt(log, seen[log.pk], lookers) for log in logs}


def _receipt(log: SymptomLog, seen: Seen | None, lookers: dict[Any, User]) -> dict[str, Any]:
    looker = lookers.get(seen.by) if seen else None
    return {
        "log": str(log.pk),
        "received_at": log.recorded_at.isoformat(),
        "seen_at": seen.at.isoformat() if seen else None,
        "seen_by": looker.get_short_name() if looker else "",
    }


def looks() -> QuerySet[AuditEvent]:
    """Looks of ward staff at somebody's page. A look at the board is none: it shows that there is something, not
    what was said."""
    return AuditEvent.objects.filter(
        type=AuditEvent.Type.PATIENT_VIEWED, actor_role=User.Role.STAFF, detail__door="ward"
    ).order_by("at")


def takings() -> QuerySet[AlertEvent]:
    """Alerts taken by a person."""
    return AlertEvent.objects.filter(kind=AlertEvent.Kind.ACKNOWLEDGED, by__isnull=False).order_by("at")


def first_seen(log: SymptomLog) -> Seen | None:
    """The first look at the person's page, or the taking of an alert of this log, after it came in."""
    looked = (
        looks().filter(patient_id=log.patient_id, at__gte=log.recorded_at).values_list("at", "actor_id").first()
    )
    took = takings().filter(alert__events__log=log, at__gte=log.recorded_at).values_list("at", "by_id").first()
    found = [Seen(at, by) for at, by in filter(None, (looked, took))]
    return min(found, key=lambda one: one.at, default=None)
