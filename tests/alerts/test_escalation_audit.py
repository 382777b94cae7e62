"""What should have been called and was not is found afterwards; an honest story has nothing to find."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.alerts.escalation import do_due_steps
from apps.alerts.escalation_audit import find_missed
from apps.alerts.models import Alert, Delivery, EscalationStep
from apps.alerts.services import acknowledge_alert
from apps.core.errors import DomainError
from apps.wards.models import Job
from tests.alerts.test_silences import ANSWERS, _answer, fire, hit, later, watch
from tests.factories import NOON, DutyFactory, PatientFactory, UserFactory, WardFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert():
    alert = fire(PatientFactory(), hit())
    for job in (Job.NURSE, Job.DOCTOR, Job.NURSE_IN_CHARGE):
        DutyFactory(ward=alert.ward, job=job, user=UserFactory(email=""))
    return alert


def missed(until=150, since=0, **named):
    return [one.what for one in find_missed(later(since), later(until), **named)]


def test_a_ladder_that_was_climbed_leaves_nothing_to_find(alert):
    watch(until=150)

    assert missed() == []


def test_nobody_called_at_all_is_found(alert):
    assert missed(until=10) == ["nobody_called"]


def test_a_step_that_was_never_done_is_found_and_so_is_what_came_of_it(alert):
    watch(until=0)
    EscalationStep.objects.filter(done_at=None).update(cancelled_at=later(0))

    assert missed(until=70) == ["not_called_again", "charge_not_called"]


def test_a_late_call_is_found(alert):
    watch(until=0)
    watch(since=35, until=150)

    assert missed() == ["not_called_again"]


def test_a_minute_late_is_in_time(alert):
    watch(until=0)
    watch(since=21, until=150)

    assert missed() == []


def test_a_call_that_told_nobody_although_somebody_was_there_is_found(alert):
    watch(until=0)
    Delivery.objects.all().delete()

    assert missed(until=10) == ["nobody_told"]


def test_nobody_on_duty_is_no_fault_of_the_calling(alert):
    alert.ward.duties.filter(job=Job.NURSE).delete()
    watch(until=150)

    assert missed() == []


def test_a_message_that_was_never_sent_is_found(alert):
    alert.ward.duties.get(job=Job.NURSE).user.__class__.objects.update(email="a@example.org")
    watch(until=0)

    assert missed(until=10) == ["message_not_sent"]
    Delivery.objects.update(done_at=later(1))
    assert missed(until=10) == []


def test_taken_in_time_nobody_else_is_owed_a_call(alert):
    watch(until=0)
    nurse = alert.ward.duties.get(job=Job.NURSE).user
    acknowledge_alert(alert=alert, by=nurse, at=later(5))

    assert missed(until=100) == []


def test_what_was_owed_before_or_elsewhere_is_not_asked_for(alert):
    assert missed(since=5, until=10) == []
    assert missed(until=10, ward=WardFactory()) == []
    assert missed(until=10, ward=alert.ward) == ["nobody_called"]


def test_the_command_fails_when_there_is_something_to_find(alert, capsys):
    period = {"since": NOON.isoformat(), "until": later(10).isoformat()}

    with pytest.raises(CommandError) as failed:
        call_command("audit_escalation", format="json", **period)

    assert failed.value.returncode == 1
    [row] = json.loads(capsys.readouterr().out)
    assert (row["alert"], row["what"]) == (str(alert.pk), "nobody_called")
    call_command("audit_escalation", since=later(-30).isoformat(), until=later(-10).isoformat())
    assert "Every call that was owed was made in time." in capsys.readouterr().out


@pytest.mark.parametrize("period", [{"since": "yesterday"}, {"until": "2026-11-20T12:00:00"},
                                    {"since": "2026-11-20T12:00:00Z", "until": "2026-11-20T12:00:00Z"}])  # fmt: skip
def test_a_period_that_is_none_is_refused(period):
    with pytest.raises(CommandError):
        call_command("audit_escalation", **period)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.integers(0, 45)), min_size=1, max_size=6))
def test_whatever_people_answer_an_honest_calling_has_nothing_to_find(story):
    alert = fire(PatientFactory(), hit())
    nurse, other = (
        DutyFactory(ward=alert.ward, job=job, ends_at=NOON + timedelta(days=1), user=UserFactory(email="")).user
        for job in (Job.NURSE, Job.NURSE_IN_CHARGE)
    )
    minute = 0
    for what, pause in story:
        watch(since=minute, until=minute + pause)
        minute += pause
        with suppress(DomainError):
            _answer(what, Alert.objects.get(pk=alert.pk), nurse, other, later(minute))
        watch(since=minute, until=minute)

    assert find_missed(NOON, later(minute + 1), ward=alert.ward) == []


def test_an_emergency_that_nobody_answers_climbs_to_the_nurse_in_charge_over_a_change_of_clocks():
    """One step unmanned, the e-mail of another failing, and the hour from 1 to 2 there twice."""
    began = datetime(2026, 10, 25, 1, 55, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
    ward = WardFactory(time_zone="Europe/London")
    patient = PatientFactory(stay=ward, stay__admitted_at=began - hours(20), time_zone="Europe/London")
    duty = {"ward": ward, "starts_at": began - hours(3), "ends_at": began + hours(6)}
    nurse = DutyFactory(job=Job.NURSE, **duty).user
    charge = DutyFactory(job=Job.NURSE_IN_CHARGE, **duty).user
    alert = fire(patient, hit(3, "DEL-E-cam"), at=began)

    for second in range(0, 16 * 60, 10):
        while do_due_steps(began + timedelta(seconds=second)):
            pass

    called = [
        (round((step.done_at - began).total_seconds() / 60), step.job, [one.recipient for one in told])
        for step in alert.escalation_steps.filter(done_at__isnull=False).order_by("done_at", "number")
        for told in [step.deliveries.filter(channel="board")]
    ]
    assert called == [
        (0, "nurse", [nurse]),
        (3, "nurse", [nurse]),
        (6, "doctor", []),
        (6, "nurse_in_charge", [charge]),
        (11, "nurse_in_charge", [charge]),
    ]
    assert find_missed(began, began + timedelta(minutes=4), ward=ward) == []
    owed = find_missed(began, began + timedelta(minutes=16), ward=ward)
    assert {one.what for one in owed} == {"message_not_sent"}
