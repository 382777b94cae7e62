from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_secret

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import DomainError
from apps.wards.models import Job, Membership, Ward

from .models import Client
from .scopes import SCOPES


class ClientRefused(DomainError):
    """A connected system that cannot be set up like this"""

    code = "client_refused"


@dataclass(frozen=True, slots=True)
class NewClient:
    client: Client
    secret: str
    """Known only now: what is stored is its hash."""


@transaction.atomic
def create_client(
    *, name: str, scopes: Iterable[str], ward_codes: Sequence[str], by: User | None, at: datetime
) -> NewClient:
    """A connected system with a user of its own, who works on the wards named and sees their patients."""
    scopes = sorted(set(scopes))
    _refuse_unknown_scopes(scopes)
    username = f"service-{name}"
    if User.objects.filter(username=username).exists():
        raise ClientRefused(_("There is already a connected system called %s.") % name)
    user = User.objects.create_user(username, display_name=name, role=User.Role.SERVICE)
    for ward in _wards(ward_codes):
        Membership.objects.create(ward=ward, user=user, job=Job.SYSTEM, started_at=at)
    secret = generate_client_secret()
    client = Client.objects.create(
        name=name,
        user=user,
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        allowed_scopes=scopes,
    )
    record_event(
        AuditEvent.Type.CLIENT_CREATED,
        subject=client,
        by=by,
        at=at,
        detail={"name": name, "scopes": scopes, "wards": list(ward_codes)},
    )
    return NewClient(client, secret)


def _refuse_unknown_scopes(scopes: list[str]) -> None:
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise ClientRefused(
            _("Unknown scope: %(unknown)s. There are: %(known)s.")
            % {"unknown": " ".join(unknown) or "–", "known": " ".join(SCOPES)}
        )


def _wards(codes: Sequence[str]) -> list[Ward]:
    wards = list(Ward.objects.filter(code__in=codes))
    unknown = sorted(set(codes) - {ward.code for ward in wards})
    if unknown:
        raise ClientRefused(_("There is no ward called %s.") % ", ".join(unknown))
    return wards
