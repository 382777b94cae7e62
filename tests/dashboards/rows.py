"""Patients as the board reads them."""

from datetime import datetime, timedelta
from typing import Any

from apps.assessments.models import Latest
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from tests.factories import NOON, AssessmentFactory, SymptomLogFactory


def logged(
    patient: Patient,
    *,
    at: datetime = NOON - timedelta(hours=3),
    assessed: bool = True,
    log_fields: dict[str, Any] | None = None,
    **latest: Any,
) -> SymptomLog:
    """A log and the patient's latest row, as intake and assessment leave them."""
    log = SymptomLogFactory(patient=patient, observed_at=at, **(log_fields or {}))
    assessment = AssessmentFactory(log=log) if assessed else None
    Latest.objects.update_or_create(
        patient=patient,
        defaults={
            "last_log": log,
            "last_log_observed_at": log.observed_at,
            "last_log_reporter": log.reporter,
            "assessment": assessment,
            "assessed_log_observed_at": log.observed_at if assessment else None,
        }
        | latest,
    )
    return log
