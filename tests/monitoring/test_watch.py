import uuid
from datetime import timedelta
from threading import Event

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from apps.alerts.models import Alert, Delivery
from apps.monitoring import watch as watching
from apps.monitoring.models import AssessmentOwed, Heartbeat
from apps.monitoring.publisher import ASSESS, DELIVER
from apps.monitoring.watch import Watch
from apps.wards.models import Job
from tests.factories import NOON, DutyFactory, PatientFactory, PlanFactory, UserFactory, make_version
from tests.journeys.reports import FEVER, SEEING_THINGS, report

pytestmark = pytest.mark.django_db


class StandInPublisher:
    """The edge to the broker: remembers what it was given, and fails when told to."""

    def __init__(self):
        self.given = []
        self.lost = []

    def publish(self, task, ids):
        if ids:
            self.given.append((task, tuple(ids)))

    def failed(self):
        lost, self.lost = self.lost, []
        return lost

    def close(self):
        pass


@pytest.fixture
def publisher():
    return StandInPublisher()


@pytest.fixture
def watch(publisher):
    return Watch(lambda: NOON, publisher, Event())


@pytest.fixture
def patient():
    patient = PlanFactory().patient
    DutyFactory(ward=patient.stays.get().ward)
    return patient


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def assessed():
    return AssessmentOwed.objects.filter(answered__gt=0, log__is_canary=False).count()


def ids_given(publisher, task):
    return {one for name, ids in publisher.given if name == task for one in ids}


def test_what_is_owed_is_published_once_and_assessed_here_only_when_the_queue_forgot_it(watch, publisher, patient):
    log = report(patient, NOON, **SEEING_THINGS).log

    watch.turn(NOON)
    assert log.pk in ids_given(publisher, ASSESS)
    publisher.given.clear()
    watch.turn(later(9))
    assert log.pk not in ids_given(publisher, ASSESS)
    assert assessed() == 0

    watch.turn(later(11))

    assert assessed() == 1
    assert Alert.objects.filter(pattern="delirium").exists()


def test_what_the_broker_did_not_take_is_assessed_in_the_next_turn(watch, publisher, patient):
    log = report(patient, NOON).log
    watch.turn(NOON)

    publisher.lost = [(ASSESS, (log.pk,))]
    watch.turn(later(1))

    assert assessed() == 1


def test_many_ids_go_in_one_message_and_a_suspect_alone(watch, publisher, patient):
    logs = [report(patient, NOON, observed_at=NOON - timedelta(minutes=minute)).log.pk for minute in range(5)]
    AssessmentOwed.objects.filter(log_id__in=logs[:2]).update(attempts=2)

    watch.turn(NOON)

    sizes = sorted(len(set(ids) & set(logs)) for task, ids in publisher.given if task == ASSESS)
    assert sizes == [1, 1, 3]


def test_an_emergency_of_the_floor_calls_the_nurse_in_the_same_turn(watch, publisher, patient):
    report(patient, NOON, **FEVER)

    watch.turn(NOON)
    watch.turn(NOON)

    alert = Alert.objects.get(pattern="hyperthermia")
    board, email = alert.deliveries.get(channel="board"), alert.deliveries.get(channel="email")
    assert board.done_at == NOON
    assert email.pk in ids_given(publisher, DELIVER)


@pytest.mark.parametrize("part", ["_assess", "_escalate", "_deliver"])
def test_a_part_that_fails_stops_no_other(watch, publisher, patient, monkeypatch, part):
    report(patient, NOON, **FEVER)

    def broken(at):
        raise RuntimeError

    monkeypatch.setattr(watch, part, broken)

    watch.turn(NOON)
    watch.turn(NOON)

    assert Heartbeat.objects.filter(part__startswith="watch:").exists()
    if part != "_assess":
        assert ids_given(publisher, ASSESS)
    if part != "_escalate":
        assert Delivery.objects.exists()


def test_assessing_a_heap_calls_nobody_late(watch, patient, monkeypatch):
    """Between two batches whoever is due is called."""
    monkeypatch.setattr(watching, "OWN_BATCH", 1)
    called = []
    monkeypatch.setattr(watching, "do_due_steps", lambda at: called.append(at) or 0)
    for minute in range(3):
        report(patient, NOON, observed_at=NOON - timedelta(minutes=minute))

    watch.turn(NOON)
    watch.turn(later(11))

    assert len(called) >= 3


@pytest.mark.django_db(transaction=True)
def test_once_does_all_that_is_due_without_a_queue():
    now = timezone.now()
    patient = PatientFactory()
    plan = PlanFactory(patient=patient, steps=False)
    make_version(plan, starts_at=now - timedelta(days=9))
    DutyFactory(
        ward=patient.stays.get().ward,
        job=Job.NURSE,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=1),
    )
    report(patient, now, client_id=uuid.uuid4(), by=UserFactory(), reporter="staff", **SEEING_THINGS)

    call_command("watch", "--once")

    assert assessed() == 1
    assert Alert.objects.get(pattern="delirium").events.filter(kind="escalated").exists()
    assert not Delivery.objects.filter(done_at=None).exists()
    assert len(mail.outbox) == 1
