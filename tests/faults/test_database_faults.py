"""What the watch and the worker do when PostgreSQL cuts them off."""

import pytest
from django.db import connection
from django.utils import timezone

from apps.alerts.models import Alert
from apps.monitoring.models import Heartbeat
from tests.journeys.ground import Ground, wait_until
from tests.journeys.reports import SEEING_THINGS, report
from tests.journeys.test_log_to_alert import a_person_on_a_taper

pytestmark = pytest.mark.django_db(transaction=True)


def cut_everybody_else_off() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and application_name like 'taperwatch w%'"""
        )
        return int(cursor.fetchone()[0])


def test_a_watch_that_was_cut_off_from_the_database_goes_on(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    watch = ground.watch()
    wait_until(lambda: Heartbeat.objects.filter(part__startswith="watch:").exists(), "the watch's start")
    wait_until(lambda: cut_everybody_else_off() > 0, "a connection to cut")
    began = timezone.now()

    log = report(patient, **SEEING_THINGS).log

    wait_until(lambda: Alert.objects.filter(log=log).exists(), "the alert", seconds=20)
    wait_until(
        lambda: Heartbeat.objects.filter(part__startswith="watch:", at__gt=began).exists(), "the next sign of life"
    )
    assert watch.poll() is None


def test_a_worker_that_was_cut_off_from_the_database_goes_on(ground: Ground) -> None:
    patient = a_person_on_a_taper()
    ground.broker()
    worker = ground.worker()
    ground.watch()
    wait_until(lambda: Heartbeat.objects.filter(part="canary").exists(), "the first canary")
    for _ in range(3):
        cut_everybody_else_off()
        log = report(patient, **SEEING_THINGS).log
        wait_until(lambda log=log: log.assessments.exists(), "the assessment", seconds=30)

    assert worker.poll() is None
