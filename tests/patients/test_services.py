from datetime import date

import pytest

from apps.audit.models import AuditEvent
from apps.core.errors import InvalidInput
from apps.patients.models import Patient, RiskFactor
from apps.patients.services import (
    AlreadyAdmitted,
    BedTaken,
    NotAdmitted,
    RecordNumberTaken,
    admit_patient,
    discharge_patient,
    end_risk_factor,
    record_risk_factor,
    transfer_patient,
)
from tests.factories import NOON, MembershipFactory, PatientFactory, WardFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def ward():
    return WardFactory()


def admit(ward, **given):
    return admit_patient(
        **{
            "record_number": "R1",
            "given_name": "Ada",
            "family_name": "Muster",
            "birth_date": date(1970, 6, 1),
            "time_zone": "Europe/London",
            "ward": ward,
            "bed": "4",
            "admitted_at": NOON - hours(1),
            "by": None,
            "at": NOON,
            **given,
        }
    )


def test_who_is_admitted_is_seen_by_the_ward_and_by_nobody_else(ward):
    nurse = MembershipFactory(ward=ward).user

    patient = admit(ward)

    assert list(Patient.objects.visible_to(nurse)) == [patient]
    assert not Patient.objects.visible_to(MembershipFactory().user).exists()
    assert AuditEvent.objects.get(type="patient_admitted").patient_id == patient.pk


def test_who_comes_back_comes_back_to_the_same_record(ward):
    patient = admit(ward)
    discharge_patient(patient=patient, by=None, at=NOON)

    again = admit(ward, admitted_at=NOON + hours(1), at=NOON + hours(1), family_name="MUSTER")

    assert again == patient
    assert patient.stays.count() == 2


def test_nobody_is_admitted_into_anothers_record_or_bed_or_twice(ward):
    admit(ward)
    with pytest.raises(RecordNumberTaken):
        admit(ward, family_name="Other")
    with pytest.raises(RecordNumberTaken):
        admit(ward, birth_date=date(1971, 6, 1))
    with pytest.raises(AlreadyAdmitted):
        admit(WardFactory(), bed="9")
    with pytest.raises(BedTaken):
        admit(ward, record_number="R2", family_name="Other")
    assert Patient.objects.count() == 1


def test_an_admission_of_tomorrow_is_refused(ward):
    with pytest.raises(InvalidInput):
        admit(ward, admitted_at=NOON + hours(1))


def test_a_discharge_ends_the_stay_and_hides_the_patient(ward):
    nurse = MembershipFactory(ward=ward).user
    patient = admit(ward)

    stay = discharge_patient(patient=patient, by=nurse, at=NOON)

    assert stay.discharged_at == NOON
    assert not Patient.objects.visible_to(nurse).exists()
    with pytest.raises(NotAdmitted):
        discharge_patient(patient=patient, by=nurse, at=NOON)


def test_a_stay_does_not_end_before_it_began(ward):
    with pytest.raises(InvalidInput):
        discharge_patient(patient=admit(ward), by=None, at=NOON, discharged_at=NOON - hours(2))


def test_a_transfer_ends_one_stay_as_the_next_begins(ward):
    patient, there = admit(ward), WardFactory()

    transfer_patient(patient=patient, ward=there, bed="7", by=None, at=NOON)

    assert [(stay.ward, stay.discharged_at) for stay in patient.stays.order_by("admitted_at")] == [
        (ward, NOON),
        (there, None),
    ]


def test_a_risk_factor_is_listed_once_and_ended():
    patient = PatientFactory()
    code = RiskFactor.Code.EPILEPSY
    first = record_risk_factor(patient=patient, code=code, by=None, present_from=NOON - hours(2))

    assert record_risk_factor(patient=patient, code=code, by=None, present_from=NOON) == first
    end_risk_factor(patient=patient, code=code, present_until=NOON)

    first.refresh_from_db()
    assert first.is_present(NOON - hours(1))
    assert not first.is_present(NOON)
