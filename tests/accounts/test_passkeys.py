"""Coming in with the lock of one's phone: who may, with what, and every way in which it must not work."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Passkey, User
from apps.accounts.passkeys.fresh import FRESH_FOR
from apps.accounts.passkeys.keeping import MOST
from apps.accounts.passkeys.naming import name_of_device
from apps.audit.models import AuditEvent
from tests.accounts_phone import PRESENT, Phone
from tests.factories import CarerFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
MINE = "/accounts/passkeys/"
PASSPHRASE = "horse battery staple seven"


@pytest.fixture
def person():
    patient = PatientFactory(with_account=True)
    patient.user.set_password(PASSPHRASE)
    patient.user.save()
    return patient.user


def signed_in(user):
    client = Client()
    client.force_login(user, backend="apps.config.sign_in.PeopleBackend")
    return client


@pytest.fixture
def browser(person):
    return signed_in(person)


def post(client, name, data=None, **more):
    return client.post(reverse(f"passkeys:{name}", **more), data or {})


def make(client, phone, **data):
    options = post(client, "make-options").json()
    return post(client, "make", {"credential": phone.make(options)} | data)


def come_in(client, phone, **how):
    options = post(client, "use-options").json()
    return post(client, "sign-in", {"credential": phone.sign(options, **how)})


def who(client):
    return client.session.get("_auth_user_id")


@pytest.fixture
def phone(browser):
    phone = Phone()
    make(browser, phone, name="  My   phone ")
    return phone


def said(client):
    page = client.get(MINE) if who(client) else client.get(reverse("account_login"))
    return page.content.decode()


def test_a_person_turns_on_the_lock_of_their_phone_and_comes_in_with_it(browser, phone, person):
    passkey = Passkey.objects.get()
    assert (passkey.user, passkey.name, passkey.used_at) == (person, "My phone", None)

    stranger = Client()
    answer = come_in(stranger, phone)

    assert answer.status_code == 302
    assert who(stranger) == str(person.pk)
    passkey.refresh_from_db()
    assert passkey.used_at is not None
    assert [event.detail["what"] for event in AuditEvent.objects.filter(type="passkey_changed")] == ["made"]


def test_the_session_on_ones_own_phone_lasts_and_on_anothers_computer_does_not(phone):
    own, other = Client(), Client()
    come_in(own, phone)
    phone.attachment = "cross-platform"
    come_in(other, phone)

    assert own.session.get_expiry_age() > 80 * 24 * 3600
    assert other.session.get_expiry_age() < 2 * 24 * 3600


def test_ward_staff_share_machines_and_are_not_kept_signed_in():
    nurse, phone = UserFactory(role=User.Role.STAFF), Phone()
    make(signed_in(nurse), phone)

    desk = Client()
    come_in(desk, phone)

    assert who(desk) == str(nurse.pk)
    assert desk.session.get_expiry_age() < 2 * 24 * 3600


def test_it_leads_to_where_the_person_wanted_to_go_and_nowhere_else(phone):
    for wanted, place in (("/my/plan/", "/my/plan/"), ("https://evil.example/", "/"), ("//evil.example", "/")):
        client = Client()
        options = post(client, "use-options").json()
        answer = post(client, "sign-in", {"credential": phone.sign(options), "next": wanted})
        assert answer.headers["Location"] == place


LIES = {
    "another site asked": lambda phone: setattr(phone, "origin", "http://evil.example"),
    "another port asked": lambda phone: setattr(phone, "origin", "http://testserver:81"),
    "another scheme": lambda phone: setattr(phone, "origin", "https://testserver"),
    "for another name": lambda phone: setattr(phone, "rp_id", "evil.example"),
    "nobody unlocked it": lambda phone: setattr(phone, "flags", PRESENT),
    "nobody was there": lambda phone: setattr(phone, "flags", 0),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_phone_that_lies_lets_nobody_in(phone, lie):
    LIES[lie](phone)
    stranger = Client()
    answer = come_in(stranger, phone)

    assert who(stranger) is None
    assert answer.headers["Location"] == reverse("account_login")
    assert "This passkey was not accepted" in said(stranger)


@pytest.mark.parametrize("lie", LIES)
def test_a_phone_that_lies_is_not_kept(browser, lie):
    phone = Phone()
    LIES[lie](phone)
    make(browser, phone)

    assert not Passkey.objects.exists()
    assert "This passkey was not accepted" in said(browser)


def test_a_key_that_nobody_has_and_a_key_of_another_get_the_same_words(phone, person):
    other = Phone()
    other.credential_id, other.handle = phone.credential_id, person.pk.bytes
    unknown = Phone()
    unknown.handle = person.pk.bytes

    for liar in (other, unknown):
        stranger = Client()
        come_in(stranger, liar)
        assert who(stranger) is None
        assert "This passkey was not accepted" in said(stranger)


def test_a_passkey_does_not_let_its_owner_in_as_somebody_else(phone):
    stranger = Client()
    come_in(stranger, phone, handle=UserFactory().pk.bytes)

    assert who(stranger) is None


def test_what_was_signed_once_is_worth_nothing_a_second_time(phone):
    stranger = Client()
    options = post(stranger, "use-options").json()
    signed = phone.sign(options)
    post(stranger, "sign-in", {"credential": signed})
    assert who(stranger)
    stranger.post(reverse("account_logout"))

    post(stranger, "sign-in", {"credential": signed})

    assert who(stranger) is None
    assert "That took too long, or was done twice" in said(stranger)


def test_what_was_signed_for_one_browser_is_worth_nothing_in_another(phone):
    asked, other = Client(), Client()
    signed = phone.sign(post(asked, "use-options").json())
    post(other, "use-options")

    post(other, "sign-in", {"credential": signed})

    assert who(other) is None


def test_a_challenge_for_coming_in_makes_no_passkey_and_the_other_way_round(browser, phone):
    new = Phone()
    options = post(browser, "use-options").json()
    make_options = {"publicKey": options["publicKey"] | {"user": {"id": "AAAA"}}}
    post(browser, "make", {"credential": new.make(make_options)})
    assert Passkey.objects.count() == 1

    stranger = Client()
    stranger.force_login(UserFactory(), backend="apps.config.sign_in.PeopleBackend")
    options = post(browser, "make-options").json()
    post(browser, "confirm", {"credential": phone.sign(options)})
    assert "That took too long, or was done twice" in said(browser)


def test_a_challenge_runs_out(phone, time_machine_at):
    stranger = Client()
    signed = phone.sign(post(stranger, "use-options").json())
    time_machine_at(timedelta(minutes=5, seconds=1))

    post(stranger, "sign-in", {"credential": signed})

    assert who(stranger) is None


@pytest.fixture
def time_machine_at(monkeypatch):
    from django.utils import timezone

    now = timezone.now

    def later(by):
        monkeypatch.setattr("apps.accounts.passkeys.views.timezone.now", lambda: now() + by)

    return later


RUBBISH = [
    "", "{", "[]", "null", "3", '"x"', "{}", '{"response": {}}', '{"rawId": 3, "response": []}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "authenticatorData": "AA", "signature": "AA"}}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", "attestationObject": "oA"}}),
    json.dumps({"rawId": "a" * 30_000}), "[" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("text", RUBBISH, ids=range(len(RUBBISH)))
@pytest.mark.parametrize("door", ["sign-in", "make", "confirm"])
def test_rubbish_is_refused_in_words(browser, phone, text, door):
    post(browser, "make-options" if door == "make" else "use-options")
    answer = post(browser, door, {"credential": text, "passphrase": "wrong"})

    assert answer.status_code == 302
    assert Passkey.objects.count() == 1


def test_a_phone_that_counts_backwards_was_copied_and_is_refused(phone):
    phone.count = 7
    come_in(Client(), phone)
    again = Client()
    come_in(again, phone)
    assert who(again) is None
    assert AuditEvent.objects.filter(detail__what="refused_as_copied").exists()

    phone.count = 8
    come_in(again, phone)
    assert who(again)


def test_a_person_who_was_switched_off_does_not_come_in(phone, person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    stranger = Client()
    come_in(stranger, phone)

    assert who(stranger) is None


def test_an_ended_passkey_lets_nobody_in(browser, phone):
    post(browser, "end", kwargs={"passkey_id": Passkey.objects.get().pk})
    stranger = Client()
    come_in(stranger, phone)

    assert who(stranger) is None
    assert "no longer lets anybody in" in said(browser)


def test_nobody_ends_the_passkey_of_another(phone, person):
    other = Client()
    other.force_login(PatientFactory(with_account=True).user, backend="apps.config.sign_in.PeopleBackend")

    answer = post(other, "end", kwargs={"passkey_id": Passkey.objects.get().pk})

    assert answer.status_code == 404
    assert Passkey.objects.get().ended_at is None


def test_the_only_way_in_cannot_be_removed(browser, phone, person):
    person.set_unusable_password()
    person.save()
    browser.force_login(person, backend="apps.config.sign_in.PeopleBackend")

    post(browser, "end", kwargs={"passkey_id": Passkey.objects.get().pk})

    assert Passkey.objects.get().ended_at is None
    assert "This is your only way in" in said(browser)


def test_what_was_shown_ten_minutes_ago_is_shown_anew_by_passphrase_or_passkey(browser, phone, time_machine_at):
    time_machine_at(FRESH_FOR + timedelta(seconds=1))
    assert post(browser, "make-options").status_code == 403
    assert make_blindly(browser).status_code == 302
    assert Passkey.objects.count() == 1
    post(browser, "end", kwargs={"passkey_id": Passkey.objects.get().pk})
    assert Passkey.objects.get().ended_at is None

    post(browser, "confirm", {"passphrase": "wrong"})
    assert post(browser, "make-options").status_code == 403
    post(browser, "confirm", {"passphrase": PASSPHRASE})
    assert post(browser, "make-options").status_code == 200

    time_machine_at(2 * FRESH_FOR + timedelta(seconds=5))
    options = post(browser, "use-options").json()
    post(browser, "confirm", {"credential": phone.sign(options)})
    assert post(browser, "make-options").status_code == 200


def make_blindly(client):
    return post(client, "make", {"credential": "{}"})


def test_another_persons_passkey_confirms_nothing(browser, phone, time_machine_at):
    other, its_phone = signed_in(UserFactory()), Phone()
    make(other, its_phone)
    time_machine_at(FRESH_FOR + timedelta(seconds=1))

    options = post(browser, "use-options").json()
    post(browser, "confirm", {"credential": its_phone.sign(options)})

    assert post(browser, "make-options").status_code == 403


def test_wrong_passphrases_here_lock_as_at_the_sign_in(browser, person, time_machine_at):
    for _ in range(5):
        post(browser, "confirm", {"passphrase": "wrong"})

    answer = Client().post(reverse("account_login"), {"login": person.username, "password": PASSPHRASE})
    assert answer.status_code != 302


def test_one_phone_is_kept_once(browser, phone):
    options = post(browser, "make-options").json()
    assert [one["id"] for one in options["publicKey"]["excludeCredentials"]] == [
        json.loads(phone.make(options))["id"]
    ]

    post(browser, "make", {"credential": phone.make(options)})

    assert Passkey.objects.count() == 1
    assert "kept already" in said(browser)


def test_there_is_an_end_to_passkeys(browser):
    for _ in range(MOST + 1):
        make(browser, Phone())

    assert Passkey.objects.count() == MOST
    assert "too many passkeys" in said(browser)


def test_a_passkey_without_a_name_gets_one(browser):
    make(browser, Phone(), name="   ")

    assert Passkey.objects.get().name == "A phone or computer"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "iPhone"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8)", "Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows"),
        ("", "A phone or computer"),
    ],
)
def test_a_phone_is_called_what_it_says_it_is(agent, name):
    assert name_of_device(agent) == name


def test_the_page_needs_a_person_and_tells_of_each_passkey(browser, phone):
    assert Client().get(MINE).status_code == 302
    text = said(browser)

    assert "My phone" in text
    assert "not used yet" in text
    assert "You are in now, and would not come in again" not in text


def test_options_tell_nobody_who_has_an_account(phone):
    options = post(Client(), "use-options").json()["publicKey"]

    assert not options.get("allowCredentials")
    assert options["userVerification"] == "required"


def test_a_carer_has_passkeys_too():
    carer = CarerFactory().user
    client, phone = signed_in(carer), Phone()
    make(client, phone)
    other = Client()
    come_in(other, phone)

    assert who(other) == str(carer.pk)


def test_a_passphrase_is_set_only_just_after_showing_who_one_is(browser, person, time_machine_at):
    person.set_unusable_password()
    person.save()
    browser.force_login(person, backend="apps.config.sign_in.PeopleBackend")
    address = reverse("account_set_password")
    assert browser.get(address).status_code == 200

    time_machine_at(FRESH_FOR + timedelta(seconds=1))
    browser.post(address, {"password1": PASSPHRASE, "password2": PASSPHRASE})

    person.refresh_from_db()
    assert not person.has_usable_password()
