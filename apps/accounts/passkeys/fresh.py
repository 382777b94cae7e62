"""Whether somebody has shown just now that it is they: a phone left unlocked must not become another's key."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

FRESH_FOR = timedelta(minutes=10)
"""Project choice."""
KEY = "shown_who_at"


def show_who(request: HttpRequest, at: datetime) -> None:
    request.session[KEY] = at.timestamp()


def is_fresh(request: HttpRequest, at: datetime) -> bool:
    shown = request.session.get(KEY)
    return shown is not None and 0 <= at.timestamp() - shown <= FRESH_FOR.total_seconds()


def _signed_in(sender: Any, request: HttpRequest | None, **given: Any) -> None:
    # Some tests and commands sign in without a session.
    if request is not None and hasattr(request, "session"):
        show_who(request, timezone.now())


def listen() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="taperwatch.show_who")
