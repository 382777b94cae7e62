from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from apps.alerts import delivery as delivering
from apps.alerts.delivery import claim_due, deliver
from apps.alerts.escalation import do_due_steps, start_ladder
from apps.alerts.models import Delivery, DeliveryAttempt, Level
from apps.alerts.services import acknowledge_alert
from apps.alerts.transports import CannotSend
from apps.wards.models import Job
from tests.factories import NOON, AlertFactory, DutyFactory

pytestmark = pytest.mark.django_db


def later(minutes=0, seconds=0):
    return NOON + timedelta(minutes=minutes, seconds=seconds)


@pytest.fixture
def alert():
    alert = AlertFactory()
    start_ladder(alert, at=NOON)
    return alert


def on_duty(alert, job):
    return DutyFactory(ward=alert.ward, job=job).user


def told(alert):
    return [delivery.recipient for delivery in alert.deliveries.filter(channel="board").order_by("due_at")]


def walk(until_minutes):
    for minute in range(until_minutes + 1):
        while do_due_steps(later(minute)):
            pass


def test_one_after_the_other_is_called_until_somebody_takes_it(alert):
    nurse, doctor, in_charge = (on_duty(alert, job) for job in (Job.NURSE, Job.DOCTOR, Job.NURSE_IN_CHARGE))

    walk(2)
    assert told(alert) == [nurse]
    walk(5)
    assert told(alert) == [nurse, nurse]
    walk(9)
    assert told(alert) == [nurse, nurse, doctor]
    walk(10)
    assert told(alert) == [nurse, nurse, doctor, in_charge]


def test_after_the_last_rung_the_nurse_in_charge_is_called_again_every_five_minutes(alert):
    in_charge = on_duty(alert, Job.NURSE_IN_CHARGE)
    for job in (Job.NURSE, Job.DOCTOR):
        on_duty(alert, job)

    walk(60)

    assert told(alert).count(in_charge) == 11
    next_step = alert.escalation_steps.get(done_at=None, cancelled_at=None)
    assert next_step.due_at == later(65)


def test_a_rung_with_nobody_on_duty_is_skipped_at_once(alert):
    in_charge = on_duty(alert, Job.NURSE_IN_CHARGE)

    walk(0)

    assert told(alert) == [in_charge]
    assert alert.events.filter(kind="skipped").count() == 3


def test_with_nobody_on_duty_at_all_it_goes_on_and_says_so_once(alert):
    walk(60)

    assert told(alert) == []
    assert alert.events.filter(kind="skipped").count() == 4
    in_charge = on_duty(alert, Job.NURSE_IN_CHARGE)
    walk(70)
    assert in_charge in told(alert)


def test_who_is_called_is_on_duty_where_the_patient_is_now(alert):
    on_duty(alert, Job.NURSE)
    stay = alert.patient.stays.get()
    elsewhere = DutyFactory(job=Job.NURSE)
    stay.ward = elsewhere.ward
    stay.save()

    do_due_steps(NOON)

    assert told(alert) == [elsewhere.user]


def test_a_nurse_who_left_the_ward_or_whose_shift_is_over_is_not_called(alert):
    left = DutyFactory(ward=alert.ward)
    left.user.memberships.update(ended_at=NOON - timedelta(days=1))
    DutyFactory(ward=alert.ward, ends_at=NOON)

    do_due_steps(NOON)

    assert told(alert) == []


def test_what_has_been_taken_calls_nobody_any_more(alert):
    nurse = on_duty(alert, Job.NURSE)
    do_due_steps(NOON)
    acknowledge_alert(alert=alert, by=nurse, at=later(1))

    walk(14)
    deliver([one.pk for one in Delivery.objects.all()], later(14))

    assert told(alert) == [nurse]
    assert mail.outbox == []


def test_an_urgent_alert_goes_more_slowly_and_still_does_not_end():
    alert = AlertFactory(level=Level.URGENT)
    start_ladder(alert, at=NOON)
    for job in (Job.NURSE, Job.DOCTOR, Job.NURSE_IN_CHARGE):
        on_duty(alert, job)

    walk(19)
    assert len(told(alert)) == 1
    walk(60)
    assert len(told(alert)) == 4
    assert alert.escalation_steps.filter(done_at=None, cancelled_at=None).count() == 1


# --- messages ------------------------------------------------------------------------------------


@pytest.fixture
def called(alert):
    """The nurse's e-mail, due and not sent."""
    on_duty(alert, Job.NURSE)
    do_due_steps(NOON)
    return Delivery.objects.get(channel="email")


def test_a_message_says_that_there_is_something_and_nothing_more(called):
    deliver([called.pk], NOON)

    [message] = mail.outbox
    assert message.to == [called.recipient.email]
    everything = f"{message.subject} {message.body} {message.extra_headers}"
    patient = called.alert.patient
    for secret in (
        patient.given_name,
        patient.family_name,
        patient.record_number,
        "delirium",
        "emergency",
        "confus",
        called.alert.ward.name,
    ):
        assert secret not in everything


def test_a_message_leads_to_the_alerts_page_behind_the_sign_in(called, settings):
    settings.PUBLIC_URL = "https://ward.example.org/"

    deliver([called.pk], NOON)

    page = reverse("dashboards:alert", args=[called.alert_id])
    assert f"https://ward.example.org{page}" in mail.outbox[0].body.splitlines()


def test_the_attempt_is_written_before_the_message_goes(called, monkeypatch):
    seen = []
    monkeypatch.setitem(
        delivering.TRANSPORTS,
        Delivery.Channel.EMAIL,
        lambda one: seen.extend(one.attempts.values_list("outcome", flat=True)),
    )

    deliver([called.pk], NOON)

    assert seen == [""]
    assert called.attempts.get().outcome == "sent"


def test_sent_is_not_sent_again(called):
    assert deliver([called.pk], NOON) == 1
    assert deliver([called.pk], later(1)) == 0
    assert len(mail.outbox) == 1


def test_what_somebody_else_is_sending_is_left_alone_until_it_is_lost(called):
    DeliveryAttempt.objects.create(delivery=called, started_at=NOON)

    assert deliver([called.pk], later(seconds=10)) == 0
    assert deliver([called.pk], later(seconds=16)) == 1

    assert sorted(called.attempts.values_list("outcome", flat=True)) == ["sent", "unknown"]


def test_a_failed_message_is_tried_again_and_meanwhile_the_next_person_is_called(alert, called, monkeypatch):
    doctor = on_duty(alert, Job.DOCTOR)
    alert.escalation_steps.filter(number=2).update(job=Job.DOCTOR)
    out_of_order(monkeypatch)

    deliver([called.pk], later(seconds=1))
    do_due_steps(later(seconds=1))

    assert doctor in told(alert)
    called.refresh_from_db()
    assert (called.done_at, called.due_at) == (None, later(seconds=6))
    assert called.attempts.get().error == "the server is down"


def test_a_channel_that_stays_down_is_tried_at_most_thirty_seconds_apart(called, monkeypatch):
    out_of_order(monkeypatch)

    for number in range(6):
        deliver([called.pk], later(number))

    called.refresh_from_db()
    assert called.due_at == later(5, seconds=30)
    assert called.attempts.count() == 6


def out_of_order(monkeypatch):
    def fail(delivery):
        raise CannotSend("the server is down")

    monkeypatch.setitem(delivering.TRANSPORTS, Delivery.Channel.EMAIL, fail)


def test_a_mail_server_that_refuses_is_an_outcome_not_a_crash(called, settings):
    settings.EMAIL_BACKEND = "tests.alerts.refusing_mail.EmailBackend"

    assert deliver([called.pk], NOON) == 0

    attempt = called.attempts.get()
    assert (attempt.outcome, attempt.error) == ("failed", "SMTPRecipientsRefused")


def test_a_claim_gives_the_queue_its_time_and_then_does_it_itself(called):
    first = claim_due(NOON)
    assert (first.fresh, len(first.at_once)) == ((called.pk,), 1)

    assert claim_due(later(seconds=9)).forgotten == ()
    assert claim_due(later(seconds=11)).forgotten == (called.pk,)
