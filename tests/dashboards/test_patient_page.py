import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.reminders.models import Reminder, ReminderAttempt
from apps.tapers.models import Dose
from tests.dashboards.rows import logged
from tests.factories import (
    NOON,
    AlertFactory,
    AssessmentFactory,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    PumpEventFactory,
    RiskFactorFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(ward):
    return PatientFactory(stay=ward, stay__bed="4", given_name="Ada", family_name="Lovegrove")


@pytest.fixture
def page(desk, patient):
    def read():
        answer = desk.get(reverse("dashboards:patient", args=[patient.pk]))
        main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")

    return read


def test_the_plan_is_told_with_its_doses_and_its_next_change(page, patient):
    PlanFactory(patient=patient)

    text = page()

    for words in (
        "2 of 7",
        "50 mg/day, 08:00, 14:00, 20:00",
        "Wed 25 Nov, 12:00",
        "Spasticity",
        "1, plan started",
    ):
        assert words in text, words


def test_a_patient_without_a_plan_is_not_said_to_take_nothing(page):
    assert "What is prescribed is not known here." in page()


def test_doses_that_nobody_spoke_of_are_not_called_missed(page, patient):
    PlanFactory(patient=patient)
    DoseFactory(patient=patient, due_at=NOON - hours(4), amount="16.667")
    DoseFactory(patient=patient, due_at=NOON - hours(16), status=Dose.Status.MISSED)
    DoseFactory(patient=patient, due_at=None, taken_at=NOON - hours(1))

    text = page()

    assert "Fri 08:00 16.67 mg taken Fri 08:00" in text
    assert "Thu 20:00 16.67 mg missed" in text
    assert "Fri 11:00 20 mg taken Fri 11:00 (outside the plan)" in text
    assert "Thu 14:00 16.67 mg nobody has said" in text
    assert text.replace("(a dose was missed)", "").count("missed") == 1


def test_a_log_is_told_with_its_grades_and_with_what_is_not_known(page, patient):
    log = SymptomLogFactory(
        patient=patient,
        observed_at=NOON - hours(2),
        answers={"confusion": 3, "anxiety": 0, "insomnia": "refused", "seizure": True},
        vital_signs={"temperature_c": {"value": 38.4, "site": "ear"}, "gcs": {"value": 14}},
        note="Restless night.",
    )
    AssessmentFactory(log=log, level=2, score=11)

    text = page()

    for words in (
        "Fri 20 Nov, 10:00", "patient", "Urgent", "day score 11", "Confusion 3", "Seizure yes",
        "1 asked and not there", "Without an answer: Insomnia (refused)", "Restless night.",
        "38.4 °C, ear", "not measured", "14",
    ):  # fmt: skip
        assert words in text, words


def test_a_log_without_an_assessment_is_said_to_have_none(page, patient):
    logged(patient, assessed=False)

    text = page()

    assert "Not assessed" in text
    assert "not yet assessed" in text


def test_a_corrected_log_is_marked_and_its_correction_shown(page, patient):
    wrong = SymptomLogFactory(patient=patient, observed_at=NOON - hours(2), answers={"confusion": 4})
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(2), answers={"confusion": 1}, supersedes=wrong)

    text = page()

    assert "corrected since" in text
    assert "Confusion 1" in text


def test_a_log_that_came_in_late_says_when(page, patient):
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(9), recorded_at=NOON - hours(1))

    assert "came in 20 Nov, 11:00" in page()


def test_logs_of_more_than_two_weeks_ago_are_not_listed(page, patient):
    SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(days=15))

    assert "Nobody has logged in the last 14 days." in page()


def test_alerts_open_and_closed_and_what_bends_them(page, patient):
    AlertFactory(patient=patient, pattern="delirium")
    AlertFactory(
        patient=patient,
        pattern="autonomic",
        level=2,
        status="resolved",
        resolved_by=UserFactory(display_name="Ben Okafor"),
        resolved_at=NOON,
        outcome="false",
        outcome_note="Cuff too small.",
    )
    RiskFactorFactory(patient=patient, code="epilepsy")
    RiskFactorFactory(patient=patient, code="infection", present_until=NOON - hours(1))
    PumpEventFactory(patient=patient, kind="pump_alarm", tone="two_tone")

    text = page()

    for words in (
        "Delirium", "Nobody has taken it.", "Unstable vital signs", "false alarm, Ben Okafor", "Cuff too small.",
        "epilepsy or an earlier seizure", "pump alarm (two tones)",
    ):  # fmt: skip
        assert words in text, words
    assert "infection" not in text


def test_without_an_alert_nobody_is_called_well(page):
    text = page()

    assert "No alert is open. There is no log yet." in text
    assert not re.search(r"\b(ok|well|fine|stable)\b", text, re.IGNORECASE)


def test_the_patient_s_own_clock_is_told_when_it_is_another(page, patient):
    patient.time_zone = "Asia/Tokyo"
    patient.save()

    assert "their clock: 21:00 (Asia/Tokyo)" in page()


def test_who_looked_is_recorded(page, nurse, patient):
    page()

    line = AuditEvent.objects.get(type=AuditEvent.Type.PATIENT_VIEWED)
    assert (line.actor_id, line.patient_id, line.detail["page"]) == (nurse.pk, patient.pk, "patient")


@pytest.mark.parametrize("count", [1, 12])
def test_the_page_takes_a_fixed_number_of_statements(desk, patient, count, django_assert_max_num_queries):
    PlanFactory(patient=patient)
    for number in range(count):
        AssessmentFactory(log=SymptomLogFactory(patient=patient, observed_at=NOON - hours(number)))
        AlertFactory(patient=patient, pattern=f"pattern{number}", log=patient.symptom_logs.first())
        DoseFactory(patient=patient, due_at=NOON - hours(number))

    with django_assert_max_num_queries(44):
        desk.get(reverse("dashboards:patient", args=[patient.pk]))


def test_the_ward_sees_whether_reminding_works(page, patient):
    assert "reach nobody: no phone, no e-mail, no carer" in page()

    patient.user = UserFactory(role="patient")
    patient.save()
    reminder = Reminder.objects.create(
        patient=patient,
        recipient=patient.user,
        kind="test",
        due_at=NOON,
        expires_at=NOON + hours(1),
        created_at=NOON,
    )
    ReminderAttempt.objects.create(
        reminder=reminder, channel="push", started_at=NOON - hours(5), outcome="failed", error="HTTP 500"
    )
    ReminderAttempt.objects.create(
        reminder=reminder, channel="push", started_at=NOON - hours(3), outcome="sent", shown_at=NOON - hours(3)
    )

    assert (
        "Reminders to log: by e-mail · last sent Fri 20 Nov, 09:00 (shown on the phone)"
        " · last failure Fri 20 Nov, 07:00 (HTTP 500)" in page()
    )
