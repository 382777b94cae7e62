"""Ward staff log at the bedside, or what the patient or a carer says on the telephone."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.alerts.models import Alert
from apps.assessments.active import active_catalogue
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_and_alert
from apps.symptoms.models import SymptomLog
from tests.factories import NOON, PatientFactory, PlanFactory, SymptomLogFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(ward):
    found = PatientFactory(stay=ward, stay__bed="4")
    PlanFactory(patient=found)
    return found


def url(patient, **query):
    address = reverse("dashboards:bedside-log", args=[patient.pk])
    return address + "?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else address


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode())).replace("&#x27;", "'")


def send(desk, patient, query=None, **given):
    sent = {"client_id": str(uuid.uuid4())} | {name.replace("__", "-"): value for name, value in given.items()}
    return desk.post(url(patient, **(query or {})), sent)


def test_what_a_nurse_sees_is_stored_and_an_emergency_in_it_is_on_the_board_at_once(desk, nurse, patient):
    answer = send(
        desk,
        patient,
        answer__severe_rigidity="3",
        answer__reduced_consciousness="V",
        answer__oxygen_given="no",
        answer__four_at_total="5",
        value__temperature_c="102,6",
        unit__temperature_c="degF",
        site__temperature_c="mouth",
        value__heart_rate_bpm="128",
        note="Shivering.",
    )

    log = SymptomLog.objects.get()
    assert answer.status_code == 302
    assert (log.reporter, log.recorded_by, log.channel, log.observed_at) == ("staff", nurse, "ward", NOON)
    assert log.answers == {
        "severe_rigidity": 3, "reduced_consciousness": "V", "oxygen_given": False, "four_at_total": 5,
    }  # fmt: skip
    assert log.vital_signs["temperature_c"]["value"] == pytest.approx(39.2, abs=0.05)
    assert log.vital_signs["temperature_c"]["site"] == "mouth"
    assert Alert.objects.filter(patient=patient, pattern="hyperthermia", level=3).exists()
    assert AssessmentOwed.objects.filter(log=log).exists()
    told = text_of(desk.get(answer.url))
    assert "Kept. The assessment follows within seconds." in told
    assert "emergency: High temperature and rigidity" in told


def test_what_was_not_looked_at_says_nothing(desk, patient):
    send(desk, patient, answer__tremor="0", answer__confusion="")

    assert SymptomLog.objects.get().answers == {"tremor": 0}


@pytest.mark.parametrize("why", ["asleep", "refused", "too_confused", "too_unwell", "cannot_answer"])
def test_that_nothing_could_be_asked_is_a_finding_for_what_only_the_patient_can_tell(desk, patient, why):
    send(desk, patient, nothing_asked=why, answer__tremor="2")

    answers = SymptomLog.objects.get().answers
    assert answers["tremor"] == 2
    assert answers["visual_hallucinations"] == answers["suicidal_thoughts"] == why
    assert "four_at_total" not in answers
    assert "clonus" not in answers


@pytest.mark.parametrize("told_by", ["patient", "carer"])
def test_what_somebody_says_on_the_telephone_is_theirs_and_names_who_took_it_down(desk, nurse, patient, told_by):
    answer = send(desk, patient, {"told_by": told_by}, answer__tremor="2")

    log = SymptomLog.objects.get()
    assert (log.reporter, log.recorded_by) == (told_by, nurse)
    assert f"taken down by {nurse}" in text_of(desk.get(answer.url))


def test_who_is_asked_for_what_follows_from_who_says_it(desk, patient):
    at_bedside = desk.get(url(patient)).content.decode()
    on_telephone = desk.get(url(patient, told_by="patient")).content.decode()

    assert "answer-four_at_total" in at_bedside
    assert "answer-four_at_total" not in on_telephone
    assert "answer-clonus" not in on_telephone
    assert "poor_feeding" not in at_bedside
    assert desk.get(url(patient, told_by="nobody")).status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Nothing is filled in yet."),
        ({"value__temperature_c": "abc"}, "Write a number"),
        ({"value__temperature_c": "99"}, "Temperature"),
        ({"value__temperature_c": "38.1", "unit__temperature_c": "kelvin"}, "Unit"),
        ({"answer__tremor": "7"}, "Tremor"),
        ({"answer__tremor": "1", "observed_at": "2026-11-21T12:00"}, "When"),
        ({"answer__tremor": "1", "observed_at": "yesterday"}, "When"),
    ],
)
def test_a_fault_is_named_and_nothing_that_was_typed_is_lost(desk, patient, given, words):
    answer = send(desk, patient, **given | ({"note": "Kept in the form."} if given else {}))

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not SymptomLog.objects.exists()
    if given:
        assert "Kept in the form." in answer.content.decode()


def test_a_reading_that_is_seldom_so_counts_and_is_asked_about(desk, patient):
    answer = send(desk, patient, value__temperature_c="42.5", site__temperature_c="core")

    assert SymptomLog.objects.get().vital_signs["temperature_c"]["value"] == 42.5
    page = desk.get(answer.url)
    assert "Seldom as high or low as this: Temperature 42.5 °C, core. It counts as it is." in text_of(page)
    assert f"?corrects={SymptomLog.objects.get().pk}" in page.content.decode()


def test_sent_twice_it_is_one_log(desk, patient):
    client_id = str(uuid.uuid4())
    for _twice in range(2):
        desk.post(url(patient), {"client_id": client_id, "answer-tremor": "2"})

    assert SymptomLog.objects.count() == 1


def test_sent_again_with_other_content_both_are_kept_and_the_nurse_is_told(desk, patient):
    client_id = str(uuid.uuid4())
    desk.post(url(patient), {"client_id": client_id, "answer-tremor": "2"})

    answer = desk.post(url(patient), {"client_id": client_id, "answer-tremor": "4"})

    assert answer.status_code == 422
    assert "Both logs are kept" in text_of(answer)
    assert sorted(log.answers["tremor"] for log in SymptomLog.objects.all()) == [2, 4]


def test_who_wrote_it_puts_it_right_and_the_first_one_stays(desk, patient):
    send(desk, patient, value__temperature_c="42.5", answer__tremor="2", note="By ear.")
    first = SymptomLog.objects.get()
    page = desk.get(url(patient, corrects=first.pk)).content.decode()
    assert 'value="42.5"' in page
    assert "By ear." in page

    send(desk, patient, supersedes=str(first.pk), value__temperature_c="37.5", answer__tremor="2")

    assert SymptomLog.objects.in_force().get().vital_signs["temperature_c"]["value"] == 37.5
    assert SymptomLog.objects.count() == 2


def test_a_log_of_somebody_else_is_not_put_right_here(desk, patient):
    others = SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(hours=1))

    assert desk.get(url(patient, corrects=others.pk)).status_code == 404
    assert desk.get(url(patient, corrects="nonsense")).status_code == 404
    assert send(desk, patient, supersedes=str(others.pk), answer__tremor="1").status_code == 404


def test_news2_is_counted_from_what_was_entered(desk, patient):
    readings = {
        "temperature_c": "38.4", "heart_rate_bpm": "115", "respiratory_rate_bpm": "22",
        "bp_systolic_mmhg": "105", "bp_diastolic_mmhg": "70", "spo2_percent": "94",
    }  # fmt: skip
    given = {f"value__{code}": value for code, value in readings.items()}
    send(desk, patient, answer__reduced_consciousness="A", answer__oxygen_given="no", **given)
    log = SymptomLog.objects.get()

    assess_and_alert(log, active_catalogue(), NOON)

    # Royal College of Physicians 2017: 1 + 2 + 2 + 1 + 1, alert and on air 0.
    assert log.assessments.get().result["news2"]["total"] == 7
