"""Administration: people and wards are kept there; what patients and staff did is only looked at."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.symptoms.models import SymptomLog
from apps.wards.models import Membership, Ward
from apps.wards.texts import missed_dose_text
from tests.factories import PASSWORD, AlertFactory, PatientFactory, UserFactory, WardFactory

pytestmark = pytest.mark.django_db
BACKEND = "apps.config.sign_in.PeopleBackend"


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True), backend=BACKEND)
    return client


def ours() -> list[type]:
    return [model for model in admin.site._registry if model.__module__.startswith("apps.")]


@pytest.mark.parametrize("model", ours(), ids=lambda model: model.__name__)
def test_every_list_and_page_opens(administrator: Client, model: type) -> None:
    AlertFactory()
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"  # type: ignore[attr-defined]

    assert administrator.get(reverse(f"{name}_changelist")).status_code == 200
    for row in model.objects.all()[:1]:  # type: ignore[attr-defined]
        assert administrator.get(reverse(f"{name}_change", args=(row.pk,))).status_code == 200


def test_a_nurse_is_no_administrator() -> None:
    client = Client()
    client.force_login(UserFactory(), backend=BACKEND)

    assert client.get(reverse("admin:index")).status_code == 302


def test_a_new_nurse_gets_a_password_that_works_and_is_kept_hashed(administrator: Client) -> None:
    given = {"username": "ines", "display_name": "Ines Castro", "role": "staff", "is_active": "on"}

    administrator.post(reverse("admin:accounts_user_add"), given | {"password1": PASSWORD, "password2": PASSWORD})

    ines = User.objects.get(username="ines")
    assert ines.check_password(PASSWORD)
    assert PASSWORD not in ines.password


def test_two_different_passwords_make_nobody(administrator: Client) -> None:
    given = {"username": "ines", "display_name": "Ines Castro", "role": "staff"}

    administrator.post(
        reverse("admin:accounts_user_add"), given | {"password1": PASSWORD, "password2": PASSWORD + "!"}
    )

    assert not User.objects.filter(username="ines").exists()


@pytest.mark.parametrize("model", [Alert, SymptomLog, User, Ward], ids=lambda model: model.__name__)
def test_nothing_that_records_hang_on_is_deleted(administrator: Client, model: type) -> None:
    AlertFactory()
    row = model.objects.first()  # type: ignore[attr-defined]
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_delete"  # type: ignore[attr-defined]

    assert administrator.post(reverse(name, args=(row.pk,)), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()  # type: ignore[attr-defined]


def test_an_alert_is_not_answered_here(administrator: Client) -> None:
    alert = AlertFactory()

    answer = administrator.post(reverse("admin:alerts_alert_change", args=(alert.pk,)), {"status": "resolved"})

    alert.refresh_from_db()
    assert answer.status_code == 403
    assert alert.status == Alert.Status.OPEN


def test_a_ward_gets_its_staff(administrator: Client) -> None:
    ward, nurse = WardFactory(), UserFactory()
    PatientFactory(stay=ward)

    administrator.post(
        reverse("admin:wards_ward_change", args=(ward.pk,)),
        {
            "code": ward.code,
            "name": ward.name,
            "phone": ward.phone,
            "time_zone": ward.time_zone,
            "memberships-TOTAL_FORMS": "1",
            "memberships-INITIAL_FORMS": "0",
            "memberships-0-user": str(nurse.pk),
            "memberships-0-job": "nurse",
            "memberships-0-started_at_0": "2026-11-01",
            "memberships-0-started_at_1": "08:00",
            "shifts-TOTAL_FORMS": "1",
            "shifts-INITIAL_FORMS": "0",
            "shifts-0-label": "Long day",
            "shifts-0-starts": "07:00",
            "shifts-0-ends": "19:30",
            "texts-TOTAL_FORMS": "1",
            "texts-INITIAL_FORMS": "0",
            "texts-0-kind": "missed_dose",
            "texts-0-language": "en",
            "texts-0-text": "Ring us before noon.",
        },
    )

    assert Membership.objects.get(ward=ward).user == nurse
    assert missed_dose_text(ward, "en") == "Ring us before noon."
    assert [str(shift) for shift in ward.shifts.all()] == ["Long day 07:00–19:30"]
