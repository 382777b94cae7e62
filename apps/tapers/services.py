"""What was taken, and what happened to the supply. Called through `monitoring.intake`, which also has the
patient assessed again; nothing here does."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.tapers.errors import CannotCorrect, DoseAlreadyReported, ReportConflict
from apps.tapers.models import Dose, PumpEvent, SupplyEvent
from apps.tapers.planning import StepInput as StepInput
from apps.tapers.planning import close_plan as close_plan
from apps.tapers.planning import revise_plan as revise_plan
from apps.tapers.planning import start_plan as start_plan

CLOCK_SLACK = timedelta(minutes=2)
OLDEST_DOSE = timedelta(days=30)
"""Both as for symptom logs: beyond, the sender's clock is likelier wrong than the report late."""
OLDEST_EVENT = timedelta(days=366)
"""A pump implanted or a drug stopped long ago may have to be entered at admission."""

LONGEST_REASON = 300

REPORTER_OF_ROLE = {
    User.Role.PATIENT: "patient",
    User.Role.CARER: "carer",
    User.Role.STAFF: "staff",
    User.Role.SERVICE: "system",
}
Row = TypeVar("Row", Dose, PumpEvent, SupplyEvent)


@transaction.atomic
def record_dose(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    route: str,
    status: str,
    client_id: UUID,
    due_at: datetime | None = None,
    taken_at: datetime | None = None,
    amount: Decimal | None = None,
    reason: str = "",
    supersedes: Dose | None = None,
) -> Dose:
    """One dose taken, missed or not known; amount in mg by mouth, microgram by pump; `reason` why it was not as
    planned. Sent again with the same
    client id, the first is returned.

    Errors: InvalidInput, DoseAlreadyReported, ReportConflict, CannotCorrect."""
    content = {
        "route": route,
        "status": status,
        "due_at": due_at,
        "taken_at": taken_at,
        "amount": amount,
        "reason": reason.strip(),
        "supersedes_id": supersedes and supersedes.pk,
    }
    earlier = _sent_before(Dose, patient, client_id, content)
    if earlier is not None:
        return earlier
    _check_dose(status, due_at, taken_at, amount, at)
    _check_reason(reason)
    if supersedes is not None:
        _check_correction(supersedes, patient, by)
    reporter = "system" if by is None else REPORTER_OF_ROLE[User.Role(by.role)]
    row = Dose(
        patient=patient,
        client_id=client_id,
        recorded_by=by,
        recorded_at=at,
        reporter=reporter,
        **content,
    )
    try:
        return _store(row, content, AuditEvent.Type.DOSE_RECORDED)
    except IntegrityError as error:
        if "supersedes" in str(error):
            raise CannotCorrect(_("This report has been corrected already.")) from error
        raise DoseAlreadyReported(
            _("This dose has been reported already. Correct that report instead.")
        ) from error


@transaction.atomic
def record_pump_event(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    kind: str,
    occurred_at: datetime,
    client_id: UUID,
    tone: str = "",
    reservoir_ml: Decimal | None = None,
    ended_at: datetime | None = None,
    note: str = "",
) -> PumpEvent:
    """Errors: InvalidInput, ReportConflict. Sent again with the same client id, the first is returned."""
    content = {
        "kind": kind,
        "occurred_at": occurred_at,
        "tone": tone,
        "reservoir_ml": reservoir_ml,
        "note": note,
    }
    row = PumpEvent(
        patient=patient,
        client_id=client_id,
        recorded_by=by,
        recorded_at=at,
        ended_at=ended_at,
        **content,
    )
    return _record_event(row, content, at)


@transaction.atomic
def record_supply_event(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    kind: str,
    occurred_at: datetime,
    client_id: UUID,
    route: str | None = "",
    fraction: Decimal | None = None,
    planned: bool | None = None,
    count: int = 1,
    ended_at: datetime | None = None,
    note: str = "",
) -> SupplyEvent:
    """`fraction`: part of the daily dose taken away, above 0 and up to 1; None where not known.

    Errors: InvalidInput, ReportConflict. Sent again with the same client id, the first is returned."""
    content = {
        "kind": kind,
        "occurred_at": occurred_at,
        "route": route or "",
        "fraction": fraction,
        "planned": planned,
        "count": count,
        "note": note,
    }
    row = SupplyEvent(
        patient=patient,
        client_id=client_id,
        recorded_by=by,
        recorded_at=at,
        ended_at=ended_at,
        **content,
    )
    return _record_event(row, content, at)


@transaction.atomic
def end_event(*, event: PumpEvent | SupplyEvent, by: User | None, at: datetime, ended_at: datetime) -> None:
    """It was mended or taken back. The first end that is told stays.

    Errors: InvalidInput (before it began, or in the future)."""
    problems = []
    if ended_at < event.occurred_at:
        problems.append(Problem("/ended_at", "before_it_began", _("It ended before it began.")))
    problems += _future("/ended_at", ended_at, at)
    _refuse(problems)
    type(event).objects.filter(pk=event.pk, ended_at=None).update(ended_at=ended_at)
    _audit(AuditEvent.Type.EVENT_ENDED, event, by, at)
    event.refresh_from_db()


def _record_event(row: Any, content: Mapping[str, Any], at: datetime) -> Any:
    earlier = _sent_before(type(row), row.patient, row.client_id, content)
    if earlier is not None:
        return earlier
    problems = _future("/occurred_at", row.occurred_at, at)
    if row.occurred_at < at - OLDEST_EVENT:
        problems.append(Problem("/occurred_at", "too_old", _("This is more than a year ago.")))
    if row.ended_at is not None and row.ended_at < row.occurred_at:
        problems.append(Problem("/ended_at", "before_it_began", _("It ended before it began.")))
    _refuse(problems)
    return _store(row, content, AuditEvent.Type.PUMP_EVENT_RECORDED)


def _sent_before(model: type[Row], patient: Patient, client_id: UUID, content: Mapping[str, Any]) -> Row | None:
    earlier = model.objects.filter(patient=patient, client_id=client_id).first()
    if earlier is not None and any(getattr(earlier, name) != value for name, value in content.items()):
        raise ReportConflict(_("This id was used before, for another report."))
    return earlier


def _store(row: Row, content: Mapping[str, Any], audit: AuditEvent.Type) -> Row:
    """Insert; when another connection was first with the same client id, that one is the answer."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "a_resent_" not in str(error):
            raise
        earlier = _sent_before(type(row), row.patient, row.client_id, content)
        if earlier is None:
            raise
        return earlier
    _audit(audit, row, row.recorded_by, row.recorded_at)
    return row


def _audit(kind: AuditEvent.Type, row: Any, by: models.Model | None, at: datetime) -> None:
    record_event(kind, subject=row, by=by, at=at, patient_id=row.patient_id)


def _check_dose(
    status: str,
    due_at: datetime | None,
    taken_at: datetime | None,
    amount: Decimal | None,
    at: datetime,
) -> None:
    problems = []
    if (status == Dose.Status.TAKEN) != (taken_at is not None):
        problems.append(
            Problem("/taken_at", "taken_at_and_status", _("A dose taken has its time, and no other has."))
        )
    if due_at is None and status != Dose.Status.TAKEN:
        problems.append(Problem("/due_at", "due_at_needed", _("Only a planned dose can be missed.")))
    if amount is not None and amount <= 0:
        problems.append(Problem("/amount", "amount_of_nothing", _("A dose taken is more than nothing.")))
    if due_at is not None and status != Dose.Status.TAKEN:
        problems += _future("/due_at", due_at, at)
    if taken_at is not None:
        problems += _future("/taken_at", taken_at, at)
        if taken_at < at - OLDEST_DOSE:
            problems.append(Problem("/taken_at", "time_unsure", _("This is more than 30 days ago.")))
    _refuse(problems)


def _check_reason(reason: str) -> None:
    if len(reason) > LONGEST_REASON or "\x00" in reason:
        message = _("The reason is too long, or is no plain text.")
        raise InvalidInput(message, (Problem("/reason", "unusable_text", message),))


def _check_correction(corrected: Dose, patient: Patient, by: User | None) -> None:
    if corrected.patient_id != patient.pk:
        raise CannotCorrect(_("This report is about somebody else."))
    is_own = by is not None and corrected.recorded_by_id == by.pk
    is_staff = by is not None and by.role == User.Role.STAFF
    if not (is_own or is_staff):
        raise CannotCorrect(_("Only who reported it, or ward staff, may correct this."))


def _future(pointer: str, moment: datetime, at: datetime) -> list[Problem]:
    if moment <= at + CLOCK_SLACK:
        return []
    return [Problem(pointer, "in_the_future", _("This moment has not come yet."))]


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise InvalidInput(problems[0].detail, tuple(problems))
