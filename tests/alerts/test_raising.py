from datetime import timedelta

import pytest

from apps.alerts.models import Alert, AlertEvent
from apps.alerts.services import acknowledge_alert, raise_alerts, resolve_alert
from apps.rules.types import Hit, Level
from tests.factories import NOON, DutyFactory, PatientFactory, SymptomLogFactory, hours

pytestmark = pytest.mark.django_db


def a_hit(rule="DEL-U-confusion", level=Level.URGENT, pattern="delirium"):
    return Hit(rule, pattern, level, "Newly confused.", (), (), (), "project choice")


EMERGENCY = a_hit("DEL-E-cam", Level.EMERGENCY)
OTHER_EMERGENCY = a_hit("DEL-E-4at", Level.EMERGENCY)
WATCH = a_hit("DEL-W-two-new", Level.WATCH)


@pytest.fixture
def patient():
    return PatientFactory()


@pytest.fixture
def nurse(patient):
    return DutyFactory(ward=patient.stays.get().ward).user


def fire(patient, *hits, at=NOON, log=None):
    log = log or SymptomLogFactory(patient=patient, observed_at=at)
    return raise_alerts(patient=patient, log=log, hits=hits, at=at)


def kinds(alert):
    return [event.kind for event in alert.events.order_by("at")]


def test_each_pattern_has_its_alert_with_its_worst_level(patient):
    raised = fire(patient, a_hit(), WATCH, a_hit("HYP-E-40", Level.EMERGENCY, "hyperthermia"))

    assert [(alert.pattern, alert.level) for alert in raised] == [("hyperthermia", 3), ("delirium", 2)]
    assert raised[1].ward == patient.stays.get().ward
    assert {hit["rule_id"] for hit in raised[1].hits} == {"DEL-U-confusion", "DEL-W-two-new"}


def test_the_same_again_tells_nobody(patient):
    [first] = fire(patient, a_hit())
    steps = first.escalation_steps.count()

    [again] = fire(patient, a_hit(), at=NOON + hours(2))

    assert again == first
    assert again.raised_at == NOON
    assert again.last_fired_at == NOON + hours(2)
    assert again.escalation_steps.count() == steps
    assert kinds(again) == ["opened", "fired_again"]


def test_the_same_hits_of_the_same_log_change_nothing(patient):
    log = SymptomLogFactory(patient=patient, observed_at=NOON)
    fire(patient, a_hit(), log=log)
    before = Alert.objects.values().get(), AlertEvent.objects.count()

    fire(patient, a_hit(), log=log, at=NOON + hours(1))

    assert (Alert.objects.values().get(), AlertEvent.objects.count()) == before


def test_worse_raises_it_again_and_takes_it_out_of_the_hands_it_was_in(patient, nurse):
    [alert] = fire(patient, a_hit())
    acknowledge_alert(alert=alert, by=nurse, at=NOON + timedelta(minutes=5))

    [alert] = fire(patient, EMERGENCY, at=NOON + hours(1))

    assert (alert.status, alert.level, alert.acknowledged_by) == ("open", 3, None)
    assert alert.raised_at == NOON + hours(1)
    assert kinds(alert) == ["opened", "acknowledged", "worsened"]
    pending = alert.escalation_steps.filter(done_at=None, cancelled_at=None)
    assert [(step.episode, step.number) for step in pending] == [(2, 1), (2, 2), (2, 3), (2, 4)]
    assert pending.first().due_at == NOON + hours(1)


def test_what_gets_better_never_lowers_the_level(patient):
    fire(patient, EMERGENCY)

    [alert] = fire(patient, WATCH, at=NOON + hours(1))

    assert alert.level == 3
    assert Alert.objects.count() == 1


def test_an_emergency_by_another_rule_breaks_through_what_was_taken(patient, nurse):
    [alert] = fire(patient, EMERGENCY)
    acknowledge_alert(alert=alert, by=nurse, at=NOON)

    [alert] = fire(patient, EMERGENCY, OTHER_EMERGENCY, at=NOON + hours(1))

    assert alert.status == "open"
    assert alert.raised_at == NOON + hours(1)


def test_an_emergency_by_another_rule_does_not_begin_anew_a_ladder_that_is_running(patient):
    [alert] = fire(patient, EMERGENCY)

    [alert] = fire(patient, OTHER_EMERGENCY, at=NOON + timedelta(minutes=8))

    assert {step.episode for step in alert.escalation_steps.all()} == {1}
    assert alert.raised_at == NOON
    assert {hit["rule_id"] for hit in alert.hits} == {"DEL-E-cam", "DEL-E-4at"}


def closed(patient, nurse, *hits, at=NOON):
    [alert] = fire(patient, *hits, at=at)
    return resolve_alert(alert=alert, by=nurse, at=at + hours(1), outcome="reviewed")


def test_what_fires_again_within_72_hours_is_kept_with_the_closed_alert_and_tells_nobody(patient, nurse):
    alert = closed(patient, nurse, a_hit())

    [again] = fire(patient, a_hit(), at=NOON + hours(72))

    assert again == alert
    assert (again.status, again.last_fired_at) == ("resolved", NOON)
    assert kinds(again)[-1] == "fired_again"
    assert not again.escalation_steps.filter(done_at=None, cancelled_at=None).exists()


def test_urgent_signs_that_go_on_are_told_anew_three_days_after_a_person_closed_them(patient, nurse):
    alert = closed(patient, nurse, a_hit())
    for day in (1, 2, 3):
        fire(patient, a_hit(), at=NOON + timedelta(days=day))

    [new] = fire(patient, a_hit(), at=NOON + timedelta(days=3, hours=1))

    assert (new.status, new != alert) == ("open", True)


def test_a_closed_watch_that_goes_on_does_not_nag(patient, nurse):
    alert = closed(patient, nurse, WATCH)
    for day in range(1, 8):
        assert fire(patient, WATCH, at=NOON + timedelta(days=day)) == [alert]

    alert.refresh_from_db()
    assert (alert.status, alert.last_fired_at) == ("resolved", NOON + timedelta(days=7))


def test_after_72_hours_without_firing_it_is_a_new_alert(patient, nurse):
    alert = closed(patient, nurse, a_hit())

    [new] = fire(patient, a_hit(), at=NOON + hours(72) + timedelta(seconds=1))

    assert (new.status, new.continues) == ("open", None)
    assert new != alert


@pytest.mark.parametrize("worse", [EMERGENCY, OTHER_EMERGENCY])
def test_worse_than_what_was_closed_is_a_new_alert_that_names_the_old_one(patient, nurse, worse):
    alert = closed(patient, nurse, a_hit() if worse is EMERGENCY else EMERGENCY)

    [new] = fire(patient, worse, at=NOON + hours(3))

    assert (new.status, new.level, new.continues) == ("open", 3, alert)
    assert new.escalation_steps.count() == 4


def test_an_emergency_that_was_closed_is_silent_when_only_something_less_fires(patient, nurse):
    closed(patient, nurse, EMERGENCY)

    [alert] = fire(patient, a_hit(), at=NOON + hours(3))

    assert alert.status == "resolved"


def test_a_log_that_was_assessed_before_does_not_bring_back_what_was_closed_since(patient, nurse):
    old = SymptomLogFactory(patient=patient, observed_at=NOON - hours(200))
    fire(patient, EMERGENCY, log=old, at=NOON - hours(200))
    resolve_alert(alert=Alert.objects.get(), by=nurse, at=NOON - hours(199), outcome="reviewed")
    closed(patient, nurse, a_hit())
    assert Alert.objects.count() == 2

    fire(patient, EMERGENCY, log=old, at=NOON + hours(2))

    assert Alert.objects.count() == 2
    assert not Alert.objects.open().exists()


def test_an_old_emergency_that_arrives_late_still_alerts(patient):
    late = SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(days=20))

    [alert] = fire(patient, EMERGENCY, log=late, at=NOON)

    assert (alert.status, alert.raised_at) == ("open", NOON)


def test_a_watch_calls_nobody(patient):
    [alert] = fire(patient, WATCH)

    assert not alert.escalation_steps.exists()


def test_one_patients_alert_is_not_anothers(patient):
    fire(patient, a_hit())

    [other] = fire(PatientFactory(), a_hit())

    assert other.patient != patient
    assert Alert.objects.count() == 2
