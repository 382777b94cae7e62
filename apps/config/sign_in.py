"""Who may sign in, and what the lock-out counts."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from apps.core.demo import demo_mode_on


class ClosedDoor(DefaultAccountAdapter):
    """Accounts are made by the ward, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("passkeys:mine")

    def pre_login(self, request: HttpRequest, user: Any, **given: Any) -> HttpResponse | None:
        """Whatever way they came (the library lets a person whose password was right go on to here)."""
        if not may_sign_in(user):
            return cast(HttpResponse, self.respond_user_inactive(request, user))
        return cast(HttpResponse | None, super().pre_login(request, user, **given))


def may_sign_in(user: Any) -> bool:
    """Demo people, whose passwords are printed, sign in in demo mode only."""
    return bool(user.is_active) and (demo_mode_on() or not user.is_demo)


class PeopleBackend(AuthenticationBackend):
    """By user name or e-mail address. Asked at each request too: the sessions of demo people end with demo
    mode, and those of anybody who is switched off end at once."""

    def user_can_authenticate(self, user: Any) -> bool:
        return may_sign_in(user)


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
