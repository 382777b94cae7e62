"""Who was called does not go: to whom it goes instead, and that somebody is always next."""

from datetime import timedelta

import pytest

from apps.alerts.errors import AlertAlreadyAcknowledged, AlertClosed
from apps.alerts.escalation import do_due_steps, start_ladder
from apps.alerts.services import acknowledge_alert, decline_alert, pass_on_alert, resolve_alert
from apps.core.errors import InvalidInput
from apps.wards.models import Job
from tests.factories import NOON, AlertFactory, DutyFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert():
    alert = AlertFactory()
    start_ladder(alert, at=NOON)
    return alert


def on_duty(alert, job=Job.NURSE):
    return DutyFactory(ward=alert.ward, job=job).user


def later(minutes):
    return NOON + timedelta(minutes=minutes)


def told(alert):
    """Whom, minute by minute."""
    rows = alert.deliveries.filter(channel="board").order_by("due_at", "recipient__display_name")
    return [(round((one.due_at - NOON).total_seconds() / 60), one.recipient) for one in rows]


def walk(since, until):
    for minute in range(since, until + 1):
        while do_due_steps(later(minute)):
            pass


def test_a_colleague_is_asked_by_name_at_once_and_the_ladder_goes_on_behind(alert):
    nurse, doctor = on_duty(alert), on_duty(alert, Job.DOCTOR)
    off_duty = MembershipFactory(ward=alert.ward).user
    acknowledge_alert(alert=alert, by=nurse, at=later(1))

    passed = pass_on_alert(alert=alert, by=nurse, to=off_duty, at=later(2), note="In theatre.")
    walk(2, 8)

    assert (passed.status, passed.acknowledged_by) == ("open", None)
    assert told(alert) == [(2, off_duty), (5, nurse), (8, doctor)]
    event = alert.events.get(kind="passed_on")
    assert event.by == nurse
    assert off_duty.display_name in event.note
    assert "In theatre." in event.note


def test_whom_it_was_passed_to_takes_it_and_nobody_else_is_called(alert):
    nurse, other = on_duty(alert), on_duty(alert)
    pass_on_alert(alert=alert, by=nurse, to=other, at=later(1), note="With another patient.")
    acknowledge_alert(alert=alert, by=other, at=later(2))

    walk(2, 14)

    assert not alert.events.filter(kind="escalated").exists()


def test_a_colleague_who_has_left_the_ward_meanwhile_is_skipped_at_once(alert):
    nurse, other = on_duty(alert), on_duty(alert)
    pass_on_alert(alert=alert, by=nurse, to=other, at=later(1), note="With another patient.")
    other.memberships.update(ended_at=NOON)

    walk(1, 1)

    assert alert.events.filter(kind="skipped", note__contains=other.display_name).exists()
    assert told(alert) == [(1, nurse)]


@pytest.mark.parametrize("whom", ["oneself", "of another ward", "who has left", "a connected system"])
def test_it_is_passed_to_nobody_who_cannot_take_it(alert, whom):
    nurse = on_duty(alert)
    to = {
        "oneself": lambda: nurse,
        "of another ward": lambda: MembershipFactory().user,
        "who has left": lambda: MembershipFactory(ward=alert.ward, ended_at=NOON).user,
        "a connected system": lambda: MembershipFactory(ward=alert.ward, user=UserFactory(role="service")).user,
    }[whom]()
    acknowledge_alert(alert=alert, by=nurse, at=later(1))

    with pytest.raises(InvalidInput) as refusal:
        pass_on_alert(alert=alert, by=nurse, to=to, at=later(2), note="Busy.")

    assert [problem.pointer for problem in refusal.value.problems] == ["/to"]
    alert.refresh_from_db()
    assert alert.acknowledged_by == nurse


def test_nobody_passes_on_what_a_colleague_has_and_nobody_what_is_closed(alert):
    nurse, other = on_duty(alert), on_duty(alert)
    acknowledge_alert(alert=alert, by=nurse, at=later(1))
    with pytest.raises(AlertAlreadyAcknowledged, match=nurse.display_name):
        pass_on_alert(alert=alert, by=other, to=nurse, at=later(2), note="Busy.")

    resolve_alert(alert=alert, by=nurse, at=later(3), outcome="reinstated")
    with pytest.raises(AlertClosed):
        pass_on_alert(alert=alert, by=nurse, to=other, at=later(4), note="Busy.")


@pytest.mark.parametrize("answer", [decline_alert, pass_on_alert])
@pytest.mark.parametrize("note", ["", " \n"])
def test_not_to_go_needs_a_reason(alert, answer, note):
    nurse, other = on_duty(alert), on_duty(alert)
    given = {"to": other} if answer is pass_on_alert else {}

    with pytest.raises(InvalidInput):
        answer(alert=alert, by=nurse, at=NOON, note=note, **given)

    assert not alert.events.filter(kind__in=("declined", "passed_on")).exists()


def test_when_all_who_were_called_cannot_the_next_is_called_at_once(alert):
    first, second = on_duty(alert), on_duty(alert)
    doctor = on_duty(alert, Job.DOCTOR)
    walk(0, 0)

    decline_alert(alert=alert, by=first, at=later(1), note="At a cardiac arrest.")
    walk(1, 1)
    assert [who for minute, who in told(alert) if minute == 1] == []
    decline_alert(alert=alert, by=second, at=later(2), note="In isolation.")
    walk(2, 2)

    # The nurses' second call reaches nobody who could go, so it is the doctor's turn at once.
    assert [who for minute, who in told(alert) if minute == 2] == [doctor]
    assert alert.events.filter(kind="skipped", note__contains="cannot go").count() == 1


def test_who_cannot_go_is_asked_again_when_nobody_else_is_left(alert):
    nurse = on_duty(alert)
    in_charge = on_duty(alert, Job.NURSE_IN_CHARGE)
    walk(0, 0)
    for one in (nurse, in_charge):
        decline_alert(alert=alert, by=one, at=later(1), note="Busy.")

    walk(1, 30)

    assert {who for minute, who in told(alert) if minute > 1} == {in_charge}
    assert len([minute for minute, who in told(alert) if who == in_charge]) >= 5


def test_said_twice_it_is_kept_once(alert):
    nurse = on_duty(alert)

    for minute in (1, 2):
        decline_alert(alert=alert, by=nurse, at=later(minute), note="Busy.")

    assert alert.events.filter(kind="declined").count() == 1


def test_whoever_has_taken_it_hands_it_back_instead_of_declining(alert):
    nurse, other = on_duty(alert), on_duty(alert)
    acknowledge_alert(alert=alert, by=nurse, at=later(1))

    for one in (nurse, other):
        with pytest.raises(AlertAlreadyAcknowledged):
            decline_alert(alert=alert, by=one, at=later(2), note="Busy.")
