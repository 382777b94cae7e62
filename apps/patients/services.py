"""Who is in whose care."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.days import validate_time_zone
from apps.core.errors import DomainError, InvalidInput, Problem
from apps.patients.models import Patient, RiskFactor, Stay, ZoneChange
from apps.wards.models import Ward

CLOCK_SLACK = timedelta(minutes=2)
"""How far a sender's clock may run ahead of ours."""
OLDEST_JOURNEY = timedelta(days=7)
"""A journey told later than this would turn doses that were long reported into others."""


class RecordNumberTaken(DomainError):
    code = "record_number_taken"


class AlreadyAdmitted(DomainError):
    code = "already_admitted"


class NotAdmitted(DomainError):
    code = "not_admitted"


class BedTaken(DomainError):
    code = "bed_taken"


@transaction.atomic
def admit_patient(
    *,
    record_number: str,
    given_name: str,
    family_name: str,
    birth_date: date,
    time_zone: str,
    ward: Ward,
    admitted_at: datetime,
    by: User | None,
    at: datetime,
    bed: str = "",
    language: str = "en",
    has_pump: bool = False,
    is_synthetic: bool = False,
) -> Patient:
    """Take into a ward's care, by record number. One who was here before comes back to the same record.

    Errors: RecordNumberTaken (another person has it), AlreadyAdmitted, BedTaken, InvalidInput (in the future)."""
    _refuse_future("/admitted_at", admitted_at, at)
    patient, is_new = Patient.objects.get_or_create(
        record_number=record_number,
        defaults={
            "given_name": given_name,
            "family_name": family_name,
            "birth_date": birth_date,
            "time_zone": time_zone,
            "language": language,
            "has_pump": has_pump,
            "is_synthetic": is_synthetic,
            "registered_at": at,
        },
    )
    if not is_new and (patient.birth_date, patient.family_name.casefold()) != (
        birth_date,
        family_name.casefold(),
    ):
        raise RecordNumberTaken(_("This record number belongs to somebody else."))
    _open_stay(patient, ward, bed, admitted_at)
    _record(AuditEvent.Type.PATIENT_ADMITTED, patient, by, at, ward)
    return patient


@transaction.atomic
def discharge_patient(
    *, patient: Patient, by: User | None, at: datetime, discharged_at: datetime | None = None
) -> Stay:
    """End the current stay. Alerts stay as they are: they are a person's to close.

    Errors: NotAdmitted, InvalidInput (before the admission, or in the future)."""
    left_at = discharged_at or at
    stay = _end_stay(patient, left_at, at)
    _record(AuditEvent.Type.PATIENT_DISCHARGED, patient, by, at, stay.ward)
    return stay


@transaction.atomic
def transfer_patient(*, patient: Patient, ward: Ward, bed: str = "", by: User | None, at: datetime) -> Stay:
    """Move to another ward or bed. Errors: NotAdmitted, BedTaken."""
    _end_stay(patient, at, at)
    stay = _open_stay(patient, ward, bed, at)
    _record(AuditEvent.Type.PATIENT_ADMITTED, patient, by, at, ward)
    return stay


@transaction.atomic
def change_time_zone(
    *, patient: Patient, zone: str, by: User | None, at: datetime, from_at: datetime | None = None
) -> Patient:
    """The patient's clock is another from `from_at` (now) on. Called through `monitoring.intake`, which has the
    patient looked at again. Nothing happens when it is the one that counts already.

    Errors: InvalidInput (no such zone; in the future; before the last change, or more than a week ago)."""
    since = from_at or at
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if zone == patient.time_zone:
        return patient
    _check_zone(patient, zone, since, at)
    ZoneChange.objects.create(
        patient=patient,
        from_at=since,
        zone_before=patient.time_zone,
        zone=zone,
        recorded_at=at,
        recorded_by=by,
    )
    patient.time_zone = zone
    patient.save(update_fields=["time_zone"])
    record_event(
        AuditEvent.Type.ZONE_CHANGED, subject=patient, by=by, at=at, patient_id=patient.pk, detail={"zone": zone}
    )
    return patient


def _check_zone(patient: Patient, zone: str, since: datetime, at: datetime) -> None:
    try:
        validate_time_zone(zone)
    except ValidationError as error:
        message = error.messages[0]
        raise InvalidInput(message, (Problem("/time_zone", "unknown_time_zone", message),)) from error
    _refuse_future("/from_at", since, at)
    last = patient.zone_changes.order_by("-from_at").first()
    if (last is not None and since <= last.from_at) or since < at - OLDEST_JOURNEY:
        message = _("Say it from a moment within the last week, after the last change.")
        raise InvalidInput(message, (Problem("/from_at", "before_last_change", message),))


def record_risk_factor(*, patient: Patient, code: str, by: User | None, present_from: datetime) -> RiskFactor:
    """Note what bends how logs are read; one that is listed already is left as it is."""
    return RiskFactor.objects.get_or_create(
        patient=patient,
        code=RiskFactor.Code(code),
        present_until=None,
        defaults={"present_from": present_from, "recorded_by": by},
    )[0]


def end_risk_factor(*, patient: Patient, code: str, present_until: datetime) -> None:
    """Nothing happens when it is not listed."""
    RiskFactor.objects.filter(patient=patient, code=code, present_until=None).update(present_until=present_until)


def _open_stay(patient: Patient, ward: Ward, bed: str, admitted_at: datetime) -> Stay:
    try:
        with transaction.atomic():
            return Stay.objects.create(patient=patient, ward=ward, bed=bed, admitted_at=admitted_at)
    except IntegrityError as error:
        if "a_bed_holds_one_patient" in str(error):
            raise BedTaken(_("Somebody else is in this bed.")) from error
        raise AlreadyAdmitted(_("This patient is in a ward's care already.")) from error


def _end_stay(patient: Patient, left_at: datetime, at: datetime) -> Stay:
    _refuse_future("/discharged_at", left_at, at)
    stay = Stay.objects.current().select_for_update().select_related("ward").filter(patient=patient).first()
    if stay is None:
        raise NotAdmitted(_("This patient is in no ward's care."))
    if left_at <= stay.admitted_at:
        message = _("A stay ends after it starts.")
        raise InvalidInput(message, (Problem("/discharged_at", "before_admission", message),))
    stay.discharged_at = left_at
    stay.save(update_fields=["discharged_at"])
    return stay


def _refuse_future(pointer: str, moment: datetime, at: datetime) -> None:
    if moment > at + CLOCK_SLACK:
        message = _("This moment has not come yet.")
        raise InvalidInput(message, (Problem(pointer, "in_the_future", message),))


def _record(kind: AuditEvent.Type, patient: Patient, by: User | None, at: datetime, ward: Ward) -> None:
    record_event(kind, subject=patient, by=by, at=at, patient_id=patient.pk, detail={"ward": str(ward.pk)})
