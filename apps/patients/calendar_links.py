"""The patient's calendar address: made, shown once, taken back."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from apps.patients.models import CalendarLink, Patient

TOKEN_BYTES = 32


@transaction.atomic
def make_link(*, patient: Patient, shows_doses: bool, language: str, at: datetime) -> str:
    """A new address in place of any before; answers its token, which is kept nowhere."""
    revoke_link(patient=patient, at=at)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    CalendarLink.objects.create(
        patient=patient,
        token_sha256=_digest(token),
        shows_doses=shows_doses,
        language=language,
        created_at=at,
    )
    return token


def revoke_link(*, patient: Patient, at: datetime) -> None:
    """Whoever has the address gets nothing any more."""
    CalendarLink.objects.filter(patient=patient, revoked_at=None).update(revoked_at=at)


def link_of(patient: Patient) -> CalendarLink | None:
    return CalendarLink.objects.filter(patient=patient, revoked_at=None).first()


def find_link(token: str) -> CalendarLink | None:
    found = CalendarLink.objects.filter(token_sha256=_digest(token), revoked_at=None)
    return found.select_related("patient").first()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
