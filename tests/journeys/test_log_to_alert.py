"""Whole stories with a real broker, real workers and real watches."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.alerts.models import Alert, AlertEvent, Delivery
from apps.assessments.models import Assessment
from apps.monitoring.invariants import find_broken
from apps.monitoring.models import AssessmentOwed, Heartbeat
from apps.monitoring.selectors import pipeline_state
from apps.wards.models import Job
from tests.factories import DutyFactory, PatientFactory, PlanFactory, make_version
from tests.journeys.ground import Ground, wait_until
from tests.journeys.reports import QUIET, SEEING_THINGS, report

pytestmark = pytest.mark.django_db(transaction=True)


def a_person_on_a_taper():
    now = timezone.now()
    patient = PatientFactory()
    plan = PlanFactory(patient=patient, steps=False, created_at=now - timedelta(days=9))
    make_version(plan, starts_at=now - timedelta(days=9))
    DutyFactory(
        ward=patient.stays.get().ward,
        job=Job.NURSE,
        starts_at=now - timedelta(hours=4),
        ends_at=now + timedelta(hours=4),
    )
    return patient


def unpaid() -> int:
    return AssessmentOwed.objects.filter(log__is_canary=False, answered=0).count()


def worker_heard_of() -> bool:
    return Heartbeat.objects.filter(part="canary").exists()


def test_a_log_is_assessed_by_the_worker_and_the_nurse_is_called(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    ground.broker()
    ground.worker()
    ground.watch()
    wait_until(worker_heard_of, "the first canary through the queue")

    log = report(patient, **SEEING_THINGS).log
    began = timezone.now()
    wait_until(lambda: Alert.objects.filter(log=log, pattern="delirium").exists(), "the alert")
    took = (timezone.now() - began).total_seconds()
    wait_until(lambda: Delivery.objects.filter(done_at__isnull=False).exists(), "the message")

    assert took < 2.0
    assert AlertEvent.objects.filter(kind="escalated").count() == 1
    state = pipeline_state(timezone.now())
    assert state.live
    assert state.watches_alive == 1
    assert state.messages == ()
    for secret in ("hallucinations", patient.family_name, patient.record_number):
        assert secret not in ground.shown


def test_ten_logs_while_the_worker_is_down_make_ten_assessments_and_one_alert(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    ground.broker()
    worker = ground.worker()
    ground.watch()
    wait_until(worker_heard_of, "the first canary through the queue")
    ground.kill(worker)

    start = timezone.now()
    for minute in range(10):
        report(patient, observed_at=start - timedelta(minutes=10 - minute), **SEEING_THINGS)
    ground.worker()
    wait_until(lambda: unpaid() == 0, "ten assessments")

    assert Assessment.objects.filter(log__is_canary=False).values("log").distinct().count() == 10
    assert Alert.objects.filter(pattern="delirium").count() == 1
    assert AlertEvent.objects.filter(alert__pattern="delirium", kind="opened").count() == 1


def test_without_a_broker_the_watch_assesses_and_says_that_it_runs_on_backup(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    ground.watch()

    log = report(patient, **SEEING_THINGS).log
    wait_until(lambda: Alert.objects.filter(log=log).exists(), "the alert")
    wait_until(lambda: Heartbeat.objects.filter(part="canary:sweep").exists(), "a canary by the watch's own hands")

    state = pipeline_state(timezone.now())
    assert state.live
    assert state.queue_canary_age_s is None
    assert any("backup" in message for message in state.messages)


def test_two_watches_and_two_workers_do_nothing_twice(ground: Ground) -> None:
    patients = [a_person_on_a_taper() for _ in range(3)]
    ground.broker()
    for _ in range(2):
        ground.worker()
        ground.watch()
    for patient in patients:
        for minute in range(5):
            report(patient, observed_at=timezone.now() - timedelta(minutes=minute), **SEEING_THINGS)
    wait_until(lambda: unpaid() == 0, "all assessments")
    wait_until(lambda: Delivery.objects.filter(done_at__isnull=False).count() >= 6, "all messages")

    assert Alert.objects.filter(pattern="delirium").count() == 3
    assert AlertEvent.objects.filter(alert__pattern="delirium", kind="escalated").count() == 3
    for delivery in Delivery.objects.filter(done_at__isnull=False):
        assert delivery.attempts.count() == 1
    assert find_broken(timezone.now()) == []


def test_a_watch_and_a_worker_that_are_killed_lose_nothing(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    ground.broker()
    worker, watch = ground.worker(), ground.watch()
    wait_until(worker_heard_of, "the first canary through the queue")
    for minute in range(40):
        report(patient, observed_at=timezone.now() - timedelta(minutes=minute), **QUIET)
        if minute in (10, 25):
            ground.kill(worker)
            ground.kill(watch)
            worker, watch = ground.worker(), ground.watch()
    wait_until(lambda: unpaid() == 0, "all assessments", seconds=90)

    assert Assessment.objects.filter(log__is_canary=False).values("log").distinct().count() == 40
    assert find_broken(timezone.now()) == []


def test_a_frozen_broker_holds_up_neither_the_watch_nor_the_alerts(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    broker = ground.broker()
    ground.worker()
    ground.watch()
    wait_until(worker_heard_of, "the first canary through the queue")
    ground.freeze(broker)

    log = report(patient, **SEEING_THINGS).log

    wait_until(lambda: Alert.objects.filter(log=log).exists(), "the alert", seconds=20)


def test_a_watch_that_is_told_to_stop_ends_in_order(ground: Ground) -> None:
    watch = ground.watch()
    wait_until(lambda: Heartbeat.objects.filter(part__startswith="watch:").exists(), "the watch's start")

    assert ground.stop(watch, seconds=10) == 0
