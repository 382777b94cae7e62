"""What pump events and supply events have in common: something happened to the supply of baclofen."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from apps.tapers.models import PumpEvent, SupplyEvent

from .fields import Id, Instant, text
from .pagination import PageQuery
from .shapes import Answer, Given


class EventQuery(PageQuery):
    patient: Id | None = None
    occurred_from: Instant | None = None
    occurred_before: Instant | None = None

    lookups: ClassVar = {
        "patient": "patient",
        "occurred_from": "occurred_at__gte",
        "occurred_before": "occurred_at__lt",
    }


class EventGiven(Given):
    patient: Id
    client_id: Id
    """Made by the sender, once for each event: sending the same again changes nothing."""
    occurred_at: Instant
    ended_at: Instant | None = None
    """When it was mended or taken back, where that is known already."""
    note: Annotated[str, text(4000)] = ""


class EventAnswer(Answer):
    id: UUID
    patient: UUID
    client_id: UUID
    kind: str
    occurred_at: datetime
    ended_at: datetime | None
    """When it was mended or taken back; null = still so, or over at once."""
    note: str
    recorded_by: UUID | None
    recorded_at: datetime


class EndGiven(Given):
    ended_at: Instant
    """When it was mended or taken back. The first end that is told stays."""


END_EXAMPLE = {"ended_at": "2026-11-23T05:40:00+01:00"}


def event_fields(event: PumpEvent | SupplyEvent) -> dict[str, Any]:
    return {
        "id": event.pk,
        "patient": event.patient_id,
        "client_id": event.client_id,
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "ended_at": event.ended_at,
        "note": event.note,
        "recorded_by": event.recorded_by_id,
        "recorded_at": event.recorded_at,
    }
