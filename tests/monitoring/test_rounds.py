"""What an app above has the watches do: it is done with their own work, and never in its way."""

import threading
from threading import Event

import pytest

from apps.monitoring import rounds
from apps.monitoring.rounds import Round, register
from apps.monitoring.watch import Watch
from tests.factories import NOON, hours

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_other_rounds(monkeypatch):
    monkeypatch.setattr(rounds, "ROUNDS", {})
    monkeypatch.setattr("apps.monitoring.watch.ROUNDS", rounds.ROUNDS)


def a_round(name="extra", **given):
    told = {
        "enrol": lambda at: None,
        "look": lambda at: False,
        "waits_to_send": lambda at: False,
        "send": lambda now: None,
    }
    return Round(name, **(told | given))


def a_watch(at=NOON):
    return Watch(lambda: at, None, Event())


def test_a_round_is_made_until_nothing_of_it_is_due_any_more():
    left = [NOON] * 3
    register(a_round(look=lambda at: bool(left) and bool(left.pop())))

    a_watch().run_once()

    assert left == []


def test_whom_it_newly_concerns_is_looked_for_now_and_then_and_not_at_every_turn():
    asked = []
    register(a_round(enrol=asked.append))
    watch = a_watch()

    for at in (NOON, NOON + hours(0.001), NOON + hours(0.01)):
        watch.turn(at)

    assert asked == [NOON, NOON + hours(0.01)]


def test_a_round_that_fails_stops_no_other():
    looked = []
    register(a_round("broken", enrol=lambda at: 1 / 0, look=lambda at: 1 / 0, waits_to_send=lambda at: 1 / 0))
    register(a_round("whole", look=looked.append))

    a_watch().turn(NOON)

    assert looked == [NOON]


def test_sending_that_hangs_holds_neither_the_watch_nor_the_messages_of_alerts_and_is_begun_once():
    may_end, begun = Event(), []

    def send(now):
        begun.append((threading.current_thread().name, now()))
        may_end.wait(20)

    register(a_round(waits_to_send=lambda at: True, send=send))
    watch = a_watch()
    for _ in range(3):
        watch.turn(NOON)
    done_meanwhile = watch._sender.submit(lambda: "an alert's message").result(5)
    may_end.set()
    watch._aside.shutdown(wait=True)

    assert done_meanwhile
    ((thread, at),) = begun
    assert thread.startswith("aside")
    assert at == NOON


def test_sending_that_fails_is_tried_again_at_a_later_turn():
    tries = []

    def send(now):
        tries.append(now())
        raise ValueError("no")

    register(a_round(waits_to_send=lambda at: True, send=send))
    watch = a_watch()
    watch.turn(NOON)
    watch._sending["extra"].result(5)
    watch.turn(NOON)
    watch._aside.shutdown(wait=True)

    assert len(tries) == 2
