"""The dates of a pump. Called through `monitoring.intake`, which also has the patient looked at again."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.tapers.errors import ReportConflict
from apps.tapers.models import PumpDates

LARGEST_RESERVOIR_ML = 60


@transaction.atomic
def record_pump_dates(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    client_id: UUID,
    refill_due_on: date | None = None,
    low_reservoir_on: date | None = None,
    refill_booked: bool | None = None,
    service_ends_on: date | None = None,
    alarm_volume_ml: Decimal | None = None,
) -> PumpDates:
    """All that is known of the pump's dates now, told as a whole: what is left out is not known. Days are the
    patient's own. Sent again with the same client id, the first is returned.

    Errors: InvalidInput, ReportConflict."""
    content = {
        "refill_due_on": refill_due_on,
        "low_reservoir_on": low_reservoir_on,
        "refill_booked": refill_booked,
        "service_ends_on": service_ends_on,
        "alarm_volume_ml": alarm_volume_ml,
    }
    if alarm_volume_ml is not None and not 0 <= alarm_volume_ml <= LARGEST_RESERVOIR_ML:
        message = _("A reservoir holds 0 to 60 ml.")
        raise InvalidInput(message, (Problem("/alarm_volume_ml", "reservoir_too_large", message),))
    row, created = PumpDates.objects.get_or_create(
        patient=patient,
        client_id=client_id,
        defaults={"recorded_by": by, "recorded_at": at, **content},
    )
    if not created:
        if any(getattr(row, name) != value for name, value in content.items()):
            raise ReportConflict(_("This id was used before, for another report."))
        return row
    record_event(AuditEvent.Type.PUMP_DATES_TOLD, subject=row, by=by, at=at, patient_id=patient.pk)
    return row
