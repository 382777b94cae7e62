"""Who is calling: a connected system with a short-lived token, or somebody signed in with a browser."""

import hashlib
import re

from django.utils import timezone
from django.utils.translation import gettext as _
from oauth2_provider.models import get_access_token_model
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.models import User

TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]{1,255}=*", re.ASCII)


class BearerAuthentication(authentication.BaseAuthentication):
    """One statement finds token, client and user by the token's checksum. The request then acts as the
    client's own user, so that the one access rule holds for systems as for people."""

    def authenticate(self, request: Request) -> tuple[User, "frozenset[str]"] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return self._user_of(token.strip())

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="taperwatch"'

    def _user_of(self, token: str) -> tuple[User, "frozenset[str]"]:
        if not TOKEN.fullmatch(token):
            raise AuthenticationFailed(_("This is not a token of ours."))
        found = (
            get_access_token_model()
            .objects.filter(token_checksum=hashlib.sha256(token.encode()).hexdigest())
            .select_related("application__user")
            .first()
        )
        if found is None or found.expires <= timezone.now() or found.application is None:
            raise AuthenticationFailed(_("The token is not known or has run out."))
        user = found.application.user
        if not user.is_active or user.role != User.Role.SERVICE:
            raise AuthenticationFailed(_("This connected system has been switched off."))
        return user, frozenset(found.scope.split()) & frozenset(found.application.allowed_scopes)


class BrowserAuthentication(authentication.SessionAuthentication):
    """The session of a signed-in person. Django's CSRF check applies to everything that writes."""
