"""The only door for what is reported. Each report is one transaction: stored, looked at for emergencies, and owed
an assessment; or nothing of it happened and the sender tries again."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.alerts.services import note_withdrawn_reason, raise_alerts, raise_not_assessed
from apps.assessments.active import active_catalogue
from apps.assessments.services import assess_floor, lock_patients, note_latest_log, refresh_latest
from apps.assessments.window import WINDOW
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.monitoring.log_checks import canonical_readings, check_log
from apps.monitoring.owed import owe_assessments
from apps.monitoring.plan_intake import submit_hold as submit_hold
from apps.monitoring.plan_intake import submit_plan_change as submit_plan_change
from apps.monitoring.plan_intake import submit_plan_start as submit_plan_start
from apps.monitoring.plan_intake import submit_reinstatement as submit_reinstatement
from apps.monitoring.plan_intake import submit_release as submit_release
from apps.monitoring.plan_intake import submit_signature as submit_signature
from apps.monitoring.plan_intake import submit_slower as submit_slower
from apps.monitoring.plan_intake import submit_step_back as submit_step_back
from apps.monitoring.plan_intake import submit_stop as submit_stop
from apps.monitoring.plan_intake import submit_transfer as submit_transfer
from apps.monitoring.supply_intake import request_reassessment as request_reassessment
from apps.monitoring.supply_intake import submit_dose as submit_dose
from apps.monitoring.supply_intake import submit_event_end as submit_event_end
from apps.monitoring.supply_intake import submit_pump_dates as submit_pump_dates
from apps.monitoring.supply_intake import submit_pump_event as submit_pump_event
from apps.monitoring.supply_intake import submit_supply_count as submit_supply_count
from apps.monitoring.supply_intake import submit_supply_event as submit_supply_event
from apps.patients.models import Patient
from apps.rules.catalogue import Catalogue
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import LogConflict as LogConflict
from apps.symptoms.services import RecordedLog, body_sha256, record_symptom_log

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SubmittedLog:
    log: SymptomLog
    created: bool
    """False: it had been sent before; this is the first one."""
    alerts: list[Alert]
    """Those that this log raised or added to, most urgent first."""


SECOND_TAP_WITHIN = timedelta(seconds=30)


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
    asked_by: str = "",
    carried_from: SymptomLog | None = None,
    carried: Sequence[str] = (),
    filled_in_seconds: int | None = None,
) -> SubmittedLog:
    """Take in one log. Once this returns, it is safe, and an emergency in it is on the ward board.

    `vital_signs`: code -> {"value": number, "unit": …, "site": …}, unit and site as the catalogue names them.
    `asked_by`: the version of the catalogue whose questions were answered, where the door knows. The log keeps it;
    it is looked at by the version in force.
    `carried`: codes of answers said to be as in `carried_from`, an earlier log. How a log was filled in is no part
    of what it says: sent again without it, it is the same log.

    Errors: InvalidInput (every fault), LogConflict (client id used for other content), CannotCorrect."""
    catalogue = active_catalogue()
    spoken = check_log(asked_by, reporter, answers, vital_signs, note, observed_at, at)
    row = {
        "patient": patient,
        "by": by,
        "reporter": reporter,
        "at": at,
        "client_id": client_id,
        "observed_at": observed_at,
        "catalogue_version": spoken.version,
        "answers": answers,
        "vital_signs": canonical_readings(spoken, vital_signs),
        "note": note,
        "channel": channel,
        "supersedes": supersedes,
        "is_canary": is_canary,
        "carried_from": carried_from,
        "carried": carried,
        "filled_in_seconds": filled_in_seconds,
        "entered_sha256": body_sha256(
            observed_at=observed_at,
            reporter=reporter,
            answers=answers,
            vital_signs=vital_signs,
            note=note,
            supersedes_id=supersedes.pk if supersedes else None,
        ),
    }
    taken = _once_more_after_a_deadlock(lambda: _take_in_whatever_the_floor_does(row, catalogue))
    if not taken.recorded.is_same and not _is_second_tap(taken.recorded.log, row):
        # Outside the transaction that is refused, so that the refused body is kept for review.
        kept = _keep_conflict(taken.recorded, row, catalogue)
        raise LogConflict(
            _("This id was used before, for another log. This one is kept under an id of its own."), kept=kept
        )
    return SubmittedLog(taken.recorded.log, taken.recorded.created, taken.alerts)


@dataclass(frozen=True, slots=True)
class _Taken:
    recorded: RecordedLog
    alerts: list[Alert]


def _once_more_after_a_deadlock(work: Callable[[], _Taken]) -> _Taken:
    """PostgreSQL breaks a deadlock by undoing one side whole; what was undone is simply done again."""
    try:
        return work()
    except OperationalError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if state not in ("40P01", "40001") or connection.in_atomic_block:
            raise
        return work()


def _take_in_whatever_the_floor_does(row: Mapping[str, Any], catalogue: Catalogue) -> _Taken:
    """A fault in the floor never refuses the log: then it is stored for review by hand; and if even that cannot be
    noted, it is stored and owed."""
    try:
        return _take_in(row, catalogue, lambda log: _floor(log, row["patient"], catalogue, row["at"]))
    except _FloorFailed as failed:
        _report("floor_failed", failed)
    try:
        return _take_in(row, catalogue, lambda log: _for_review(log, row["patient"], row["at"]))
    except _FloorFailed as failed:
        _report("review_not_noted", failed)
    return _take_in(row, catalogue, lambda log: [])


@transaction.atomic
def _take_in(row: Mapping[str, Any], catalogue: Catalogue, floor: Callable[[SymptomLog], list[Alert]]) -> _Taken:
    recorded = record_symptom_log(**row)
    log, at = recorded.log, row["at"]
    if not recorded.created:
        return _Taken(recorded, _alerts_of(log))
    corrected = log.supersedes
    if corrected:
        # Before the debts, as an assessment does.
        lock_patients([corrected.patient_id])
    alerts = floor(log)
    moments = [log.observed_at, *([corrected.observed_at] if corrected else [])]
    owe_assessments(
        patient_id=log.patient_id,
        catalogue_version=catalogue.version,
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
        return raise_alerts(
            patient=patient,
            log=log,
            hits=found.hits,
            at=at,
            fired_at=found.fired_at,
            catalogue_version=catalogue.version,
        )
    except (OperationalError, InterfaceError):
        # The database's own trouble is not the log's: nothing was stored, and the sender tries again.
        raise
    except Exception as error:
        raise _FloorFailed from error


def _for_review(log: SymptomLog, patient: Patient, at: datetime) -> list[Alert]:
    try:
        return raise_not_assessed(patient=patient, log=log, at=at)
    except Exception as error:
        raise _FloorFailed from error


def _take_back(corrected: SymptomLog, at: datetime) -> None:
    """Boards and alerts no longer rest on the log that was corrected."""
    refresh_latest(corrected.patient_id)
    note_withdrawn_reason(log=corrected, at=at)


def _audit(log: SymptomLog, at: datetime) -> None:
    kind = AuditEvent.Type.LOG_CORRECTED if log.supersedes_id else AuditEvent.Type.LOG_RECORDED
    record_event(kind, subject=log, by=log.recorded_by, at=at, patient_id=log.patient_id)


def _alerts_of(log: SymptomLog) -> list[Alert]:
    return list(Alert.objects.filter(events__log=log).distinct().order_by("-level", "opened_at"))


def _is_second_tap(first: SymptomLog, row: Mapping[str, Any]) -> bool:
    """The same report, sent twice at once by a door that reads the clock itself: only the moment differs."""
    is_near = abs(first.observed_at - row["observed_at"]) <= SECOND_TAP_WITHIN
    said = (first.answers, first.vital_signs, first.note, first.reporter, first.supersedes_id)
    again = (
        dict(row["answers"]),
        dict(row["vital_signs"]),
        row["note"],
        str(row["reporter"]),
        row["supersedes"].pk if row["supersedes"] else None,
    )
    return is_near and said == again


def _keep_conflict(recorded: RecordedLog, row: Mapping[str, Any], catalogue: Catalogue) -> SymptomLog:
    """Two reports under one id are two reports: the second is taken in as well, once however often it is sent, and
    looked at for emergencies. Its sender is told of the conflict, and the record says what happened."""
    own_id = uuid5(row["client_id"], row["entered_sha256"])
    kept = _take_in_whatever_the_floor_does(dict(row) | {"client_id": own_id, "supersedes": None}, catalogue)
    if not kept.recorded.created:
        return kept.recorded.log
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
            "kept_as": str(kept.recorded.log.pk),
        },
    )
    return kept.recorded.log


def _report(event: str, failed: BaseException) -> None:
    # No exception text: PostgreSQL and Python quote values in it.
    cause = failed.__cause__ or failed
    logger.error(
        "a step of the intake failed", extra={"event": event}, exc_info=(type(cause), cause, cause.__traceback__)
    )
