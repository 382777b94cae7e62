import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.alerts.escalation import do_due_steps, start_ladder
from apps.alerts.models import Alert, DeliveryAttempt, EscalationStep
from apps.assessments.models import Assessment, Latest
from apps.monitoring.clock import check_due, enrol
from apps.monitoring.invariants import PROMISES, find_broken
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from tests.factories import (
    NOON,
    AlertFactory,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
)
from tests.journeys.reports import FEVER, report

pytestmark = pytest.mark.django_db
BREAK = {}


def breaks(story):
    BREAK[story.__name__] = story
    return story


@breaks
def every_open_alert_has_somebody_to_be_called_next():
    AlertFactory()


@breaks
def every_silence_ends_when_it_was_said():
    AlertFactory(
        level=2,
        silenced_until=NOON - timedelta(minutes=2),
        silenced_by=UserFactory(),
        silence_reason="Asleep after the night.",
    )


@breaks
def nobody_is_called_late():
    start_ladder(AlertFactory(), at=NOON - timedelta(minutes=2))


@breaks
def every_attempt_has_an_outcome_or_is_under_way():
    alert = AlertFactory()
    DutyFactory(ward=alert.ward)
    start_ladder(alert, at=NOON - hours(1))
    do_due_steps(NOON - hours(1))
    EscalationStep.objects.filter(done_at=None).update(due_at=NOON + hours(1))
    delivery = alert.deliveries.first()
    DeliveryAttempt.objects.create(delivery=delivery, started_at=NOON - hours(1))


@breaks
def every_taken_alert_comes_to_an_outcome_or_is_handed_back():
    AlertFactory(
        status="acknowledged",
        acknowledged_by=UserFactory(),
        acknowledged_at=NOON - timedelta(minutes=21),
        acknowledged_level=3,
    )


@breaks
def everybody_in_care_is_looked_at_by_the_clock_in_time():
    # Admitted long before NOON, and no watch has ever run.
    PatientFactory()


@breaks
def every_log_is_owed_or_assessed():
    SymptomLogFactory()


@breaks
def what_was_paid_was_assessed():
    AssessmentOwed.objects.create(
        log=SymptomLogFactory(), catalogue_version="x", answered=1, owed_since=NOON, due_at=NOON
    )


@breaks
def every_log_is_assessed_in_time():
    report(PlanFactory().patient, NOON - timedelta(minutes=2))


@breaks
def every_person_with_a_log_is_on_the_board_with_their_newest():
    log = report(PlanFactory().patient, NOON - hours(1)).log
    newest = report(log.patient, NOON).log
    Latest.objects.update(last_log=log)
    assess_nothing = AssessmentOwed.objects.exclude(log=newest)
    assess_nothing.update(owed_since=NOON)


@pytest.mark.parametrize("promise", [promise.name for promise in PROMISES])
def test_a_broken_promise_is_found(promise):
    BREAK[promise]()

    assert promise in {finding.name for finding in find_broken(NOON)}


def test_a_ward_at_work_breaks_no_promise():
    patient = PlanFactory().patient
    DutyFactory(ward=patient.stays.get().ward)
    for hour in (3, 2, 0):
        log = report(patient, NOON - hours(hour), client_id=uuid.uuid4(), **FEVER).log
        assess_owed([log.pk], NOON - hours(hour))
    for minute in range(180):
        do_due_steps(NOON - hours(3) + timedelta(minutes=minute))
        enrol(NOON - hours(3) + timedelta(minutes=minute))
        check_due(NOON - hours(3) + timedelta(minutes=minute))
    do_due_steps(NOON)

    assert find_broken(NOON) == []
    assert Alert.objects.exists()
    assert Assessment.objects.count() >= 3


def test_the_command_fails_loudly_when_a_promise_is_broken(capsys):
    call_command("check_invariants")
    AlertFactory(opened_at=timezone.now())

    with pytest.raises(CommandError) as failed:
        call_command("check_invariants")

    assert failed.value.returncode == 1
    assert "every_open_alert_has_somebody_to_be_called_next" in capsys.readouterr().out
