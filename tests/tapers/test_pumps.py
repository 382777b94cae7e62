import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from apps.core.errors import InvalidInput
from apps.tapers.errors import ReportConflict
from apps.tapers.models import PumpDates
from apps.tapers.pumps import record_pump_dates
from apps.tapers.selectors import pump_dates
from tests.factories import NOON, PatientFactory, PumpDatesFactory, hours

pytestmark = pytest.mark.django_db
IN_TEN_DAYS = (NOON + timedelta(days=10)).date()


def tell(patient, **given):
    content = {"refill_due_on": IN_TEN_DAYS, "client_id": uuid.uuid4(), "at": NOON}
    return record_pump_dates(patient=patient, by=None, **content | given)


def test_what_was_told_last_is_what_is_known_and_the_past_reads_as_it_was():
    patient = PatientFactory(has_pump=True)
    assert pump_dates(patient) is None
    first = tell(patient, at=NOON - hours(9))
    second = tell(patient, refill_booked=True, alarm_volume_ml=Decimal("4"))

    assert pump_dates(patient) == second
    assert pump_dates(patient, known_at=NOON - hours(1)) == first
    assert pump_dates(patient, known_at=NOON - hours(10)) is None


def test_dates_sent_again_are_the_same_dates():
    patient = PatientFactory(has_pump=True)
    draft = uuid.uuid4()

    assert tell(patient, client_id=draft) == tell(patient, client_id=draft, at=NOON + hours(1))
    with pytest.raises(ReportConflict):
        tell(patient, client_id=draft, refill_booked=True)
    assert PumpDates.objects.count() == 1


def test_an_alarm_volume_beyond_any_reservoir_is_refused():
    with pytest.raises(InvalidInput):
        tell(PatientFactory(has_pump=True), alarm_volume_ml=Decimal("60.5"))


def test_dates_once_told_are_never_changed():
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        PumpDates.objects.filter(pk=PumpDatesFactory().pk).update(refill_booked=True)
