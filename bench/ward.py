"""A ward for the latency bench: its patients, nurses who can sign in, and a system that sends the logs."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.alerts.models import Alert  # noqa: E402
from apps.api.services import create_client  # noqa: E402
from apps.patients.services import admit_patient  # noqa: E402
from apps.wards.models import Job, Membership, Ward  # noqa: E402


@dataclass(frozen=True)
class Place:
    patients: tuple[uuid.UUID, ...]
    nurses: tuple[str, ...]
    password: str
    token: str


def build(patients: int, *, nurses: int) -> Place:
    """A ward of its own, so that the alerts of one series are not in the way of the next."""
    at = timezone.now()
    name = f"bench-{secrets.token_hex(3)}"
    ward = Ward.objects.create(code=name, name=name, phone="100", time_zone="UTC")
    client = create_client(name=name, scopes=["logs:write"], ward_codes=[name], by=None, at=at).client
    token = secrets.token_hex(20)
    AccessToken.objects.create(
        token=token, application=client, expires=at + timedelta(hours=1), scope="logs:write"
    )
    password = secrets.token_urlsafe(16)
    return Place(
        patients=tuple(_admit(ward, f"{name}-{number}", at) for number in range(patients)),
        nurses=tuple(_hire(ward, f"{name}-nurse-{number}", password, at) for number in range(nurses)),
        password=password,
        token=token,
    )


def _admit(ward: Ward, name: str, at: datetime) -> uuid.UUID:
    patient = admit_patient(
        record_number=name,
        given_name="Bench",
        family_name=name,
        birth_date=at.date() - timedelta(days=20_000),
        time_zone="UTC",
        ward=ward,
        admitted_at=at - timedelta(days=3),
        by=None,
        at=at,
    )
    return patient.pk


def _hire(ward: Ward, name: str, password: str, at: datetime) -> str:
    nurse = User.objects.create_user(name, password, display_name=name, role=User.Role.STAFF)
    Membership.objects.create(ward=ward, user=nurse, job=Job.NURSE, started_at=at)
    return name


def log(patient: uuid.UUID, **fields: Any) -> dict[str, Any]:
    return {
        "patient": str(patient),
        "client_id": str(uuid.uuid4()),
        "observed_at": timezone.now().isoformat(),
        "reporter": "staff",
    } | fields


def alerts_of(patient: uuid.UUID) -> list[uuid.UUID]:
    return list(Alert.objects.filter(patient=patient).values_list("pk", flat=True))
