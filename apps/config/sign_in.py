"""Who may sign in, and what the lock-out counts."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from apps.core.demo import demo_mode_on


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are made by the ward, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class PeopleBackend(AuthenticationBackend):
    """By user name or e-mail address. Demo people, whose passwords are printed, exist in demo mode only; a
    session they opened there ends with it."""

    def user_can_authenticate(self, user: Any) -> bool:
        if user.is_demo and not demo_mode_on():
            return False
        return bool(super().user_can_authenticate(user))


def name_given(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """The name that was typed, in one spelling: the lock-out must not be escaped by capital letters."""
    given = credentials or {}
    typed = given.get("username") or given.get("email") or given.get("login")
    if not typed and request is not None:
        typed = request.POST.get("login") or request.POST.get("username")
    return str(typed or "").strip().casefold()


def client_address(request: HttpRequest) -> str:
    """Where a request comes from. Behind our proxy, the last entry of X-Forwarded-For: the one the proxy
    wrote itself; those before it are whatever the visitor claimed."""
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
