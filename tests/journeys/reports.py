"""What people report in the stories."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.monitoring.intake import SubmittedLog, submit_symptom_log
from apps.patients.models import Patient

QUIET: dict[str, Any] = {"answers": {"anxiety": 1}, "vital_signs": {}}
FEVER: dict[str, Any] = {
    "answers": {"hypertonia": 3, "severe_rigidity": 3},
    "vital_signs": {"temperature_c": {"value": 39.4, "unit": "degC", "site": "ear"}},
}
SEEING_THINGS: dict[str, Any] = {"answers": {"visual_hallucinations": 2}, "vital_signs": {}}
"""Urgent, not an emergency: only the full assessment raises it."""


def report(patient: Patient, at: datetime | None = None, **given: Any) -> SubmittedLog:
    """By the patient, now, quiet, unless told otherwise."""
    at = at or timezone.now()
    told = {
        "by": None,
        "reporter": "patient",
        "client_id": uuid.uuid4(),
        "observed_at": at,
        **QUIET,
    }
    return submit_symptom_log(patient=patient, at=at, **told | given)
