from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import mail
from django.db import connections

from apps.accounts.models import User
from apps.alerts.delivery import deliver
from apps.alerts.errors import AlertAlreadyAcknowledged, AlertClosed, AlertNotTaken, NotForThisRole
from apps.alerts.escalation import do_due_steps, release_unfinished, start_ladder
from apps.alerts.models import Alert
from apps.alerts.selectors import alert_detail, open_alerts_of
from apps.alerts.services import (
    acknowledge_alert,
    decline_alert,
    end_silence,
    note_alert,
    pass_on_alert,
    release_alert,
    resolve_alert,
    silence_alert,
)
from apps.core.errors import InvalidInput
from tests.factories import NOON, AlertFactory, DutyFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert():
    alert = AlertFactory()
    start_ladder(alert, at=NOON)
    return alert


@pytest.fixture
def nurse(alert):
    return DutyFactory(ward=alert.ward).user


def later(minutes):
    return NOON + timedelta(minutes=minutes)


def pending(alert):
    """Calls that are still to come; whoever has it may be reminded."""
    return alert.escalation_steps.filter(purpose="call", done_at=None, cancelled_at=None).count()


def test_whoever_takes_it_is_named_and_nobody_else_is_called(alert, nurse):
    taken = acknowledge_alert(alert=alert, by=nurse, at=later(2))

    assert (taken.status, taken.acknowledged_by, taken.acknowledged_at) == ("acknowledged", nurse, later(2))
    assert taken.acknowledged_level == 3
    assert pending(alert) == 0


def test_the_second_is_told_who_was_first(alert, nurse):
    acknowledge_alert(alert=alert, by=nurse, at=later(2))

    with pytest.raises(AlertAlreadyAcknowledged, match=nurse.display_name):
        acknowledge_alert(alert=alert, by=UserFactory(), at=later(3))


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_reach_for_it_at_once_one_has_it():
    alert = AlertFactory()
    nurses = [UserFactory() for _ in range(8)]
    barrier = Barrier(8)

    def reach(nurse):
        barrier.wait(10)
        try:
            acknowledge_alert(alert=Alert(pk=alert.pk), by=nurse, at=NOON)
        except AlertAlreadyAcknowledged:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(reach, nurses))

    assert sum(won) == 1
    alert.refresh_from_db()
    assert alert.acknowledged_by == nurses[won.index(True)]
    assert alert.events.filter(kind="acknowledged").count() == 1


@pytest.mark.parametrize("role", [User.Role.PATIENT, User.Role.CARER, User.Role.SERVICE])
def test_only_ward_staff_answer_an_alert(alert, role):
    somebody = UserFactory(role=role)

    for answer in (
        lambda: acknowledge_alert(alert=alert, by=somebody, at=NOON),
        lambda: release_alert(alert=alert, by=somebody, at=NOON, note="busy"),
        lambda: pass_on_alert(alert=alert, by=somebody, to=UserFactory(), at=NOON, note="busy"),
        lambda: decline_alert(alert=alert, by=somebody, at=NOON, note="busy"),
        lambda: silence_alert(alert=alert, by=somebody, at=NOON, until=later(30), note="busy"),
        lambda: end_silence(alert=alert, by=somebody, at=NOON),
        lambda: note_alert(alert=alert, by=somebody, at=NOON, note="fine"),
        lambda: resolve_alert(alert=alert, by=somebody, at=NOON, outcome="reviewed"),
    ):
        with pytest.raises(NotForThisRole):
            answer()


def test_handing_it_back_begins_the_calling_anew(alert, nurse):
    acknowledge_alert(alert=alert, by=nurse, at=later(1))

    released = release_alert(alert=alert, by=UserFactory(), at=later(5), note="Called away.")

    assert (released.status, released.acknowledged_by) == ("open", None)
    assert alert.escalation_steps.filter(cancelled_at=None, done_at=None).first().due_at == later(5)
    with pytest.raises(AlertNotTaken):
        release_alert(alert=alert, by=nurse, at=later(6), note="Called away.")


@pytest.mark.parametrize("note", ["", "  "])
def test_handing_it_back_needs_a_reason(alert, nurse, note):
    acknowledge_alert(alert=alert, by=nurse, at=later(1))

    with pytest.raises(InvalidInput):
        release_alert(alert=alert, by=nurse, at=later(2), note=note)

    alert.refresh_from_db()
    assert alert.acknowledged_by == nurse


def test_whoever_has_it_is_reminded_once_before_it_is_nobodys_again(alert, nurse):
    acknowledge_alert(alert=alert, by=nurse, at=NOON)

    assert [do_due_steps(later(minute)) for minute in (14, 15, 16)] == [0, 1, 0]
    reminder = alert.events.get(kind="reminded")
    assert reminder.note == nurse.display_name
    assert set(alert.deliveries.values_list("recipient", "channel")) == {(nurse.pk, "board"), (nurse.pk, "email")}
    deliver([one.pk for one in alert.deliveries.all()], later(15))
    assert [message.to for message in mail.outbox] == [[nurse.email]]


@pytest.mark.parametrize("answer", [release_alert, resolve_alert])
def test_nobody_is_reminded_of_what_they_no_longer_have(alert, nurse, answer):
    acknowledge_alert(alert=alert, by=nurse, at=NOON)
    given = {"outcome": "reinstated"} if answer is resolve_alert else {}
    answer(alert=alert, by=nurse, at=later(5), note="Done.", **given)

    for minute in range(5, 30):
        do_due_steps(later(minute))

    assert not alert.events.filter(kind="reminded").exists()


def test_it_is_closed_with_an_outcome(alert, nurse):
    closed = resolve_alert(alert=alert, by=nurse, at=later(9), outcome="reinstated")

    assert (closed.status, closed.resolved_by, closed.outcome) == ("resolved", nurse, "reinstated")
    assert pending(alert) == 0
    with pytest.raises(AlertClosed, match=nurse.display_name):
        resolve_alert(alert=alert, by=nurse, at=later(10), outcome="reviewed")
    with pytest.raises(AlertClosed):
        acknowledge_alert(alert=alert, by=nurse, at=later(10))


@pytest.mark.parametrize(
    ("outcome", "note"), [("", ""), ("gone", "x"), ("false", ""), ("other_cause", " "), ("not_actionable", "")]
)
def test_without_what_became_of_it_and_why_it_stays_open(alert, nurse, outcome, note):
    with pytest.raises(InvalidInput):
        resolve_alert(alert=alert, by=nurse, at=NOON, outcome=outcome, note=note)

    assert open_alerts_of(alert.patient) == [alert]


def test_taken_but_not_finished_is_nobodys_after_twenty_minutes(alert, nurse):
    acknowledge_alert(alert=alert, by=nurse, at=NOON)

    assert release_unfinished(later(19)) == 0
    assert release_unfinished(later(20)) == 1
    assert release_unfinished(later(20)) == 0

    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("open", None)
    assert do_due_steps(later(20)) == 1
    assert alert.events.filter(kind="released", by=None).exists()


def test_the_whole_story_of_an_alert_is_read_with_a_fixed_number_of_statements(
    alert, nurse, django_assert_max_num_queries
):
    do_due_steps(NOON)
    note_alert(alert=alert, by=nurse, at=later(1), note="On my way.")
    acknowledge_alert(alert=alert, by=nurse, at=later(2))

    with django_assert_max_num_queries(6):
        detail = alert_detail(alert)

    assert {event.kind for event in detail.events} == {"escalated", "noted", "acknowledged"}
    assert [(step.number, step.purpose) for step in detail.escalation] == [
        (1, "call"), (2, "call"), (3, "call"), (4, "call"), (5, "remind"),
    ]  # fmt: skip
    assert {delivery.recipient for delivery in detail.deliveries} == {nurse}
