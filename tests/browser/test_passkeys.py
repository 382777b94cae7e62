"""In with the lock of the phone: from the invitation to the day on which the phone is lost, with Chromium's own
authenticator."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import Passkey
from apps.patients.invitations import invite
from apps.patients.models import Invitation
from tests.browser.phones import SMALL
from tests.factories import MembershipFactory, PatientFactory, WardFactory

pytestmark = pytest.mark.django_db(transaction=True)


def with_lock(page: Page) -> Page:
    """A phone whose owner always unlocks it."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


@pytest.fixture
def address(live_server):
    """By a name: browsers make no passkeys for a number."""
    return live_server.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def invitation(address):
    ward = WardFactory(name="Neurology 3", phone="+44 20 7946 0123")
    patient = PatientFactory(stay=ward, given_name="Ada", family_name="Lovegrove")
    nurse = MembershipFactory(ward=ward).user
    _made, token = invite(
        patient=patient, invites=Invitation.For.PATIENT, relationship="", by=nurse, at=timezone.now()
    )
    return f"{address}/my/join/{token}/"


def sign_out(phone: Page) -> None:
    phone.get_by_text("Ada – menu").click()
    phone.get_by_role("button", name="Sign out").click()


def test_a_patient_comes_in_with_nothing_to_remember(invitation, address, new_person):
    phone = with_lock(new_person(viewport=SMALL))
    phone.goto(invitation)
    phone.get_by_role("button", name="Come in with the lock of this phone").click()

    # She is in, and is told that this is not yet for good.
    expect(phone.get_by_text("You are in now, and would not come in again on another day.")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_label("What do you call this phone or computer?").fill("My phone")
    phone.get_by_role("button", name="Turn on the lock of this one").click()
    expect(phone.get_by_text("From now on you come in with the lock")).to_be_visible()
    expect(phone.get_by_text("would not come in again")).to_have_count(0)
    assert not Passkey.objects.get().user.has_usable_password()

    # On another day: one tap.
    sign_out(phone)
    phone.goto(f"{address}/my/plan/")
    phone.get_by_role("button", name="Sign in with the lock of this phone").click()
    expect(phone.get_by_role("heading", name="My plan")).to_be_visible()
    assert phone.context.cookies()[0]["expires"] > 0

    # A second one is not made on the same phone.
    phone.goto(f"{address}/accounts/passkeys/")
    phone.get_by_role("button", name="Turn on the lock of this one").click()
    expect(phone.get_by_role("alert")).to_contain_text("This phone has a passkey for you already.")

    # It is the only way in, so it cannot be removed; ended by the ward's new invitation, it lets nobody in.
    phone.get_by_role("button", name="Remove “My phone”").click()
    expect(phone.get_by_text("This is your only way in.")).to_be_visible()
    Passkey.objects.update(ended_at=timezone.now())
    sign_out(phone)
    phone.goto(f"{address}/accounts/login/")
    phone.get_by_role("button", name="Sign in with the lock of this phone").click()
    expect(phone.get_by_text("This passkey was not accepted.")).to_be_visible()


def test_a_phone_without_a_lock_is_offered_a_passphrase_only(invitation, address, new_person):
    phone = new_person(viewport=SMALL)
    phone.goto(invitation)
    expect(phone.get_by_role("button", name="Come in", exact=True)).to_be_visible()
    expect(phone.get_by_role("button", name="Come in with the lock of this phone")).to_be_hidden()


def test_without_a_script_there_is_the_passphrase(invitation, address, new_person):
    phone = new_person(viewport=SMALL, java_script_enabled=False)
    phone.goto(f"{address}/accounts/login/")
    expect(phone.get_by_role("button", name="Sign in with the lock of this phone")).to_be_hidden()
    phone.goto(invitation)
    phone.get_by_label("Passphrase").fill("horse battery staple seven")
    phone.get_by_role("button", name="Come in", exact=True).click()
    expect(phone.get_by_role("heading", name="Ada, today")).to_be_visible()


def test_who_puts_the_phones_question_away_is_told_so_and_can_try_again(invitation, address, new_person):
    phone = new_person(viewport=SMALL)
    phone.goto(f"{address}/accounts/login/")
    away = "navigator.credentials.get = () => Promise.reject(new DOMException('x', 'NotAllowedError'))"
    phone.evaluate(f"() => {{ {away}; }}")
    button = phone.get_by_role("button", name="Sign in with the lock of this phone")
    for _try in range(2):
        button.click()
        expect(phone.get_by_role("alert")).to_contain_text("Nothing happened")
        expect(button).to_be_enabled()
