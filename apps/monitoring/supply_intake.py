"""What is reported of doses, supply and pump. It changes the facts of logs that are there already, so those are
assessed again."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.assessments.active import active_version
from apps.assessments.window import WINDOW
from apps.monitoring.clock import look_again
from apps.monitoring.owed import owe_assessments
from apps.patients.models import Patient
from apps.patients.services import change_time_zone
from apps.tapers.models import Dose, PumpDates, PumpEvent, SupplyCount, SupplyEvent
from apps.tapers.pumps import record_pump_dates
from apps.tapers.services import (
    end_event,
    record_dose,
    record_pump_event,
    record_supply_event,
)
from apps.tapers.stock import record_supply_count


def request_reassessment(
    *, patient: Patient, at: datetime, since: datetime, until: datetime | None = None
) -> None:
    """Owe every log of this patient that something of that moment bears on, and the newest one."""
    owe_assessments(
        patient_id=patient.pk,
        catalogue_version=active_version(),
        since=since,
        until=until,
        at=at,
        and_newest=True,
    )
    # Somebody who has never logged is looked at all the same; and when to look next may have changed.
    look_again(patient.pk, at)


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
def submit_pump_dates(*, patient: Patient, by: User | None, at: datetime, **dates: Any) -> PumpDates:
    """As `tapers.pumps.record_pump_dates`, and have the newest log assessed again."""
    recorded = record_pump_dates(patient=patient, by=by, at=at, **dates)
    if recorded.recorded_at == at:
        request_reassessment(patient=patient, at=at, since=at, until=at + WINDOW)
    return recorded


@transaction.atomic
def submit_supply_count(*, patient: Patient, by: User | None, at: datetime, **count: Any) -> SupplyCount:
    """As `tapers.stock.record_supply_count`, and have the patient looked at again."""
    recorded = record_supply_count(patient=patient, by=by, at=at, **count)
    if recorded.recorded_at == at:
        request_reassessment(patient=patient, at=at, since=at, until=at + WINDOW)
    return recorded


@transaction.atomic
def submit_time_zone(
    *, patient: Patient, zone: str, by: User | None, at: datetime, from_at: datetime | None = None
) -> Patient:
    """As `patients.services.change_time_zone`, and have the logs since assessed again."""
    moved = change_time_zone(patient=patient, zone=zone, by=by, at=at, from_at=from_at)
    request_reassessment(patient=patient, at=at, since=from_at or at, until=at + WINDOW)
    return moved
