"""What bends how logs are read: noted or ended, it has the logs it bears on assessed again."""

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.assessments.window import WINDOW
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.monitoring.supply_intake import request_reassessment
from apps.patients.models import Patient
from apps.patients.services import end_risk_factor, record_risk_factor


@transaction.atomic
def submit_risk_factor(*, patient: Patient, code: str, by: User | None, at: datetime, since: datetime) -> None:
    """As `patients.services.record_risk_factor`. One that is listed already is left as it is."""
    noted = record_risk_factor(patient=patient, code=code, by=by, present_from=since)
    if noted.present_from == since:
        _tell(patient, by, at, {"noted": code})
        request_reassessment(patient=patient, at=at, since=since, until=at + WINDOW)


@transaction.atomic
def submit_risk_factor_end(*, patient: Patient, code: str, by: User | None, at: datetime) -> None:
    """As `patients.services.end_risk_factor`, from now on."""
    end_risk_factor(patient=patient, code=code, present_until=at)
    _tell(patient, by, at, {"ended": code})
    request_reassessment(patient=patient, at=at, since=at, until=at + WINDOW)


def _tell(patient: Patient, by: User | None, at: datetime, detail: dict[str, str]) -> None:
    record_event(
        AuditEvent.Type.RECORD_CHANGED, subject=patient, by=by, at=at, patient_id=patient.pk, detail=detail
    )
