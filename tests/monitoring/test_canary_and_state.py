from datetime import timedelta

import pytest

from apps.alerts.models import Alert
from apps.assessments.models import Latest
from apps.audit.models import AuditEvent
from apps.monitoring.beats import QUEUE, SWEEP, beat, note_work
from apps.monitoring.canary import canary_patient, clear_old_beats, clear_old_canaries, put_canary_when_due
from apps.monitoring.models import AssessmentOwed, Heartbeat
from apps.monitoring.pipeline import assess_owed
from apps.monitoring.selectors import pipeline_state
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from tests.factories import NOON, MembershipFactory, PlanFactory
from tests.journeys.reports import report

pytestmark = pytest.mark.django_db


def later(seconds):
    return NOON + timedelta(seconds=seconds)


def test_one_canary_is_put_in_every_five_seconds_however_many_watches_there_are():
    put = [put_canary_when_due(later(second)) for second in (0, 0, 1, 4, 5, 6)]

    assert [log is not None for log in put] == [True, False, False, False, True, False]
    assert Patient.objects.get(record_number="canary").is_synthetic
    assert AssessmentOwed.objects.count() == 2
    assert not Alert.objects.exists()
    assert not AuditEvent.objects.filter(type="log_recorded").exists()


def test_the_canary_is_on_nobodys_board():
    canary_patient(NOON)

    assert not Patient.objects.visible_to(MembershipFactory().user).exists()


def come_out(through, at):
    canary = put_canary_when_due(at)
    assess_owed([canary.pk], at)
    note_work([canary.pk], at, through=through)


def test_a_canary_that_came_out_says_by_which_way():
    come_out(QUEUE, later(0))
    come_out(SWEEP, later(30))

    state = pipeline_state(later(50))

    assert (state.queue_canary_age_s, state.sweep_canary_age_s, state.canary_age_s) == (50.0, 20.0, 20.0)
    assert state.worker_age_s == 50.0


def test_a_canary_that_is_still_owed_has_not_come_out():
    canary = put_canary_when_due(NOON)
    note_work([canary.pk], NOON, through=QUEUE)

    assert pipeline_state(NOON).queue_canary_age_s is None


def test_before_anything_has_come_out_nothing_is_called_live():
    state = pipeline_state(NOON)

    assert not state.live
    assert state.canary_age_s is None
    assert "not being assessed" in state.messages[0]


@pytest.mark.parametrize(("seconds", "live"), [(25, True), (26, False)])
def test_half_a_minute_without_a_canary_is_a_dead_pipeline(seconds, live):
    come_out(QUEUE, NOON)
    beat("watch:here:1", later(seconds))

    assert pipeline_state(later(seconds)).live is live


def test_through_the_watch_alone_it_is_live_and_says_that_it_is_on_backup():
    come_out(SWEEP, NOON)
    beat("watch:here:1", NOON)

    state = pipeline_state(NOON)

    assert state.live
    assert state.messages == (
        "The worker is silent. Logs are assessed on backup, a few seconds later than usual.",
    )


def test_a_log_that_waits_is_counted_with_its_age_and_a_canary_is_not():
    report(PlanFactory().patient, NOON)
    put_canary_when_due(NOON)
    come_out_later = later(40)

    state = pipeline_state(come_out_later)

    assert (state.owed_count, state.oldest_owed_s) == (1, 40.0)
    assert any("1 logs wait" in message for message in state.messages)


def test_without_a_watch_the_board_says_that_nobody_is_called():
    come_out(QUEUE, NOON)
    beat("watch:here:1", later(-31))

    state = pipeline_state(NOON)

    assert state.watches_alive == 0
    assert any("Nobody is called" in message for message in state.messages)


def test_the_state_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        pipeline_state(NOON)


def test_old_canaries_go_with_all_they_left_and_no_log_of_a_person_does():
    kept = report(PlanFactory().patient, NOON).log
    come_out(QUEUE, NOON)

    assert clear_old_canaries(later(601)) == 1

    assert list(SymptomLog.objects.all()) == [kept]
    assert Latest.objects.get().last_log == kept


def test_processes_that_ended_long_ago_are_forgotten_and_the_canary_is_not():
    beat("worker:here:1", later(-3601))
    beat("canary", later(-3601))

    clear_old_beats(NOON)

    assert list(Heartbeat.objects.values_list("part", flat=True)) == ["canary"]
