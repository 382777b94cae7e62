from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from apps.alerts.models import (
    Alert,
    AlertEvent,
    Delivery,
    EscalationStep,
)
from apps.patients.models import Patient


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """One alert with every step of its answer, oldest first."""

    alert: Alert
    events: tuple[AlertEvent, ...]
    escalation: tuple[EscalationStep, ...]
    deliveries: tuple[Delivery, ...]
    """Each with its `attempts` read."""
    hits: tuple[Mapping[str, Any], ...]
    """Most urgent first."""
    continued_by: tuple[Alert, ...]


def open_alerts_of(patient: Patient) -> list[Alert]:
    """Most urgent first, and of one level the oldest."""
    return list(
        Alert.objects.open()
        .filter(patient=patient)
        .select_related("acknowledged_by", "log")
        .order_by("-level", "raised_at", "id")
    )


def alert_detail(alert: Alert) -> AlertDetail:
    """Six queries, however long its story."""
    read = (
        Alert.objects.select_related(
            "patient", "ward", "log", "assessment", "acknowledged_by", "resolved_by", "silenced_by", "continues"
        )
        .prefetch_related(
            Prefetch("events", AlertEvent.objects.select_related("by", "log").order_by("at", "written_at", "id")),
            Prefetch(
                "escalation_steps", EscalationStep.objects.select_related("person").order_by("episode", "number")
            ),
            Prefetch(
                "deliveries",
                Delivery.objects.select_related("recipient", "step")
                .prefetch_related("attempts")
                .order_by("due_at", "channel"),
            ),
            "continued_by",
        )
        .get(pk=alert.pk)
    )
    return AlertDetail(
        alert=read,
        events=tuple(read.events.all()),
        escalation=tuple(read.escalation_steps.all()),
        deliveries=tuple(read.deliveries.all()),
        hits=tuple(sorted(read.hits, key=lambda hit: -hit["level"])),
        continued_by=tuple(read.continued_by.all()),
    )
