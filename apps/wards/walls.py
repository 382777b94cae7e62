"""Screens on the wall: a link is made, opened once by the screen, and can be taken back at any time."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import DomainError, InvalidInput, Problem
from apps.wards.models import WallScreen, Ward

LINK_VALID_FOR = timedelta(hours=24)
KEY_BYTES = 32


class LinkSpent(DomainError):
    code = "link_spent"


@transaction.atomic
def make_screen(*, ward: Ward, label: str, by: User, at: datetime) -> tuple[WallScreen, str]:
    """The screen, and the link's token. Errors: InvalidInput (no label)."""
    if not label.strip():
        message = _("Say where the screen hangs.")
        raise InvalidInput(message, (Problem("/label", "required", message),))
    token = secrets.token_urlsafe(KEY_BYTES)
    screen = WallScreen.objects.create(
        ward=ward,
        label=label.strip()[:60],
        made_by=by,
        made_at=at,
        link_sha256=_digest(token),
        link_expires_at=at + LINK_VALID_FOR,
    )
    record_event(AuditEvent.Type.SCREEN_MADE, subject=screen, by=by, at=at)
    return screen, token


def find_link(token: str, at: datetime) -> WallScreen | None:
    """Not opened yet and not too old."""
    return (
        WallScreen.objects.filter(
            link_sha256=_digest(token), opened_at=None, revoked_at=None, link_expires_at__gt=at
        )
        .select_related("ward")
        .first()
    )


@transaction.atomic
def open_screen(*, token: str, at: datetime) -> str:
    """The screen's own key, from its link, once. Errors: LinkSpent."""
    key = secrets.token_urlsafe(KEY_BYTES)
    opened = WallScreen.objects.filter(
        link_sha256=_digest(token), opened_at=None, revoked_at=None, link_expires_at__gt=at
    ).update(opened_at=at, device_sha256=_digest(key))
    if not opened:
        raise LinkSpent(_("This link was used already, taken back, or is too old. Make a new one on the ward."))
    screen = WallScreen.objects.get(link_sha256=_digest(token))
    record_event(AuditEvent.Type.SCREEN_OPENED, subject=screen, by=None, at=at)
    return key


def screen_of(key: str) -> WallScreen | None:
    """None: no such screen, or it was taken back."""
    if not key:
        return None
    return WallScreen.objects.filter(device_sha256=_digest(key), revoked_at=None).select_related("ward").first()


def screens_of(ward: Ward) -> QuerySet[WallScreen]:
    return WallScreen.objects.filter(ward=ward, revoked_at=None).select_related("made_by").order_by("made_at")


@transaction.atomic
def revoke_screen(*, screen: WallScreen, by: User, at: datetime) -> None:
    """It shows nothing more from its next look on. Twice is once."""
    if WallScreen.objects.filter(pk=screen.pk, revoked_at=None).update(revoked_at=at):
        record_event(AuditEvent.Type.SCREEN_REVOKED, subject=screen, by=by, at=at)


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
