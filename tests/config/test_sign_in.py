import pytest
from django.core.checks import run_checks
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.config.sign_in import client_address, name_given
from apps.config.tasks import clear_sessions, clear_sign_ins, clear_tokens
from apps.core.models import Installation

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough password 17"


def person(name: str = "asha", **fields: object) -> User:
    fields = {"role": User.Role.STAFF, "display_name": "Asha Example", "email": f"{name}@ward.invalid"} | fields
    return User.objects.create_user(name, PASSWORD, **fields)


def sign_in(client: Client, name: str, password: str = PASSWORD, address: str = "192.0.2.1") -> bool:
    client.post(reverse("account_login"), {"login": name, "password": password}, REMOTE_ADDR=address)
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("name", ["asha", "asha@ward.invalid"])
def test_people_sign_in_by_name_or_e_mail_address(client, name):
    person()

    assert sign_in(client, name)


def test_nobody_signs_up(client):
    client.post(
        reverse("account_signup"),
        {"username": "stranger", "email": "s@x.invalid", "password1": PASSWORD, "password2": PASSWORD},
    )

    assert not User.objects.exists()


def test_a_demo_person_signs_in_only_in_demo_mode_and_leaves_with_it(client, settings):
    person(is_demo=True)
    settings.DEMO_MODE = False
    assert not sign_in(client, "asha")

    settings.DEMO_MODE = True
    assert sign_in(client, "asha")

    settings.DEMO_MODE = False
    assert client.get("/").headers["Location"] == reverse("account_login")


@pytest.mark.parametrize(
    ("role", "door"), [(User.Role.PATIENT, "/my/"), (User.Role.CARER, "/my/"), (User.Role.STAFF, "/ward/")]
)
def test_everybody_is_led_to_their_own_door(client, role, door):
    client.force_login(person(role=role), backend="apps.config.sign_in.PeopleBackend")

    assert client.get("/").headers["Location"] == door


def test_wrong_passwords_lock_the_person_at_that_address_and_not_the_ward():
    person("asha")
    person("ben")
    for spelling in ("asha", "Asha", "ASHA", "asha ", "asha"):
        assert not sign_in(Client(), spelling, password="wrong")

    assert not sign_in(Client(), "asha")
    assert sign_in(Client(), "ben")
    assert sign_in(Client(), "asha", address="192.0.2.99")


@pytest.mark.parametrize(("behind_proxy", "address"), [(False, "192.0.2.1"), (True, "198.51.100.7")])
def test_only_the_proxys_own_word_counts_for_where_a_request_comes_from(settings, behind_proxy, address):
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory().get(
        "/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": "203.0.113.5, 198.51.100.7"}
    )

    assert client_address(request) == address


def test_the_lock_out_knows_a_name_however_it_is_written():
    assert name_given(None, {"username": " Asha@Ward.Invalid "}) == "asha@ward.invalid"
    assert name_given(RequestFactory().post("/", {"login": "ASHA"}), {}) == "asha"


def test_migrate_refuses_a_demo_database_outside_demo_mode(settings):
    Installation.objects.all().delete()
    Installation.objects.create(is_demo=True, created_at=timezone.now())
    settings.DEMO_MODE = False

    found = run_checks(tags=["database"], databases=["default"])

    assert "taperwatch.E004" in [fault.id for fault in found]


def test_housekeeping_clears_what_ran_out(client):
    client.force_login(person(), backend="apps.config.sign_in.PeopleBackend")
    session = client.session
    session.set_expiry(-1)
    session.save()

    for task in (clear_sessions, clear_tokens, clear_sign_ins):
        task()

    assert not type(session).get_model_class().objects.exists()
