"""Who may call what. What they then see is decided by `Patient.objects.visible_to(user)` alone."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.models import User

EVERYBODY = frozenset(User.Role)
AT_WORK = frozenset({User.Role.STAFF, User.Role.SERVICE})
SYSTEMS = frozenset({User.Role.SERVICE})
PEOPLE_AT_WORK = frozenset({User.Role.STAFF})


@dataclass(frozen=True, slots=True)
class Access:
    """For one method of one route: the scope a token needs (empty: any token), and the roles that may call it."""

    scope: str
    roles: frozenset[User.Role] = AT_WORK


class ScopeMissing(PermissionDenied):
    def __init__(self, scope: str) -> None:
        super().__init__(_("The token lacks the scope %(scope)s.") % {"scope": scope})
        self.auth_header = f'Bearer realm="taperwatch", error="insufficient_scope", scope="{scope}"'


class MayCall(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        access: Access | None = getattr(view, "access", {}).get(
            "GET" if request.method == "HEAD" else request.method
        )
        if access is None:  # no such method here: the answer is 405, for whoever asks
            return True
        if not request.user.is_authenticated:
            return False
        if request.user.role not in access.roles:
            raise PermissionDenied(_("Your role does not allow this."))
        if access.scope and isinstance(request.auth, frozenset) and access.scope not in request.auth:
            raise ScopeMissing(access.scope)
        return True
