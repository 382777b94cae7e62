"""Ways in which an alert could be lost between two people, two processes or two logs."""

import threading
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from apps.alerts import delivery, escalation, raising
from apps.alerts.delivery import claim_due, deliver
from apps.alerts.escalation import do_due_steps, start_missing_ladders
from apps.alerts.models import Alert, Delivery, EscalationStep
from apps.alerts.services import acknowledge_alert, raise_alerts, raise_not_assessed, resolve_alert
from apps.alerts.transports import CannotSend
from apps.dashboards.selectors import read_ward
from apps.monitoring.invariants import find_broken
from apps.patients.models import Patient
from apps.patients.services import discharge_patient, transfer_patient
from apps.rules.types import Hit, Level, Matched
from apps.wards.models import Job
from tests.factories import NOON, DutyFactory, MembershipFactory, PatientFactory, SymptomLogFactory, hours

pytestmark = pytest.mark.django_db


def a_hit(rule, level=Level.EMERGENCY, pattern="seizure_risk"):
    return Hit(rule, pattern, level, "x", (), (), (), "project choice")


@pytest.fixture
def patient():
    return PatientFactory()


@pytest.fixture
def nurse(patient):
    return DutyFactory(ward=patient.stays.get().ward).user


def fire(patient, *hits, at=NOON):
    """Each hit rests on the new log."""
    log = SymptomLogFactory(patient=patient, observed_at=at)
    shown = Matched("seizure", "a fit", "yes", "yes", log_id=str(log.pk))
    hits = [hit._replace(matched=(shown,)) for hit in hits]
    return raise_alerts(patient=patient, log=log, hits=hits, at=at)


def test_a_log_that_cannot_be_assessed_is_shown_though_an_earlier_one_was_reviewed(patient, nurse):
    first = SymptomLogFactory(patient=patient, observed_at=NOON)
    [alert] = raise_not_assessed(patient=patient, log=first, at=NOON)
    resolve_alert(alert=alert, by=nurse, at=NOON + hours(1), outcome="reviewed")
    second = SymptomLogFactory(patient=patient, observed_at=NOON + hours(24))
    raise_not_assessed(patient=patient, log=second, at=NOON + hours(24))
    assert Alert.objects.open().filter(patient=patient).exists()


def test_a_second_unassessable_log_calls_somebody_after_the_first_was_taken(patient, nurse):
    first = SymptomLogFactory(patient=patient, observed_at=NOON)
    [alert] = raise_not_assessed(patient=patient, log=first, at=NOON)
    acknowledge_alert(alert=alert, by=nurse, at=NOON + hours(1))
    second = SymptomLogFactory(patient=patient, observed_at=NOON + hours(2))
    raise_not_assessed(patient=patient, log=second, at=NOON + hours(2))
    assert Alert.objects.get().status == "open"


def test_a_second_seizure_a_day_after_the_first_was_closed_calls_somebody(patient, nurse):
    [alert] = fire(patient, a_hit("SZ-E"))
    resolve_alert(alert=alert, by=nurse, at=NOON + hours(1), outcome="transferred")
    fire(patient, a_hit("SZ-E"), at=NOON + hours(24))
    assert Alert.objects.open().exists()


def test_daily_urgent_signs_reach_somebody_within_ten_days_of_one_closing(patient, nurse):
    [alert] = fire(patient, a_hit("DEL-U", Level.URGENT, "delirium"))
    resolve_alert(alert=alert, by=nurse, at=NOON + hours(1), outcome="reviewed")
    for day in range(1, 11):
        fire(patient, a_hit("DEL-U", Level.URGENT, "delirium"), at=NOON + hours(24 * day))
    assert Alert.objects.open().exists()


@pytest.mark.django_db(transaction=True)
def test_another_emergency_at_the_moment_of_taking_leaves_somebody_to_be_called(patient, nurse):
    """Between the read and the save of `_add` somebody takes the alert."""
    [alert] = fire(patient, a_hit("SZ-E"))
    real = raising._merged
    taking = []

    def taken_meanwhile(known, new):
        def take():
            acknowledge_alert(alert=alert, by=nurse, at=NOON + timedelta(minutes=1))
            connection.close()

        t = threading.Thread(target=take)
        taking.append(t)
        t.start()
        t.join(5)
        return real(known, new)

    with patch.object(raising, "_merged", taken_meanwhile), transaction.atomic():
        fire(patient, a_hit("SZ-E2"), at=NOON + timedelta(minutes=1))
    for t in taking:
        t.join()
    alert.refresh_from_db()
    # The two wait for each other. Whoever took it after the firing has taken what it then says.
    order = list(alert.events.values_list("kind", flat=True))
    assert alert.status == "open" or order[-1] == "acknowledged", order
    assert {hit["rule_id"] for hit in alert.hits} == {"SZ-E", "SZ-E2"}
    broken = {finding.name for finding in find_broken(NOON + timedelta(minutes=2))}
    assert "every_open_alert_has_somebody_to_be_called_next" not in broken


@pytest.mark.django_db(transaction=True)
def test_a_closing_is_not_overwritten_by_a_firing_of_the_same_moment(patient, nurse):
    [alert] = fire(patient, a_hit("DEL-U", Level.URGENT, "delirium"))
    real = raising._merged
    closing = []

    def closed_meanwhile(known, new):
        def close():
            resolve_alert(alert=alert, by=nurse, at=NOON + timedelta(minutes=1), outcome="reviewed")
            connection.close()

        t = threading.Thread(target=close)
        closing.append(t)
        t.start()
        t.join(5)
        return real(known, new)

    with patch.object(raising, "_merged", closed_meanwhile), transaction.atomic():
        fire(patient, a_hit("DEL-E", Level.EMERGENCY, "delirium"), at=NOON + timedelta(minutes=1))
    for t in closing:
        t.join()
    alert.refresh_from_db()
    # Either the close stands and a new alert continues it, or the close was refused.
    assert not (alert.status == "open" and alert.events.filter(kind="resolved").exists()), alert.outcome


def test_a_mail_server_that_is_away_for_an_hour_does_not_breed_messages(patient, nurse, settings):
    DutyFactory(ward=patient.stays.get().ward, job=Job.NURSE_IN_CHARGE)
    fire(patient, a_hit("SZ-E"))

    def away(_delivery):
        raise CannotSend("away")

    with patch.dict(delivery.TRANSPORTS, {Delivery.Channel.EMAIL: away}):
        counts = []
        for second in range(0, 1800, 5):
            at = NOON + timedelta(seconds=second)
            do_due_steps(at)
            claimed = claim_due(at)
            deliver([*claimed.at_once, *claimed.fresh, *claimed.forgotten], at)
            if second % 300 == 0:
                counts.append((second, EscalationStep.objects.count(), Delivery.objects.count()))
            if Delivery.objects.count() > 2000:
                break
    assert Delivery.objects.count() < 60, counts


def test_the_hits_of_an_alert_show_the_level_that_a_rule_now_has(patient):
    fire(patient, a_hit("DEL-X", Level.URGENT, "delirium"))
    [alert] = fire(patient, a_hit("DEL-X", Level.EMERGENCY, "delirium"), at=NOON + hours(1))
    assert max(h["level"] for h in alert.hits) == alert.level


def test_one_step_that_cannot_be_done_keeps_nobody_else_from_being_called(patient, nurse):
    fire(patient, a_hit("SZ-E"))
    other = PatientFactory(stay=patient.stays.get().ward)
    fire(other, a_hit("SZ-E"))

    real = escalation.people_to_tell

    def breaks(step, alert, at, *, is_last):
        if alert.patient_id == patient.pk:
            raise ValueError("bad row")
        return real(step, alert, at, is_last=is_last)

    with patch.object(escalation, "people_to_tell", breaks):
        do_due_steps(NOON)
    assert Delivery.objects.filter(alert__patient=other).exists()

    do_due_steps(NOON + escalation.PUT_OFF)
    assert Delivery.objects.filter(alert__patient=patient).exists()


def test_an_emergency_of_somebody_in_no_wards_care_is_told_to_somebody(patient, nurse):

    discharge_patient(patient=patient, by=nurse, at=NOON - hours(1))
    fire(patient, a_hit("SZ-E"))
    for minute in range(30):
        do_due_steps(NOON + timedelta(minutes=minute))
    assert Delivery.objects.exists()


def test_an_alert_with_nobody_on_duty_at_all_reaches_some_member_of_the_ward():

    patient = PatientFactory()
    MembershipFactory(ward=patient.stays.get().ward)
    fire(patient, a_hit("SZ-E"))
    for minute in range(60):
        do_due_steps(NOON + timedelta(minutes=minute))
    assert Delivery.objects.exists()


def test_the_same_emergency_told_by_a_dose_report_after_the_closing_does_not_open_anew(patient, nurse):
    log = SymptomLogFactory(patient=patient, observed_at=NOON)
    hit = a_hit("SZ-E")._replace(matched=(Matched("seizure", "a fit", "yes", "yes", log_id=str(log.pk)),))
    [alert] = raise_alerts(patient=patient, log=log, hits=[hit], at=NOON)
    resolve_alert(alert=alert, by=nurse, at=NOON + hours(1), outcome="transferred")

    raise_alerts(patient=patient, log=log, hits=[hit], at=NOON + hours(2), fired_at=NOON + hours(2))

    assert not Alert.objects.open().exists()


def test_an_open_alert_with_nobody_to_be_called_is_found_and_called_for(patient, nurse):
    [alert] = fire(patient, a_hit("SZ-E"))
    EscalationStep.objects.all().delete()

    assert start_missing_ladders(NOON) == 1
    assert start_missing_ladders(NOON) == 0
    do_due_steps(NOON)

    assert Delivery.objects.filter(alert=alert, recipient=nurse).exists()


def test_an_emergency_of_somebody_who_has_left_stays_on_the_board_and_open_to_the_ward_until_it_is_closed(
    patient, nurse
):
    ward = patient.stays.get().ward
    stranger = DutyFactory().user
    discharge_patient(patient=patient, by=nurse, at=NOON - hours(1))
    [alert] = fire(patient, a_hit("SZ-E"))

    [(read, open_alerts, _place)] = read_ward(ward, NOON).patients
    assert (read.patient_id, read.left_at) == (patient.pk, NOON - hours(1))
    assert [one["id"] for one in open_alerts] == [alert.pk]
    assert Patient.objects.visible_to(nurse).filter(pk=patient.pk).exists()
    assert not Patient.objects.visible_to(stranger).filter(pk=patient.pk).exists()

    resolve_alert(alert=alert, by=nurse, at=NOON + hours(1), outcome="transferred")
    assert read_ward(ward, NOON + hours(1)).patients == ()
    assert not Patient.objects.visible_to(nurse).filter(pk=patient.pk).exists()


def test_who_moved_to_another_ward_is_seen_there_and_no_longer_here(patient, nurse):
    [alert] = fire(patient, a_hit("SZ-E"))
    there = DutyFactory()
    transfer_patient(patient=patient, ward=there.ward, by=nurse, at=NOON + hours(1))

    assert not Patient.objects.visible_to(nurse).filter(pk=patient.pk).exists()
    assert Patient.objects.visible_to(there.user).filter(pk=patient.pk).exists()
    assert [alerts[0]["id"] for _read, alerts, _place in read_ward(there.ward, NOON + hours(1)).patients] == [
        alert.pk
    ]


def test_when_an_alert_rises_the_slower_calling_of_the_lower_level_ends(patient, nurse):
    fire(patient, a_hit("DEL-U", Level.URGENT, "delirium"))
    [alert] = fire(patient, a_hit("DEL-E", Level.EMERGENCY, "delirium"), at=NOON + hours(1))

    waiting = alert.escalation_steps.filter(done_at=None, cancelled_at=None)
    assert {step.episode for step in waiting} == {2}
    assert alert.escalation_steps.filter(episode=1, cancelled_at=NOON + hours(1)).count() == 4


def test_a_message_that_waits_is_not_sent_once_somebody_has_taken_the_alert(patient, nurse):
    fire(patient, a_hit("SZ-E"))
    do_due_steps(NOON)
    mail = Delivery.objects.get(channel=Delivery.Channel.EMAIL)
    # Taken by a statement that cancels nothing: the sender has to look for itself.
    Alert.objects.update(status="acknowledged", acknowledged_by=nurse, acknowledged_at=NOON, acknowledged_level=3)

    assert deliver([mail.pk], NOON) == 0
    mail.refresh_from_db()
    assert mail.cancelled_at == NOON
    assert not mail.attempts.exists()


@pytest.mark.django_db(transaction=True)
def test_a_second_watch_does_not_wait_for_what_the_first_is_doing(patient, nurse):
    fire(patient, a_hit("SZ-E"))
    done = []

    def other_watch():
        done.append(do_due_steps(NOON))
        connection.close()

    with transaction.atomic():
        list(EscalationStep.objects.select_for_update())
        watch = threading.Thread(target=other_watch)
        watch.start()
        watch.join(5)
        stood_still = not done
    watch.join()
    assert not stood_still
    assert done == [0]
