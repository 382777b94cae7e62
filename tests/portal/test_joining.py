"""Getting in: by an invitation that works once; and ending it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Passkey, User
from apps.audit.models import AuditEvent
from apps.patients.invitations import VALID_FOR, invite
from apps.patients.models import Carer, Invitation, Patient
from tests.factories import NOON, CarerFactory, MembershipFactory, PatientFactory, UserFactory, WardFactory
from tests.portal.pages import words

pytestmark = pytest.mark.django_db
GOOD = "horse battery staple seven"


@pytest.fixture
def newcomer(db, noon):
    return PatientFactory(stay=WardFactory(name="Neurology 3", phone="+44 20 7946 0123"), given_name="Zoë")


@pytest.fixture
def nurse(newcomer):
    return MembershipFactory(ward=newcomer.stays.get().ward).user


def invited(patient, by, invites="patient", **more) -> str:
    _made, token = invite(patient=patient, invites=invites, by=by, at=NOON, **more)
    return reverse("portal:join", args=[token])


def taken_up(address: str, **given) -> tuple[Client, object]:
    phone = Client()
    form = {"username": "zoe-1", "passphrase": GOOD} | given
    return phone, phone.post(address, {key: value for key, value in form.items() if value is not None})


def test_whoever_opens_the_invitation_is_in_and_stays_in_on_their_own_phone(newcomer, nurse):
    phone, answer = taken_up(invited(newcomer, nurse), own_phone="on")

    assert (answer.status_code, answer.url) == (302, reverse("portal:today"))
    assert phone.get(reverse("portal:today")).status_code == 200
    assert phone.session.get_expiry_age() > timedelta(days=89).total_seconds()
    newcomer.refresh_from_db()
    assert (newcomer.user.username, newcomer.user.role) == ("zoe-1", User.Role.PATIENT)


def test_on_a_phone_of_others_it_ends_like_any_session(newcomer, nurse):
    phone, _answer = taken_up(invited(newcomer, nurse))

    assert phone.session.get_expiry_age() <= timedelta(hours=12).total_seconds()


def test_an_invitation_works_once(newcomer, nurse):
    address = invited(newcomer, nurse)
    taken_up(address)

    again = Client().get(address)

    assert again.status_code == 404
    assert "Ask your ward for a new one" in words(again.content)
    assert taken_up(address, username="zoe-2")[1].status_code == 404
    assert User.objects.filter(role="patient").count() == 1


def test_looking_at_it_does_not_use_it_up(newcomer, nurse):
    address = invited(newcomer, nurse)
    for _once in range(3):
        page = Client().get(address)

    assert page.status_code == 200
    assert "Hello Zoë" in words(page.content)
    assert "no-store" in page["Cache-Control"]


@pytest.mark.parametrize("way", ["too old", "taken back", "guessed", "of before the newer one"])
def test_an_invitation_that_is_spent_lets_nobody_in(newcomer, nurse, monkeypatch, way):
    address = invited(newcomer, nurse)
    if way == "too old":
        monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + VALID_FOR)
    elif way == "taken back":
        Invitation.objects.update(revoked_at=NOON)
    elif way == "guessed":
        address = address[:-3] + "xx/"
    else:
        invited(newcomer, nurse)

    assert taken_up(address)[1].status_code == 404
    newcomer.refresh_from_db()
    assert newcomer.user is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"passphrase": "short"}, "too short"),
        ({"passphrase": "administrator"}, "too common"),
        ({"passphrase": None}, "This field is required"),
        ({"username": "taken"}, "This name is taken"),
        ({"username": "two words!"}, "Enter a valid username"),
        ({"username": ""}, "This field is required"),
    ],
)
def test_what_cannot_be_taken_is_said_and_the_invitation_stays_good(newcomer, nurse, given, told):
    UserFactory(username="taken")
    address = invited(newcomer, nurse)

    _phone, answer = taken_up(address, **given)

    assert answer.status_code == 422
    assert told in words(answer.content)
    assert GOOD not in answer.content.decode()
    assert taken_up(address)[1].status_code == 302


def test_a_lost_phone_gets_a_new_way_in_and_the_old_one_is_signed_out(phone, patient):
    nurse = MembershipFactory(ward=patient.stays.get().ward).user
    assert phone.get(reverse("portal:today")).status_code == 200

    new, answer = taken_up(invited(patient, nurse), username=None)

    assert answer.status_code == 302
    assert new.get(reverse("portal:today")).status_code == 200
    assert phone.get(reverse("portal:today")).status_code == 302
    assert Patient.objects.get(pk=patient.pk).user == patient.user


def test_a_carer_comes_in_with_consent_and_the_patient_can_end_it(phone, patient):
    answer = phone.post(reverse("portal:access"), {"do": "invite", "relationship": "sister"})
    address = re.search(r"<bdi>http://[^/]+(/my/join/[^<]+)</bdi>", answer.content.decode())[1]
    assert b"<svg" in answer.content
    theirs, joined = taken_up(address, display_name="Mia Lovegrove", username="mia")
    assert joined.url == reverse("portal:people")
    log = reverse("portal:person-log", args=[patient.pk])
    assert theirs.get(log).status_code == 200

    carer = Carer.objects.get()
    phone.post(reverse("portal:access"), {"do": "withdraw", "id": str(carer.pk)})

    assert theirs.get(log).status_code == 404
    assert (carer.relationship, str(carer.user)) == ("sister", "Mia Lovegrove")
    kinds = AuditEvent.objects.filter(patient_id=patient.pk).values_list("type", flat=True)
    assert {"invited", "joined", "consent_withdrawn"} <= set(kinds)


def test_a_carer_has_no_say_in_who_else_comes_in(carers_phone, patient):
    assert carers_phone.get(reverse("portal:access")).status_code in (302, 404)
    carers_phone.post(reverse("portal:access"), {"do": "invite", "relationship": "friend"})

    assert not Invitation.objects.exists()


def test_nobody_ends_what_is_another_patients(phone):
    other = CarerFactory(patient=PatientFactory())

    assert phone.post(reverse("portal:access"), {"do": "withdraw", "id": str(other.pk)}).status_code == 404
    other.refresh_from_db()
    assert other.withdrawn_at is None


@pytest.mark.parametrize("given", [{"do": "withdraw", "id": "x"}, {"do": "nonsense"}, {}])
def test_nonsense_is_refused_and_changes_nothing(phone, given):
    assert phone.post(reverse("portal:access"), given).status_code == 404


def test_signing_out_every_other_phone_keeps_this_one(phone, patient):
    other = Client()
    other.force_login(patient.user)

    phone.post(reverse("portal:access"), {"do": "sign_out"})

    assert phone.get(reverse("portal:today")).status_code == 200
    assert other.get(reverse("portal:today")).status_code == 302


def test_signing_in_on_ones_own_phone_lasts_for_patients_and_never_for_staff(patient, nurse):
    for user, lasts in ((patient.user, True), (nurse, False)):
        user.set_password(GOOD)
        user.save()
        browser = Client()
        browser.post(reverse("account_login"), {"login": user.username, "password": GOOD, "own_phone": "1"})
        assert (browser.session.get_expiry_age() > timedelta(days=2).total_seconds()) is lasts


def test_each_use_of_ones_own_phone_begins_the_time_anew(newcomer, nurse):
    phone, _answer = taken_up(invited(newcomer, nurse), own_phone="on")
    session = phone.session
    session.set_expiry(3600)
    session.save()

    phone.get(reverse("portal:who"))

    assert phone.session.get_expiry_age() > timedelta(days=89).total_seconds()


def test_the_ward_hands_over_an_invitation_and_its_token_is_kept_nowhere(newcomer, nurse):
    browser = Client()
    browser.force_login(nurse)
    address = reverse("dashboards:people", args=[newcomer.pk])

    answer = browser.post(address, {"do": "invite", "invites": "patient"})

    token = re.search(r"/my/join/([\w-]+)/", answer.content.decode())[1]
    assert b"<svg" in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert token not in str(Invitation.objects.values().get())
    assert token not in browser.get(address).content.decode()
    assert taken_up(reverse("portal:join", args=[token]))[1].status_code == 302


def test_the_ward_must_say_who_an_invited_carer_is(newcomer, nurse):
    browser = Client()
    browser.force_login(nurse)

    answer = browser.post(
        reverse("dashboards:people", args=[newcomer.pk]), {"do": "invite", "invites": "carer", "relationship": " "}
    )

    assert answer.status_code == 422
    assert "wife, son, neighbour" in words(answer.content)
    assert not Invitation.objects.exists()


def test_who_has_a_lock_on_the_phone_needs_no_passphrase_and_is_led_to_turn_it_on(newcomer, nurse):
    phone, answer = taken_up(invited(newcomer, nurse), passphrase=None, way="lock", own_phone="on")

    assert (answer.status_code, answer.url) == (302, reverse("passkeys:mine"))
    newcomer.refresh_from_db()
    assert not newcomer.user.has_usable_password()
    assert "would not come in again on another day" in words(phone.get(reverse("passkeys:mine")).content)
    assert "would not come in again on another day" in words(phone.get(reverse("portal:today")).content)


def test_without_either_nobody_comes_in(newcomer, nurse):
    _phone, answer = taken_up(invited(newcomer, nurse), passphrase="", way="")

    assert answer.status_code == 422
    newcomer.refresh_from_db()
    assert newcomer.user is None


def test_a_new_invitation_ends_the_passkeys_of_the_old_phone(newcomer, nurse):
    taken_up(invited(newcomer, nurse))
    newcomer.refresh_from_db()
    Passkey.objects.create(
        user=newcomer.user, name="old", credential_id=b"1", credential=b"2", made_at=NOON - timedelta(days=1)
    )

    taken_up(invited(newcomer, nurse), username=None)

    assert Passkey.objects.get().ended_at == NOON


def test_who_has_a_passphrase_is_not_told_to_get_a_way_in(newcomer, nurse):
    phone, _answer = taken_up(invited(newcomer, nurse))

    assert "would not come in again" not in words(phone.get(reverse("portal:today")).content)
