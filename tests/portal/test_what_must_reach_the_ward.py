"""Reports that a form, a correction or a used id must not swallow: all through the real doors."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.alerts.delivery import claim_due, deliver
from apps.alerts.escalation import do_due_steps
from apps.alerts.models import Alert, Delivery
from apps.alerts.services import resolve_alert
from apps.monitoring.intake import submit_symptom_log
from apps.patients.services import discharge_patient
from apps.portal.selectors import alert_status
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import LogConflict
from tests.factories import NOON, CarerFactory, DutyFactory, PatientFactory, UserFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PatientFactory(with_account=True)


@pytest.fixture
def nurse(patient):
    return DutyFactory(ward=patient.stays.get().ward).user


def browser(user):
    client = Client()
    client.force_login(user, backend="apps.config.sign_in.PeopleBackend")
    return client


def yes_to(page, code):
    """The value of the choice that says yes, as the page offers it."""
    offered = re.findall(rf'<input[^>]*name="answer-{code}"[^>]*>', page)
    values = [re.search(r'value="([^"]*)"', one).group(1) for one in offered]
    return next(value for value in values if value.lower() in ("yes", "true", "1"))


def a_form(**more):
    return {"client_id": str(uuid.uuid4()), "supersedes": "", "by": "", "when": "now", "note": ""} | more


def log(patient, at, *, by=None, client_id=None, supersedes=None, **answers):
    return submit_symptom_log(
        patient=patient, by=by or patient.user, reporter="patient", at=at, client_id=client_id or uuid.uuid4(),
        observed_at=min(at, NOON) if supersedes else at, answers=answers, vital_signs={}, supersedes=supersedes,
    )  # fmt: skip


def test_a_fit_reaches_the_ward_once_though_the_temperature_was_mistyped(patient):
    client = browser(patient.user)
    yes = yes_to(client.get("/my/log/").content.decode(), "seizure")
    form = a_form(**{"answer-seizure": yes, "value-temperature_c": "39,4 x", "unit-temperature_c": "degC"})

    for _again in range(2):
        answered = client.post("/my/log/", form)

    assert answered.status_code == 422
    assert "has been sent to the ward" in answered.content.decode()
    stored = SymptomLog.objects.get()
    assert stored.answers["seizure"] is True
    assert "39,4 x" in stored.note
    assert Alert.objects.get(patient=patient, pattern="seizure_risk").level == 3

    mended = client.post("/my/log/", form | {"value-temperature_c": "39,4"})
    assert mended.status_code == 302
    assert SymptomLog.objects.count() == 2


def test_a_mistyped_form_without_a_red_flag_waits_to_be_mended(patient):
    client = browser(patient.user)
    answered = client.post("/my/log/", a_form(**{"answer-anxiety": "1", "value-temperature_c": "warm"}))

    assert answered.status_code == 422
    assert "Not sent yet" in answered.content.decode()
    assert not SymptomLog.objects.exists()


def test_the_receipt_of_somebody_in_no_wards_care_does_not_say_that_the_ward_has_it(patient):
    discharge_patient(patient=patient, by=None, at=timezone.now() - timedelta(days=1))
    sent = log(patient, timezone.now(), seizure=True)

    page = browser(patient.user).get(f"/my/logs/{sent.log.pk}/").content.decode()

    assert "The ward has your report" not in page
    assert "On the ward" not in page
    assert "No ward is looking after you now" in page


def test_a_report_of_a_fit_under_a_used_id_reaches_a_person(patient):
    carer = CarerFactory(patient=patient).user
    same, at = uuid.uuid4(), timezone.now()
    log(patient, at, client_id=same, insomnia=1)

    with pytest.raises(LogConflict) as conflict:
        log(patient, at, by=carer, client_id=same, seizure=True)

    assert conflict.value.kept.answers == {"seizure": True}
    assert Alert.objects.filter(patient=patient, log=conflict.value.kept).exists()


def test_another_fit_reported_days_later_opens_an_alert_again(patient, nurse):
    [alert] = log(patient, NOON, seizure=True).alerts
    resolve_alert(alert=alert, by=nurse, at=NOON + hours(1), outcome="treated_elsewhere")

    log(patient, NOON + timedelta(days=2), seizure=True)

    assert Alert.objects.open().get(patient=patient, pattern="seizure_risk").continues == alert


def test_what_was_taken_back_and_is_said_again_opens_an_alert_again(patient, nurse):
    first = log(patient, NOON, seizure=True)
    taken_back = log(patient, NOON + hours(1), supersedes=first.log, seizure=False)
    resolve_alert(alert=first.alerts[0], by=nurse, at=NOON + hours(2), outcome="false", note="Taken back.")

    log(patient, NOON + hours(3), supersedes=taken_back.log, seizure=True)

    assert Alert.objects.open().filter(patient=patient).exists()


def test_a_patient_is_not_told_of_a_message_when_only_the_board_was_written(patient):
    DutyFactory(ward=patient.stays.get().ward, user=UserFactory(email=""))
    log(patient, NOON, seizure=True)
    do_due_steps(NOON)
    claimed = claim_due(NOON)
    deliver([*claimed.at_once, *claimed.fresh], NOON)

    assert Delivery.objects.filter(done_at__isnull=False).exists()
    assert {told.people_told for told in alert_status(patient)["alerts"]} == {0}
