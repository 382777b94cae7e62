import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse

from apps.alerts.models import Alert, Level
from apps.rules.catalogue import load
from tests.factories import CATALOGUE, NOON, AlertFactory, SymptomLogFactory, UserFactory, hours
from tests.portal.pages import words

REASSURING = r"nothing to worry|you are (?:fine|safe|well)\b(?!:)|all (?:is )?well|no need to|don't worry|normal\b"
A_DOSE = r"\d+(?:[.,]\d+)?\s*(?:mg|µg|mcg|microgram|tablets?)"
A_SCORE = r"\bscore\b|\bBWDS\b|\bNEWS2\b"

pytestmark = pytest.mark.django_db


def receipt_of(browser, log) -> str:
    return words(browser.get(reverse("portal:receipt", args=[log.pk])).content)


@pytest.fixture
def log(patient):
    return SymptomLogFactory(patient=patient, recorded_by=patient.user, answers={"confusion": 4})


def test_an_emergency_is_answered_at_once_with_what_to_do(phone, patient, log):
    AlertFactory(patient=patient, log=log, pattern="delirium", level=Level.EMERGENCY)
    advice = load(CATALOGUE).advice["emergency_mind"]

    shown = receipt_of(phone, log)

    assert advice.headline in shown
    assert advice.text in shown
    assert settings.EMERGENCY_NUMBER in shown


def test_it_says_that_nobody_has_seen_the_alert_yet(phone, patient, log):
    AlertFactory(patient=patient, log=log)

    assert "Nobody has told us yet that they have seen it" in receipt_of(phone, log)


def test_it_says_who_has_taken_the_alert(phone, patient, log):
    AlertFactory(
        patient=patient,
        log=log,
        status=Alert.Status.ACKNOWLEDGED,
        acknowledged_by=UserFactory(display_name="Amina Osei"),
        acknowledged_at=NOON,
        acknowledged_level=Level.EMERGENCY,
    )

    shown = receipt_of(phone, log)

    assert "Amina from the ward took it at 12:00" in shown
    assert "Nobody has told us yet" not in shown


def test_an_alert_that_got_worse_since_it_was_taken_is_nobodys_again(phone, patient, log):
    AlertFactory(patient=patient, log=log, status=Alert.Status.OPEN)

    assert "took it" not in receipt_of(phone, log)


def test_one_alert_gives_its_most_urgent_advice_only(phone, patient, log):
    AlertFactory(patient=patient, log=log, pattern="delirium", level=Level.EMERGENCY)

    assert load(CATALOGUE).advice["urgent_general"].headline not in receipt_of(phone, log)


def test_an_alert_without_words_of_its_own_still_says_to_call(phone, patient, log):
    AlertFactory(patient=patient, log=log, pattern="not_assessed", level=Level.URGENT)

    assert "Call your ward now" in receipt_of(phone, log)


@pytest.mark.parametrize("level", [None, Level.WATCH, Level.URGENT, Level.EMERGENCY])
def test_no_page_reassures_names_a_dose_or_shows_a_score(phone, patient, log, level):
    if level:
        AlertFactory(patient=patient, log=log, level=level)

    shown = receipt_of(phone, log)

    for unwanted in (REASSURING, A_DOSE, A_SCORE):
        assert not re.search(unwanted, shown, re.IGNORECASE), unwanted


@pytest.mark.parametrize("advice", load(CATALOGUE).advice.values(), ids=lambda advice: advice.code)
def test_no_advice_reassures_or_names_a_dose(advice):
    for unwanted in (REASSURING, A_DOSE, A_SCORE):
        assert not re.search(unwanted, f"{advice.headline} {advice.text}", re.IGNORECASE)


def test_no_alert_is_never_called_well(phone, log):
    assert "That does not mean that you are well" in receipt_of(phone, log)


def test_trouble_with_speech_warns_of_a_stroke(phone, patient):
    log = SymptomLogFactory(patient=patient, answers={"speech_disturbance": 1})
    without = SymptomLogFactory(patient=patient, answers={"speech_disturbance": 0})
    headline = load(CATALOGUE).advice["stroke"].headline

    assert headline in receipt_of(phone, log)
    assert headline not in receipt_of(phone, without)


def test_a_reading_that_is_seldom_true_is_stored_and_asked_about(phone, patient):
    log = SymptomLogFactory(patient=patient, vital_signs={"temperature_c": {"value": 42.6, "site": "mouth"}})

    assert "Please look again" in receipt_of(phone, log)


def test_the_status_says_nothing_when_nothing_changed(phone, patient, log):
    AlertFactory(patient=patient, log=log)
    page = phone.get(reverse("portal:receipt", args=[log.pk])).content.decode()
    address = unescape(re.search(r'hx-get="([^"]+)"', page)[1])

    assert phone.get(address).status_code == 204

    Alert.objects.update(
        status=Alert.Status.ACKNOWLEDGED,
        acknowledged_by=UserFactory(display_name="Ruth Meyer"),
        acknowledged_at=NOON + hours(0.1),
        acknowledged_level=Level.EMERGENCY,
    )
    changed = phone.get(address)
    assert changed.status_code == 200
    assert "Ruth from the ward took it" in words(changed.content)
