"""From the nurse's screen to the patient's first page, in two browsers."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.people import sign_in
from tests.browser.phones import SMALL
from tests.factories import MembershipFactory, PatientFactory, WardFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_patient_comes_in_by_the_sheet_that_the_nurse_hands_over(live_server, new_person):
    ward = WardFactory(name="Neurology 3", phone="+44 20 7946 0123")
    patient = PatientFactory(stay=ward, given_name="Ada", family_name="Lovegrove")
    nurse = MembershipFactory(ward=ward).user
    screen = new_person(viewport={"width": 1440, "height": 900})
    sign_in(screen, live_server.url, nurse.username)
    screen.goto(f"{live_server.url}{reverse('dashboards:patient', args=[patient.pk])}")
    screen.get_by_role("link", name="Who reports: invite the patient or a carer").click()
    screen.get_by_role("button", name="Invite the patient").click()
    expect(screen.get_by_role("img", name="Picture of the address below, for a camera")).to_be_visible()
    address = re.search(r"http\S+/my/join/\S+", screen.locator(".tw-letter__address").inner_text())[0]

    phone = new_person(viewport=SMALL)
    phone.goto(address)
    expect(phone.get_by_role("heading", name="Come in")).to_be_visible()
    phone.get_by_label("Passphrase").fill("horse battery staple seven")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.get_by_role("button", name="Come in").click()

    expect(phone.get_by_role("heading", name="Ada, today")).to_be_visible()
    phone.get_by_role("link", name="Who may see and report").click()
    phone.get_by_label("Who is this to you?").fill("sister")
    phone.get_by_role("button", name="Make an invitation").click()
    expect(phone.get_by_role("img", name="Picture of the address below, for a camera")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
