"""Without a connection: open, answer, be advised; and everything arrives later, once."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.alerts.models import Alert
from apps.symptoms.models import SymptomLog
from tests.browser.people import choose
from tests.browser.phones import SMALL, a_patient, cut, expect_kept, mend, open_app

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def patient():
    return a_patient()


@pytest.fixture
def phone(patient, live_server, new_person):
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, patient)
    return page


def test_in_airplane_mode_the_questions_open_danger_is_answered_and_the_report_arrives_later(phone, live_server):
    cut(phone.context)
    phone.goto(f"{live_server.url}{reverse('portal:log')}")
    expect(phone.get_by_text("No connection to the ward now")).to_be_visible()

    choose(phone, "seizure", "Yes")
    expect(phone.get_by_role("heading", name="A fit needs help now")).to_be_visible()
    phone.get_by_role("button", name="Send to the ward").click()

    expect_kept(phone)
    expect(phone.get_by_role("heading", name="A fit needs help now")).to_be_visible()
    assert not SymptomLog.objects.exists()

    mend(phone.context)

    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    assert SymptomLog.objects.count() == 1
    assert Alert.objects.count() == 1
