from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models

from apps.audit.models import AuditEvent


def record_event(
    event_type: AuditEvent.Type,
    *,
    subject: models.Model,
    by: models.Model | None,
    at: datetime,
    patient_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> AuditEvent:
    """Write one line of the record, in the caller's transaction. `by` is None for the system itself."""
    return AuditEvent.objects.create(
        at=at,
        type=event_type,
        actor_id=None if by is None else by.pk,
        actor_role="system" if by is None else getattr(by, "role", ""),
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        patient_id=patient_id,
        detail=dict(detail or {}),
        request_id=request_id,
    )
