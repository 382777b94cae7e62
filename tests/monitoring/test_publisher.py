import time
import uuid

import pytest

from apps.monitoring import publisher as publishing
from apps.monitoring.publisher import ASSESS, DELIVER, Publisher
from tests.journeys.ground import wait_until

IDS = (uuid.uuid4(), uuid.uuid4())


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    monkeypatch.setenv("TW_SENT", str(tmp_path / "sent"))
    monkeypatch.setenv("TW_BROKER", "well")
    found = Publisher("tests.monitoring.celery_stand_in")
    found.sent = lambda: (tmp_path / "sent").read_text() if (tmp_path / "sent").exists() else ""
    yield found
    found.close()


def test_ids_reach_the_broker_many_to_a_message(publisher):
    publisher.publish(ASSESS, IDS)
    publisher.publish(DELIVER, IDS[:1])

    wait_until(lambda: publisher.sent().count("\n") == 2, "both messages")
    assert publisher.sent() == f"{ASSESS} 2\n{DELIVER} 1\n"
    assert publisher.failed() == []


def test_nothing_is_sent_for_nothing(publisher):
    publisher.publish(ASSESS, ())

    assert publisher._child is None


@pytest.mark.parametrize("broker", ["away", "deadly"])
def test_what_the_broker_did_not_take_comes_back(publisher, monkeypatch, broker):
    monkeypatch.setenv("TW_BROKER", broker)
    publisher.publish(ASSESS, IDS)
    failed = []

    wait_until(lambda: failed.extend(publisher.failed()) or failed, "the failure", seconds=20)

    assert failed == [(ASSESS, IDS)]


def test_a_child_that_hangs_is_killed_and_what_it_held_comes_back(publisher, monkeypatch):
    monkeypatch.setattr(publishing, "START_S", 3.0)
    monkeypatch.setenv("TW_BROKER", "frozen")
    publisher.publish(ASSESS, IDS)
    child = publisher._child
    failed = []

    wait_until(lambda: failed.extend(publisher.failed()) or failed, "the failure", seconds=10)

    assert failed == [(ASSESS, IDS)]
    assert not child.is_alive()
    monkeypatch.setenv("TW_BROKER", "well")
    publisher.publish(ASSESS, IDS)
    wait_until(lambda: publisher.sent().count("\n") == 2, "the next one, by a new child")


def test_publishing_never_waits(publisher, monkeypatch):
    monkeypatch.setenv("TW_BROKER", "frozen")
    began = time.monotonic()
    for _ in range(publishing.MOST_WAITING + 5):
        publisher.publish(ASSESS, IDS)

    assert time.monotonic() - began < 1.5
    assert len(publisher.failed()) == 5
