import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from tests.factories import (
    NOON,
    CarerFactory,
    MembershipFactory,
    PatientFactory,
    SymptomLogFactory,
    UserFactory,
)

PAGES = ("today", "log", "status", "history", "summary", "ward-knows", "plan", "pump", "reminders")

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody_else():
    return PatientFactory(with_account=True, has_pump=True)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_anything_without_signing_in(client, page):
    answer = client.get(reverse(f"portal:{page}"))

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("page", PAGES)
def test_another_patient_finds_nothing_under_the_address_of_somebody(phone, somebody_else, page):
    assert phone.get(reverse(f"portal:person-{page}", args=[somebody_else.pk])).status_code == 404


def test_the_report_of_another_patient_is_not_found(phone, somebody_else):
    log = SymptomLogFactory(patient=somebody_else)

    assert phone.get(reverse("portal:receipt", args=[log.pk])).status_code == 404
    assert phone.get(reverse("portal:log"), {"corrects": log.pk}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_carer_finds_only_the_people_they_care_for(carers_phone, patient, somebody_else, page):
    patient.has_pump = True
    patient.save()

    assert carers_phone.get(reverse(f"portal:person-{page}", args=[patient.pk])).status_code == 200
    assert carers_phone.get(reverse(f"portal:person-{page}", args=[somebody_else.pk])).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_carer_whose_consent_was_withdrawn_finds_nothing(patient, page):
    past = CarerFactory(patient=patient, withdrawn_at=NOON)

    assert signed_in(past.user).get(reverse(f"portal:person-{page}", args=[patient.pk])).status_code == 404


def test_a_carer_chooses_among_the_people_they_care_for(patient, somebody_else):
    carer = CarerFactory(patient=patient).user
    CarerFactory(patient=somebody_else, user=carer)
    stranger = PatientFactory()

    page = signed_in(carer).get(reverse("portal:today"), follow=True).content.decode()

    assert patient.name in page
    assert somebody_else.name in page
    assert stranger.name not in page


def test_a_carer_of_one_person_goes_straight_to_them(carers_phone, patient):
    answer = carers_phone.get(reverse("portal:people"))

    assert answer.status_code == 302
    assert answer.url == reverse("portal:person-today", args=[patient.pk])


def test_nobody_downloads_anything_without_signing_in(client):
    for answer in (client.get(reverse("portal:data")), client.post(reverse("portal:data"))):
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("role", [User.Role.STAFF, User.Role.SERVICE])
def test_the_ward_finds_no_download_at_the_patients_door(patient, role):
    user = UserFactory(role=role)
    MembershipFactory(user=user, ward=patient.stays.get().ward)

    assert signed_in(user).post(reverse("portal:data")).status_code == 404


@pytest.mark.parametrize("role", [User.Role.STAFF, User.Role.SERVICE])
def test_the_ward_has_another_door(patient, role):
    user = UserFactory(role=role)
    MembershipFactory(user=user, ward=patient.stays.get().ward)

    assert signed_in(user).get(reverse("portal:person-today", args=[patient.pk])).status_code == 404


def test_who_looked_at_a_page_goes_into_the_record(carers_phone, patient):
    carers_phone.get(reverse("portal:person-history", args=[patient.pk]))

    seen = AuditEvent.objects.get(type=AuditEvent.Type.PATIENT_VIEWED)
    assert seen.patient_id == patient.pk
    assert seen.actor_role == User.Role.CARER
