"""The only door for what is reported. Each report is one transaction: stored, looked at for emergencies, and owed
an assessment; or nothing of it happened and the sender tries again."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.alerts.services import note_withdrawn_reason, raise_alerts, raise_not_assessed
from apps.assessments.services import assess_floor, lock_patients, note_latest_log, refresh_latest
from apps.assessments.window import WINDOW
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.monitoring.owed import owe_assessments
from apps.patients.models import Patient
from apps.rules import check_answers, normalise
from apps.rules.catalogue import Catalogue, load
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import LogConflict as LogConflict
from apps.symptoms.services import RecordedLog, body_sha256, record_symptom_log
from apps.tapers.models import Dose, PlanVersion, PumpEvent, SupplyEvent, TaperPlan
from apps.tapers.services import (
    end_event,
    record_dose,
    record_pump_event,
    record_supply_event,
    revise_plan,
    start_plan,
)

logger = logging.getLogger(__name__)
CLOCK_SLACK = timedelta(minutes=2)
OLDEST_LOG = timedelta(days=30)
"""Beyond these the sender's clock is likelier wrong than the log late (project choice)."""
LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class SubmittedLog:
    log: SymptomLog
    created: bool
    """False: it had been sent before; this is the first one."""
    alerts: list[Alert]
    """Those that this log raised or added to, most urgent first."""


class _FloorFailed(Exception):
    """The emergency floor broke down; what it had done is undone."""


def submit_symptom_log(
    *,
    patient: Patient,
    by: User | None,
    reporter: str,
    at: datetime,
    client_id: UUID,
    observed_at: datetime,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, Any],
    note: str = "",
    channel: str = "browser",
    supersedes: SymptomLog | None = None,
    is_canary: bool = False,
) -> SubmittedLog:
    """Take in one log. Once this returns, it is safe, and an emergency in it is on the ward board.

    `vital_signs`: code -> {"value": number, "unit": …, "site": …}, unit and site as the catalogue names them.
    Errors: InvalidInput (every fault), LogConflict (client id used for other content), CannotCorrect."""
    catalogue = load(settings.ACTIVE_CATALOGUE)
    _check(catalogue, reporter, answers, vital_signs, note, observed_at, at)
    row = {
        "patient": patient,
        "by": by,
        "reporter": reporter,
        "at": at,
        "client_id": client_id,
        "observed_at": observed_at,
        "catalogue_version": catalogue.version,
        "answers": answers,
        "vital_signs": _canonical(catalogue, vital_signs),
        "note": note,
        "channel": channel,
        "supersedes": supersedes,
        "is_canary": is_canary,
        "entered_sha256": body_sha256(
            observed_at=observed_at,
            reporter=reporter,
            answers=answers,
            vital_signs=vital_signs,
            note=note,
            supersedes_id=supersedes.pk if supersedes else None,
        ),
    }
    taken = _take_in_whatever_the_floor_does(row, catalogue)
    if not taken.recorded.is_same:
        # Outside the transaction that is refused, so that the refused body is kept for review.
        _keep_conflict(taken.recorded, row)
        raise LogConflict(_("This id was used before, for another log. Both are kept for review."))
    return SubmittedLog(taken.recorded.log, taken.recorded.created, taken.alerts)


@dataclass(frozen=True, slots=True)
class _Taken:
    recorded: RecordedLog
    alerts: list[Alert]


def _take_in_whatever_the_floor_does(row: Mapping[str, Any], catalogue: Catalogue) -> _Taken:
    """A fault in the floor never refuses the log: then it is stored for review by hand; and if even that cannot be
    noted, it is stored and owed."""
    try:
        return _take_in(row, lambda log: _floor(log, row["patient"], catalogue, row["at"]))
    except _FloorFailed as failed:
        _report("floor_failed", failed)
    try:
        return _take_in(row, lambda log: _for_review(log, row["patient"], row["at"]))
    except _FloorFailed as failed:
        _report("review_not_noted", failed)
    return _take_in(row, lambda log: [])


@transaction.atomic
def _take_in(row: Mapping[str, Any], floor: Callable[[SymptomLog], list[Alert]]) -> _Taken:
    recorded = record_symptom_log(**row)
    log, at = recorded.log, row["at"]
    if not recorded.created:
        return _Taken(recorded, _alerts_of(log))
    alerts = floor(log)
    corrected = log.supersedes
    moments = [log.observed_at, *([corrected.observed_at] if corrected else [])]
    owe_assessments(
        patient_id=log.patient_id,
        catalogue_version=log.catalogue_version,
        since=min(moments),
        until=max(moments) + WINDOW,
        at=at,
    )
    if corrected:
        _take_back(corrected, at)
    else:
        note_latest_log(log)
    if not log.is_canary:
        _audit(log, at)
    return _Taken(recorded, alerts)


def _floor(log: SymptomLog, patient: Patient, catalogue: Catalogue, at: datetime) -> list[Alert]:
    try:
        found = assess_floor(log, catalogue)
        return raise_alerts(patient=patient, log=log, hits=found.hits, at=at, fired_at=found.fired_at)
    except Exception as error:
        raise _FloorFailed from error


def _for_review(log: SymptomLog, patient: Patient, at: datetime) -> list[Alert]:
    try:
        return raise_not_assessed(patient=patient, log=log, at=at)
    except Exception as error:
        raise _FloorFailed from error


def _take_back(corrected: SymptomLog, at: datetime) -> None:
    """Boards and alerts no longer rest on the log that was corrected."""
    lock_patients([corrected.patient_id])
    refresh_latest(corrected.patient_id)
    note_withdrawn_reason(log=corrected, at=at)


def _audit(log: SymptomLog, at: datetime) -> None:
    kind = AuditEvent.Type.LOG_CORRECTED if log.supersedes_id else AuditEvent.Type.LOG_RECORDED
    record_event(kind, subject=log, by=log.recorded_by, at=at, patient_id=log.patient_id)


def _alerts_of(log: SymptomLog) -> list[Alert]:
    return list(Alert.objects.filter(events__log=log).distinct().order_by("-level", "opened_at"))


def _keep_conflict(recorded: RecordedLog, row: Mapping[str, Any]) -> None:
    record_event(
        AuditEvent.Type.LOG_CONFLICT,
        subject=recorded.log,
        by=row["by"],
        at=row["at"],
        patient_id=recorded.log.patient_id,
        detail={
            "observed_at": row["observed_at"].isoformat(),
            "reporter": str(row["reporter"]),
            "answers": dict(row["answers"]),
            "vital_signs": dict(row["vital_signs"]),
            "note": row["note"],
        },
    )


def _report(event: str, failed: BaseException) -> None:
    # No exception text: PostgreSQL and Python quote values in it.
    cause = failed.__cause__ or failed
    logger.error(
        "a step of the intake failed", extra={"event": event}, exc_info=(type(cause), cause, cause.__traceback__)
    )


def _check(
    catalogue: Catalogue,
    reporter: str,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, Any],
    note: str,
    observed_at: datetime,
    at: datetime,
) -> None:
    problems = [
        Problem(fault.path, fault.code, _(fault.message))
        for fault in check_answers(catalogue, str(reporter), answers, vital_signs)
    ]
    if not (answers or vital_signs or note.strip()):
        problems.append(Problem("", "empty", _("The log says nothing.")))
    if len(note) > LONGEST_NOTE or "\x00" in note:
        problems.append(Problem("/note", "unusable_text", _("The note is too long, or is no plain text.")))
    problems += _time_problems(observed_at, at)
    if problems:
        raise InvalidInput(problems[0].detail, tuple(problems))


def _time_problems(observed_at: datetime, at: datetime) -> list[Problem]:
    if observed_at.tzinfo is None:
        return [Problem("/observed_at", "no_offset", _("The time needs its offset from UTC."))]
    if observed_at > at + CLOCK_SLACK:
        return [Problem("/observed_at", "time_unsure", _("This moment has not come yet. Check the time."))]
    if observed_at < at - OLDEST_LOG:
        return [Problem("/observed_at", "time_unsure", _("This is more than 30 days ago. Check the date."))]
    return []


def _canonical(catalogue: Catalogue, vital_signs: Mapping[str, Any]) -> dict[str, Any]:
    """Each reading in the catalogue's unit, beside what was entered."""
    found = {}
    for code, reading in vital_signs.items():
        read = normalise(catalogue, code, reading["value"], reading.get("unit"), reading.get("site"))
        found[code] = {
            "value": read.vital_sign.value,
            "site": read.vital_sign.site,
            "entered": {"value": read.entered_value, "unit": read.entered_unit},
        }
    return found


# --- What changes the facts of logs that are there already ----------------------------------------


def request_reassessment(
    *, patient: Patient, at: datetime, since: datetime, until: datetime | None = None
) -> None:
    """Owe every log of this patient that something of that moment bears on, and the newest one."""
    owe_assessments(
        patient_id=patient.pk,
        catalogue_version=settings.ACTIVE_CATALOGUE,
        since=since,
        until=until,
        at=at,
        and_newest=True,
    )


@transaction.atomic
def submit_dose(*, patient: Patient, by: User | None, at: datetime, **dose: Any) -> Dose:
    """As `tapers.services.record_dose`, and have the logs since assessed again."""
    recorded = record_dose(patient=patient, by=by, at=at, **dose)
    if recorded.recorded_at == at:
        moments = [recorded.due_at, recorded.taken_at]
        if recorded.supersedes:
            moments += [recorded.supersedes.due_at, recorded.supersedes.taken_at]
        known = [moment for moment in moments if moment is not None]
        request_reassessment(patient=patient, at=at, since=min(known), until=at + WINDOW)
    return recorded


@transaction.atomic
def submit_pump_event(*, patient: Patient, by: User | None, at: datetime, **event: Any) -> PumpEvent:
    """As `tapers.services.record_pump_event`, and have the logs since assessed again."""
    recorded = record_pump_event(patient=patient, by=by, at=at, **event)
    if recorded.recorded_at == at:
        request_reassessment(patient=patient, at=at, since=recorded.occurred_at, until=at + WINDOW)
    return recorded


@transaction.atomic
def submit_supply_event(*, patient: Patient, by: User | None, at: datetime, **event: Any) -> SupplyEvent:
    """As `tapers.services.record_supply_event`, and have the logs since assessed again."""
    recorded = record_supply_event(patient=patient, by=by, at=at, **event)
    if recorded.recorded_at == at:
        request_reassessment(patient=patient, at=at, since=recorded.occurred_at, until=at + WINDOW)
    return recorded


@transaction.atomic
def submit_event_end(*, event: PumpEvent | SupplyEvent, by: User | None, at: datetime, ended_at: datetime) -> None:
    """It was mended or taken back; logs since then are assessed again."""
    end_event(event=event, by=by, at=at, ended_at=ended_at)
    request_reassessment(patient=event.patient, at=at, since=ended_at, until=at + WINDOW)


@transaction.atomic
def submit_plan_start(
    *, patient: Patient, by: User | None, at: datetime, effective_at: datetime, **plan: Any
) -> PlanVersion:
    """As `tapers.services.start_plan`, and have the logs since assessed again."""
    version = start_plan(patient=patient, by=by, at=at, effective_at=effective_at, **plan)
    request_reassessment(patient=patient, at=at, since=effective_at, until=at + WINDOW)
    return version


@transaction.atomic
def submit_plan_change(
    *, plan: TaperPlan, by: User | None, at: datetime, effective_at: datetime, **change: Any
) -> PlanVersion:
    """As `tapers.services.revise_plan`, and have the logs since assessed again."""
    version = revise_plan(plan=plan, by=by, at=at, effective_at=effective_at, **change)
    request_reassessment(patient=plan.patient, at=at, since=effective_at, until=at + WINDOW)
    return version
