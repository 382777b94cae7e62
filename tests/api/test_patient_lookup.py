import pytest
from django.http import Http404

from apps.accounts.models import User
from apps.api.patient_lookup import find_visible_patient
from apps.patients.models import Patient
from tests.factories import CarerFactory, MembershipFactory, PatientFactory, UserFactory, WardFactory

pytestmark = pytest.mark.django_db


def seen(user: User) -> set[Patient]:
    found = set()
    for patient in Patient.objects.all():
        try:
            found.add(find_visible_patient(user, patient.pk))
        except Http404:
            continue
    return found


def test_the_kept_statement_says_what_the_access_rule_says() -> None:
    here, there = WardFactory(), WardFactory()
    patients = [PatientFactory(stay=ward, with_account=True) for ward in (here, here, there)]
    former = CarerFactory(patient=patients[0])
    former.withdrawn_at = former.consented_at
    former.save()
    users = [
        MembershipFactory(ward=here).user,
        MembershipFactory(ward=here, user__role=User.Role.SERVICE).user,
        MembershipFactory(ward=here, ended_at=former.consented_at, started_at=former.consented_at).user,
        CarerFactory(patient=patients[2]).user,
        former.user,
        patients[1].user,
        UserFactory(is_superuser=True),
        MembershipFactory(ward=here, user__is_active=False).user,
    ]

    for user in users:
        assert seen(user) == set(Patient.objects.visible_to(user)), user.role
    assert [len(seen(user)) for user in users] == [2, 2, 0, 1, 0, 1, 0, 0]
