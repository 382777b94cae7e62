"""How a person usually is: what "new" and "worse" are measured from, told by staff, kept for ever."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apps.assessments.active import active_catalogue
from apps.audit.models import AuditEvent
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_and_alert
from apps.symptoms.models import Baseline
from tests.dashboards.test_bedside import text_of
from tests.factories import NOON, BaselineFactory, PatientFactory, PlanFactory, SymptomLogFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(ward):
    found = PatientFactory(stay=ward)
    PlanFactory(patient=found)
    return found


def url(patient):
    return reverse("dashboards:usual", args=[patient.pk])


def test_it_is_kept_with_who_said_it_and_recent_logs_are_looked_at_again(desk, nurse, patient):
    log = SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(days=3))

    answer = desk.post(
        url(patient),
        {
            "answer-tremor": "2",
            "value-temperature_c": "98,6",
            "unit-temperature_c": "degF",
            "answer-seizure": "no",
        },
    )

    told = Baseline.objects.get()
    assert answer.status_code == 302
    assert (told.answers, told.recorded_by, told.recorded_at) == ({"tremor": 2, "seizure": False}, nurse, NOON)
    assert told.vital_signs == {"temperature_c": pytest.approx(37.0)}
    assert AssessmentOwed.objects.filter(log=log).exists()
    assert AuditEvent.objects.filter(type="record_changed", patient_id=patient.pk, actor_id=nurse.pk).exists()


def test_what_was_usual_is_not_called_new(desk, patient):
    log = SymptomLogFactory(patient=patient, observed_at=NOON, answers={"tremor": 2})
    before = assess_and_alert(log, active_catalogue(), NOON)
    desk.post(url(patient), {"answer-tremor": "2"})
    after = assess_and_alert(log, active_catalogue(), NOON)

    assert before is not after
    stored = list(log.assessments.order_by("generation").values_list("facts__baseline", flat=True))
    assert stored[0] == {}
    assert stored[-1] == {"tremor": 2}


def test_told_anew_the_earlier_one_stays_and_the_form_shows_the_newest(desk, patient):
    BaselineFactory(patient=patient, answers={"tremor": 1}, recorded_at=NOON - timedelta(days=9))
    desk.post(url(patient), {"answer-tremor": "3", "value-heart_rate_bpm": "62"})

    page = desk.get(url(patient))
    assert [one.answers["tremor"] for one in patient.baselines.order_by("recorded_at")] == [1, 3]
    assert 'value="62"' in page.content.decode()
    assert "Told before: 11 Nov 2026" in text_of(page)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"answer-tremor": "9"}, "Tremor"),
        ({"answer-tremor": "refused"}, "Tremor"),
        ({"value-temperature_c": "warm"}, "Write a number"),
        ({"value-temperature_c": "400"}, "Temperature"),
    ],
)
def test_a_fault_is_named_and_nothing_is_kept(desk, patient, given, words):
    answer = desk.post(url(patient), given)

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Baseline.objects.exists()


def test_that_nothing_is_known_can_be_said_too(desk, patient):
    BaselineFactory(patient=patient, answers={"tremor": 3}, recorded_at=NOON - timedelta(days=9))

    assert desk.post(url(patient), {}).status_code == 302
    assert patient.baselines.latest("recorded_at").answers == {}


def test_what_was_told_is_never_edited():
    told = BaselineFactory(answers={"tremor": 3}, recorded_at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        Baseline.objects.filter(pk=told.pk).update(answers={})
    told.refresh_from_db()
    assert told.answers == {"tremor": 3}
