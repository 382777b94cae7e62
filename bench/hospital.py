"""A ward, its patients in mid-taper and a connected system with a token, in the database of the settings."""

import secrets
import uuid
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django

warnings.filterwarnings("ignore", message="No directory at")  # nobody asks for static files here
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.models import AccessToken  # noqa: E402

from apps.api.services import create_client  # noqa: E402
from apps.patients.services import admit_patient  # noqa: E402
from apps.rules.catalogue import load  # noqa: E402
from apps.wards.models import Ward  # noqa: E402

CATALOGUE = "baclofen-withdrawal-2026.2"


@dataclass(frozen=True)
class Place:
    patients: tuple[uuid.UUID, ...]
    token: str
    answers: dict[str, Any]

    def log(self, patient: uuid.UUID) -> dict[str, Any]:
        """A whole log without an emergency in it: what most logs are."""
        return {
            "patient": str(patient),
            "client_id": str(uuid.uuid4()),
            "observed_at": timezone.now().isoformat(),
            "reporter": "patient",
            "answers": self.answers,
            "vital_signs": {
                "temperature_c": {"value": 36.9, "unit": "degC", "site": "ear"},
                "heart_rate_bpm": {"value": 82, "unit": "/min"},
                "bp_systolic_mmhg": {"value": 124, "unit": "mmHg", "site": "arm"},
                "bp_diastolic_mmhg": {"value": 78, "unit": "mmHg", "site": "arm"},
            },
            "note": "Slept badly, better towards morning.",
        }


def build(patients: int) -> Place:
    at = timezone.now()
    ward = Ward.objects.create(code="bench", name="Bench", phone="100", time_zone="UTC")
    client = create_client(name="bench", scopes=["logs:write"], ward_codes=["bench"], by=None, at=at).client
    token = secrets.token_hex(20)
    AccessToken.objects.create(
        token=token, application=client, expires=at + timedelta(hours=1), scope="logs:write"
    )
    return Place(tuple(_admit(ward, number, at) for number in range(patients)), token, _answers())


def _admit(ward: Ward, number: int, at: datetime) -> uuid.UUID:
    patient = admit_patient(
        record_number=f"B{number}",
        given_name="Bench",
        family_name=f"Number{number}",
        birth_date=at.date() - timedelta(days=20_000),
        time_zone="UTC",
        ward=ward,
        admitted_at=at - timedelta(days=3),
        by=None,
        at=at,
    )
    return patient.pk


def _answers() -> dict[str, Any]:
    """Every graded item that a patient is asked, none of them marked."""
    symptoms = load(CATALOGUE).symptoms.values()
    asked = [s for s in symptoms if s.measure == "severity" and "patient" in s.reported_by and not s.red_flag]
    return {symptom.code: index % 2 for index, symptom in enumerate(asked)}


def statements_per_log(place: Place) -> list[str]:
    """What one POST asks of the database, after everything that is read once has been read."""
    browser = Browser(headers={"Authorization": f"Bearer {place.token}"})
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = browser.post(
                "/api/v1/symptom-logs/",
                place.log(place.patients[0]),
                "application/json",
                headers={"Host": "127.0.0.1"},
            )
        if answer.status_code != 201:
            raise RuntimeError(f"the log was not taken: {answer.content.decode()}")
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    return [query["sql"] for query in captured.captured_queries]
