"""From logs that are owed to assessments and alerts. The same function for the queue and for the watch's own
process, and it may run twice: the same facts make the same rows."""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.alerts.models import Alert
from apps.alerts.services import raise_alerts, raise_not_assessed
from apps.assessments.facts import gather_facts
from apps.assessments.models import Assessment
from apps.assessments.services import assess, lock_patients, moment_of, store_assessment
from apps.monitoring.clock import look_again
from apps.monitoring.owed import ATTEMPTS_BEFORE_REVIEW, Debt, begin_attempts, pay, postpone
from apps.rules.catalogue import Catalogue, CatalogueError, load
from apps.rules.types import Facts
from apps.symptoms.models import SymptomLog

logger = logging.getLogger(__name__)


def assess_owed(log_ids: Sequence[UUID], at: datetime) -> int:
    """Assess what of these is owed; answers how many were. Each log is a transaction of its own, so that one that
    cannot be assessed spoils no other."""
    debts = begin_attempts(log_ids)
    logs = SymptomLog.objects.select_related("patient").in_bulk([debt.log_id for debt in debts])
    facts = _facts_of_all(list(logs.values()))
    return sum(_settle(debt, logs[debt.log_id], facts, at) for debt in debts if debt.log_id in logs)


def _facts_of_all(logs: list[SymptomLog]) -> dict[UUID, Facts]:
    """Read together; when that fails, by each alone."""
    try:
        with transaction.atomic():
            return gather_facts(logs)
    except Exception as error:
        _report("facts_failed", error)
        return {}


def _settle(debt: Debt, log: SymptomLog, facts: dict[UUID, Facts], at: datetime) -> bool:
    try:
        catalogue = load(debt.catalogue_version)
    except CatalogueError:
        # Written by a newer release than this one: it stays owed until a worker comes that knows it.
        logger.error("unknown catalogue version", extra={"event": "unknown_catalogue", "job_id": str(log.pk)})
        postpone(debt, at, "unknown catalogue version")
        if debt.attempts > ATTEMPTS_BEFORE_REVIEW:
            _ask_for_review(log, at)
        return False
    try:
        if debt.attempts > ATTEMPTS_BEFORE_REVIEW:
            # Before the try, since this log may end the process that tries it.
            _ask_for_review(log, at)
        assess_and_alert(log, catalogue, at, facts=facts.get(log.pk), debt=debt)
    except Exception as error:
        _report("assessment_failed", error, log)
        postpone(debt, at, _described(error))
        return False
    return True


@transaction.atomic
def assess_and_alert(
    log: SymptomLog,
    catalogue: Catalogue,
    at: datetime,
    *,
    facts: Facts | None = None,
    debt: Debt | None = None,
) -> tuple[Assessment, list[Alert]]:
    """Assess one log, store it, raise what it calls for, and pay the debt: all of it or nothing.

    Locks in the order patient, debt, latest row, alerts; the intake takes the same order."""
    facts = facts or gather_facts([log])[log.pk]
    evaluation = assess(facts, catalogue)
    lock_patients([log.patient_id])
    if debt is not None:
        pay(debt, at)
    stored = store_assessment(
        log=log, facts=facts, evaluation=evaluation, at=at, generation=debt.asked if debt else 1
    )
    alerts = raise_alerts(
        patient=log.patient,
        log=log,
        hits=evaluation.hits,
        at=at,
        assessment=stored.assessment,
        fired_at=moment_of(facts, log),
    )
    if alerts:
        # Whoever has an alert is asked more often, so that silence concerns somebody sooner.
        look_again(log.patient_id, at)
    return stored.assessment, alerts


def _ask_for_review(log: SymptomLog, at: datetime) -> None:
    with transaction.atomic():
        raise_not_assessed(patient=log.patient, log=log, at=at)


def _described(error: Exception) -> str:
    """Which error and where; never its words, which may quote what the patient said."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"


def _report(event: str, error: Exception, log: SymptomLog | None = None) -> None:
    logger.error(
        "an assessment failed",
        extra={"event": event, "job_id": str(log.pk) if log else ""},
        exc_info=(type(error), error, error.__traceback__),
    )
