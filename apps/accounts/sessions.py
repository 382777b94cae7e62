"""How long somebody stays signed in, and how all of that is ended at once."""

from datetime import datetime, timedelta

from django.db.models import F
from django.http import HttpRequest

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event

LASTING = timedelta(days=90)
"""On a phone of one's own: nothing to remember on a bad day. Each use begins the time anew."""
OWN_PHONE = "own_phone"


def stay_signed_in(request: HttpRequest, user: User) -> None:
    """This is the person's own phone. Ward staff share their machines and are never kept signed in."""
    if user.role in (User.Role.PATIENT, User.Role.CARER):
        request.session[OWN_PHONE] = True
        request.session.set_expiry(LASTING)


def go_on(request: HttpRequest) -> None:
    if request.session.get(OWN_PHONE):
        request.session.set_expiry(LASTING)


def end_sessions(*, user: User, by: User, at: datetime) -> None:
    """Whoever is signed in with this account is signed out at their next request, on every phone."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    record_event(AuditEvent.Type.SESSIONS_ENDED, subject=user, by=by, at=at)
