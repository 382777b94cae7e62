"""Who has looked at whom goes into the record.

A board asks once a second; a line for each would bury the record. One line per person, ward and quarter of an hour
names everybody who was on the board, and another is written when somebody new comes onto it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import models, transaction
from django.http import HttpRequest

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.patients.models import Patient
from apps.wards.models import Ward

BOARD_LINE_EVERY = timedelta(minutes=15)


def remember_patient_view(
    request: HttpRequest, user: User, patient: Patient, *, subject: models.Model, at: datetime
) -> None:
    record_event(
        AuditEvent.Type.PATIENT_VIEWED,
        subject=subject,
        by=user,
        at=at,
        patient_id=patient.pk,
        detail={"door": "ward", "page": request.resolver_match.url_name if request.resolver_match else ""},
    )


def remember_board_view(user: User, ward: Ward, patient_ids: Collection[UUID], at: datetime) -> None:
    """Nothing is read or written while this process remembers the line; else one statement, or two."""
    seen = frozenset(str(pk) for pk in patient_ids)
    key = f"board-viewed:{user.pk}:{ward.pk}"
    remembered = cache.get(key)
    if remembered and at - remembered[0] < BOARD_LINE_EVERY and seen <= remembered[1]:
        return
    written_at, known = _last_line(user, ward, at) or (None, frozenset())
    if written_at is None or not seen <= known:
        record_event(AuditEvent.Type.BOARD_VIEWED, subject=ward, by=user, at=at, detail={"patients": sorted(seen)})
        written_at, known = at, seen
    # Not before the line is safe: a page whose transaction fails has shown nothing.
    transaction.on_commit(lambda: cache.set(key, (written_at, known), BOARD_LINE_EVERY.total_seconds()))


def _last_line(user: User, ward: Ward, at: datetime) -> tuple[datetime, frozenset[str]] | None:
    line = (
        AuditEvent.objects.filter(
            type=AuditEvent.Type.BOARD_VIEWED,
            actor_id=user.pk,
            subject_id=str(ward.pk),
            at__gt=at - BOARD_LINE_EVERY,
            at__lte=at,
        )
        .order_by("-at")
        .first()
    )
    return (line.at, frozenset(line.detail["patients"])) if line else None
