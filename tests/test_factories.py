import pytest

from apps.patients.models import Patient
from tests import factories
from tests.factories import DutyFactory, PatientFactory, WardFactory

FACTORIES = [
    made for name, made in vars(factories).items() if name.endswith("Factory") and name != "DjangoModelFactory"
]


@pytest.mark.django_db
@pytest.mark.parametrize("make", FACTORIES, ids=lambda made: made.__name__)
def test_every_factory_makes_rows_that_the_database_takes(make):
    assert make().pk != make().pk


@pytest.mark.django_db
def test_a_patient_is_seen_by_those_on_duty_on_their_ward():
    ward = WardFactory()
    patient = PatientFactory(stay=ward, with_account=True)
    PatientFactory()

    assert list(Patient.objects.visible_to(DutyFactory(ward=ward).user)) == [patient]
    assert list(Patient.objects.visible_to(patient.user)) == [patient]
