import uuid

import pytest
from django.urls import reverse

from apps.tapers.models import PumpEvent
from tests.factories import NOON

pytestmark = pytest.mark.django_db

PUMP = "portal:pump"


@pytest.fixture
def patient(patient):
    patient.has_pump = True
    patient.save()
    return patient


@pytest.mark.parametrize(
    ("noticed", "kind", "tone"),
    [
        ("single_tone", "pump_alarm", "single_tone"),
        ("two_tone", "pump_alarm", "two_tone"),
        ("some_tone", "pump_alarm", ""),
        ("refill_missed", "refill_missed", ""),
        ("blow", "pump_trauma", ""),
    ],
)
def test_what_was_noticed_of_the_pump_reaches_the_record(phone, patient, noticed, kind, tone):
    sent = {"client_id": str(uuid.uuid4()), "when": "now", "noticed": noticed}

    for _tap in range(2):
        assert phone.post(reverse(PUMP), sent).status_code == 302

    event = PumpEvent.objects.get()
    assert (event.patient, event.kind, event.tone, event.occurred_at) == (patient, kind, tone, NOON)


def test_nothing_chosen_is_asked_again(phone, patient):
    answer = phone.post(reverse(PUMP), {"client_id": str(uuid.uuid4()), "when": "now"})

    assert answer.status_code == 422
    assert 'href="#field-noticed"' in answer.content.decode()


def test_a_person_without_a_pump_has_no_such_page(phone, patient):
    patient.has_pump = False
    patient.save()

    assert phone.get(reverse(PUMP)).status_code == 404
