from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.alerts.models import AlertEvent, Level
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.portal.receipts import first_seen
from apps.portal.ward_knows import reports_known
from tests.factories import (
    NOON,
    AlertFactory,
    CarerFactory,
    PatientFactory,
    PlanFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
)
from tests.portal.pages import words

UNSEEN = "Nobody has told us yet that they have seen it"

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina():
    return UserFactory(display_name="Amina Osei")


def shown(browser) -> str:
    return words(browser.get(reverse("portal:ward-knows")).content)


def look(patient, by, at, door="ward"):
    record_event(
        AuditEvent.Type.PATIENT_VIEWED, subject=patient, by=by, at=at, patient_id=patient.pk, detail={"door": door}
    )


def test_a_report_that_nobody_has_seen_says_so(phone, patient):
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(2))

    text = shown(phone)

    assert "Received Friday 20 November, 10:00" in text
    assert UNSEEN in text


def test_a_report_that_was_seen_says_by_whom_and_when(phone, patient, amina):
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(2))
    look(patient, amina, NOON - hours(1))

    text = shown(phone)

    assert "Amina from the ward saw it on Friday 20 November, 11:00." in text
    assert "Osei" not in text
    assert UNSEEN not in text


def test_a_look_before_the_report_came_or_at_the_patients_own_door_is_no_look_at_it(phone, patient, amina):
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(2))
    look(patient, amina, NOON - hours(3))
    look(patient, patient.user, NOON - hours(1), door="portal")

    assert UNSEEN in shown(phone)


def test_many_reports_are_told_as_each_receipt_tells_it(patient, amina):
    logs = [SymptomLogFactory(patient=patient, observed_at=NOON - hours(back)) for back in range(6)]
    look(patient, amina, NOON - hours(3.5))
    alert = AlertFactory(patient=patient, log=logs[1])
    AlertEvent.objects.create(
        alert=alert, kind=AlertEvent.Kind.OPENED, at=NOON - hours(1), level=alert.level, log=logs[1]
    )
    AlertEvent.objects.create(
        alert=alert, kind=AlertEvent.Kind.ACKNOWLEDGED, at=NOON - hours(0.5), level=alert.level, by=amina
    )

    told = {one.id: one.seen_at for one in reports_known(patient, NOON).shown}

    assert told == {log.pk: (seen.at if (seen := first_seen(log)) else None) for log in logs}
    assert {moment is None for moment in told.values()} == {True, False}


def test_the_number_of_statements_does_not_grow_with_the_reports(patient, amina, django_assert_num_queries):
    for back in range(20):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(back))
    look(patient, amina, NOON)

    with django_assert_num_queries(2):
        reports_known(patient, NOON)


def test_open_alerts_are_told_in_the_words_of_the_receipt(phone, patient, settings):
    AlertFactory(patient=patient, level=Level.EMERGENCY)

    text = shown(phone)

    assert f"Call the emergency number {settings.EMERGENCY_NUMBER}" in text
    assert "Who knows:" in text
    assert "No alarm is open" not in text


def test_no_alert_is_never_called_well(phone):
    assert "No alarm is open. That does not mean that you are well" in shown(phone)


def test_carers_with_consent_are_named_and_those_without_are_not(phone, patient):
    CarerFactory(
        patient=patient, user=UserFactory(role=User.Role.CARER, display_name="Bea Muster"), relationship="sister"
    )
    CarerFactory(
        patient=patient, user=UserFactory(role=User.Role.CARER, display_name="Past Carer"), withdrawn_at=NOON
    )
    CarerFactory(user=UserFactory(role=User.Role.CARER, display_name="Someone Else"))

    text = shown(phone)

    assert "Bea Muster ( sister ), since 21 October 2026" in text
    assert "Past Carer" not in text
    assert "Someone Else" not in text


def test_it_says_which_version_of_the_plan_the_ward_follows(phone, patient):
    PlanFactory(patient=patient)

    assert "Version 1 of the plan, written 11 November 2026, 12:00" in shown(phone)


def test_somebody_who_never_logged_reads_that_the_ward_has_nothing(phone):
    text = shown(phone)

    assert "The ward has received no report in the last 14 days." in text
    assert "The ward has not entered a plan." in text
    assert "No carer can see them." in text


def test_somebody_without_a_ward_is_told_to_call_for_help_themselves(phone, patient):
    patient.stays.update(discharged_at=NOON - timedelta(days=1))

    assert "call for help yourself" in shown(phone)


def test_reports_of_another_patient_are_not_told(phone, patient):
    SymptomLogFactory(patient=PatientFactory(stay=patient.stays.get().ward))

    assert "The ward has received no report" in shown(phone)


def test_a_report_put_right_later_is_named_as_such(phone, patient):
    wrong = SymptomLogFactory(patient=patient, answers={"confusion": 4})
    SymptomLogFactory(patient=patient, supersedes=wrong)

    assert shown(phone).count("Put right by a later report.") == 1


def test_a_carer_does_not_read_whom_else_the_patient_trusts(carers_phone, patient):
    CarerFactory(patient=patient, user=UserFactory(role=User.Role.CARER, display_name="Bea Muster"))

    text = words(carers_phone.get(reverse("portal:person-ward-knows", args=[patient.pk])).content)

    assert "Robin Example" in text
    assert "Bea Muster" not in text
    assert "Only the patient sees which other carers can." in text


def test_a_carer_reads_it_for_the_person_they_care_for(carers_phone, patient):
    answer = carers_phone.get(reverse("portal:person-ward-knows", args=[patient.pk]))

    assert "Who can see these pages" in answer.content.decode()
