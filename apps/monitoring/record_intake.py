"""What bends how logs are read: noted or ended, it has the logs it bears on assessed again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assessments.active import active_catalogue
from apps.assessments.window import WINDOW
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.monitoring.log_checks import canonical_readings
from apps.monitoring.supply_intake import request_reassessment
from apps.patients.models import Patient
from apps.patients.services import end_risk_factor, record_risk_factor
from apps.rules import check_answers
from apps.rules.types import Reporter
from apps.symptoms.models import Baseline
from apps.symptoms.services import record_baseline


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


@transaction.atomic
def submit_baseline(
    *, patient: Patient, by: User | None, at: datetime, answers: Mapping[str, Any], vital_signs: Mapping[str, Any]
) -> Baseline:
    """How the person usually is, whole: what is left out is not known any more. `vital_signs` as those of a log.
    Logs of the last 14 days are looked at again, since what was new in them is now measured from this.

    Errors: InvalidInput (every fault)."""
    catalogue = active_catalogue()
    faults = check_answers(catalogue, Reporter.STAFF, answers, vital_signs)
    if faults:
        problems = tuple(Problem(fault.path, fault.code, _(fault.message)) for fault in faults)
        raise InvalidInput(problems[0].detail, problems)
    readings = {code: one["value"] for code, one in canonical_readings(catalogue, vital_signs).items()}
    told = record_baseline(patient=patient, by=by, at=at, answers=answers, vital_signs=readings)
    _tell(patient, by, at, {"baseline": str(told.pk)})
    request_reassessment(patient=patient, at=at, since=at - WINDOW, until=at + WINDOW)
    return told


def _tell(patient: Patient, by: User | None, at: datetime, detail: dict[str, str]) -> None:
    record_event(
        AuditEvent.Type.RECORD_CHANGED, subject=patient, by=by, at=at, patient_id=patient.pk, detail=detail
    )
