"""Who is calling: a connected system with a short-lived token, or somebody signed in with a browser."""

import hashlib
import re
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts.models import User

# Written out, since each request of each system begins with it: putting it together costs more than running it.
_BEARER = """
select u.*, t.expires as token_expires, t.scope as token_scope, c.allowed_scopes as client_scopes
from oauth2_provider_accesstoken t
    join api_client c on c.id = t.application_id
    join accounts_user u on u.id = c.user_id
where t.token_checksum = %s
"""
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
        checksum = hashlib.sha256(token.encode()).hexdigest()
        # Any: with what the statement brings beside the user.
        found: Any = next(iter(User.objects.raw(_BEARER, [checksum])), None)
        if found is None or found.token_expires <= timezone.now():
            raise AuthenticationFailed(_("The token is not known or has run out."))
        if not found.is_active or found.role != User.Role.SERVICE:
            raise AuthenticationFailed(_("This connected system has been switched off."))
        return found, frozenset(found.token_scope.split()) & frozenset(found.client_scopes)


class BrowserAuthentication(authentication.SessionAuthentication):
    """The session of a signed-in person. Django's CSRF check applies to everything that writes."""
