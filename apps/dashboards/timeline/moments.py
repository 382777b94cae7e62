"""At which moments something became known: the stops of "as known at"."""

from datetime import datetime, timedelta

from apps.alerts.models import AlertEvent
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Dose, PlanVersion, PumpEvent, SupplyEvent

MINUTE = timedelta(minutes=1)


def known_moments(patient: Patient, since: datetime, at: datetime) -> list[datetime]:
    """Each whole minute after which the ward knew more than before, oldest first. One statement.

    Minutes, because that is what people type; the next one, so that what came within it is known."""
    of_patient = (
        SymptomLog.objects.filter(patient=patient, is_canary=False),
        Dose.objects.filter(patient=patient),
        PumpEvent.objects.filter(patient=patient),
        SupplyEvent.objects.filter(patient=patient),
        PlanVersion.objects.filter(plan__patient=patient),
    )
    recorded = [
        rows.filter(recorded_at__gt=since, recorded_at__lte=at).order_by().values_list("recorded_at", flat=True)
        for rows in of_patient
    ]
    answered = (
        AlertEvent.objects.filter(alert__patient=patient, at__gt=since, at__lte=at)
        .order_by()
        .values_list("at", flat=True)
    )
    found = answered.union(*recorded)
    return sorted({_next_minute(moment) for moment in found if _next_minute(moment) <= at})


def _next_minute(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + MINUTE
