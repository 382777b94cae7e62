"""The duty contact is told when what watches is silent: once, hourly while it lasts, and once when it is over."""

from datetime import timedelta
from threading import Event

import pytest
from django.core import mail

from apps.config.tasks import watch_the_watch
from apps.monitoring import duty
from apps.monitoring.beats import QUEUE, beat, note_work
from apps.monitoring.canary import clear_old_beats, put_canary_when_due
from apps.monitoring.models import Heartbeat, Trouble
from apps.monitoring.pipeline import assess_owed
from apps.monitoring.watch import Watch
from tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def contact(settings):
    settings.DUTY_CONTACT = "duty@example.org"


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def all_well(at, *, watch=True, worker=True):
    """A canary has come out through the queue, and a watch has beaten."""
    if watch:
        beat("watch:here:1", at)
    if worker:
        canary = put_canary_when_due(at)
        assess_owed([canary.pk], at)
        note_work([canary.pk], at, through=QUEUE)


def look_and_send(at):
    duty.look(at)
    if duty.waits_to_send(at):
        duty.send(lambda: at)


def subjects():
    return [message.subject.split(": ", 1)[1] for message in mail.outbox]


def dead_watch_told():
    for second in (0, 30):
        all_well(later(second), watch=False)
        look_and_send(later(second))


def test_while_all_is_well_nobody_is_told():
    for second in (0, 30, 60):
        all_well(later(second))
        look_and_send(later(second))

    assert mail.outbox == []
    assert not Trouble.objects.exists()


def test_a_dead_watch_is_told_once_from_a_worker():
    dead_watch_told()
    look_and_send(later(45))

    assert subjects() == ["nobody is called: the watch is not running"]
    assert mail.outbox[0].to == ["duty@example.org"]


@pytest.mark.django_db(transaction=True)
def test_a_dead_worker_is_told_by_the_watch():
    all_well(NOON)
    for second in range(5, 71, 5):
        beat("watch:here:1", later(second))
        Watch(lambda second=second: later(second), None, Event()).run_once()

    assert "the worker is silent, logs are assessed on backup" in subjects()


def test_what_is_silent_for_less_than_the_grace_is_told_to_nobody():
    all_well(NOON, watch=False)
    look_and_send(NOON)
    for second in (20, 50, 80):
        all_well(later(second))
        look_and_send(later(second))

    assert mail.outbox == []
    assert Trouble.objects.get().ended_at == later(80)


def test_it_is_told_again_after_an_hour_and_not_before():
    dead_watch_told()
    look_and_send(later(3_629))
    assert subjects().count("nobody is called: the watch is not running") == 1

    look_and_send(later(3_630))
    look_and_send(later(3_640))
    assert subjects().count("nobody is called: the watch is not running") == 2


def test_that_it_is_over_is_told_once_and_only_when_it_stays_so():
    dead_watch_told()
    for second in (60, 80, 100, 130, 160):
        all_well(later(second))
        look_and_send(later(second))

    assert subjects()[1:] == ["over: nobody is called: the watch is not running"]
    assert Trouble.objects.get().ended_at == later(100)


def test_a_mail_server_that_refuses_is_tried_again_after_a_minute(settings):
    settings.EMAIL_BACKEND = "tests.alerts.refusing_mail.EmailBackend"
    dead_watch_told()
    trouble = Trouble.objects.get()
    assert (trouble.told_at, trouble.last_error) == (None, "SMTPRecipientsRefused")

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    duty.send(lambda: later(89))
    assert mail.outbox == []
    duty.send(lambda: later(90))
    assert len(mail.outbox) == 1


def test_of_two_that_send_at_once_one_does():
    all_well(NOON, watch=False)
    duty.look(NOON)
    all_well(later(30), watch=False)
    duty.look(later(30))

    assert len(duty._claim(later(30))) == 1
    duty.send(lambda: later(30))
    assert mail.outbox == []


def test_what_ends_while_the_mail_is_on_its_way_is_still_told_as_over(monkeypatch):
    all_well(NOON, watch=False)
    duty.look(NOON)
    all_well(later(30), watch=False)
    duty.look(later(30))
    (claimed,) = duty._claim(later(30))
    all_well(later(95))
    duty.look(later(95))

    duty._sent(claimed, later(96))
    duty.send(lambda: later(97))

    assert subjects() == ["over: nobody is called: the watch is not running"]


def test_a_silent_beat_is_told_however_long_it_has_been_dead():
    beat(duty.BEAT, NOON)
    clear_old_beats(later(7_200))
    for second in (7_200, 7_230):
        all_well(later(second))
        look_and_send(later(second))

    assert subjects() == ["Celery beat is silent, nobody would tell of a dead watch"]


def test_what_beat_wakes_says_that_it_lives_and_looks(settings):
    watch_the_watch()

    assert Heartbeat.objects.filter(part=duty.BEAT).exists()
    assert Trouble.objects.filter(kind=Trouble.Kind.WATCH).exists()


def test_without_a_contact_nothing_is_looked_at(settings):
    settings.DUTY_CONTACT = ""
    dead_watch_told()

    assert not Trouble.objects.exists()
