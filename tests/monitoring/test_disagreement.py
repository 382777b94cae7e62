"""The patient and a carer say different things of the same day."""

import pytest

from apps.alerts.models import Alert, AlertEvent, Level
from apps.monitoring.clock import check_due, look_again
from tests.factories import NOON, PatientFactory, PlanFactory, hours
from tests.journeys.reports import report

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    patient = PatientFactory()
    PlanFactory(patient=patient)
    return patient


def look(patient, at):
    look_again(patient.pk, at)
    while check_due(at):
        pass


def flags(patient):
    return Alert.objects.filter(patient=patient, pattern="disagreement")


@pytest.mark.parametrize(
    ("code", "said", "seen", "is_flagged"),
    [
        ("disorientation", 0, 2, True),
        ("insomnia", 3, 1, True),
        ("agitation", 0, 4, True),
        ("irritability", 1, 2, False),
        ("tremor", 0, 4, False),
        ("disorientation", "cannot_answer", 4, False),
    ],
)
def test_two_grades_or_more_on_orientation_sleep_or_behaviour_are_a_flag_of_their_own(
    patient, code, said, seen, is_flagged
):
    report(patient, NOON - hours(5), answers={code: said})
    report(patient, NOON, answers={code: seen}, reporter="carer")
    look(patient, NOON + hours(0.1))

    assert flags(patient).exists() is is_flagged
    if is_flagged:
        alert = flags(patient).get()
        assert alert.level == Level.WATCH
        [match] = alert.hits[0]["matched"]
        assert (match["code"], match["value"]) == (code, f"patient {said}, carer {seen}")


def test_reports_of_different_days_are_not_set_against_each_other(patient):
    report(patient, NOON - hours(25), answers={"disorientation": 0})
    report(patient, NOON, answers={"disorientation": 3}, reporter="carer")
    look(patient, NOON + hours(0.1))

    assert not flags(patient).exists()


def test_the_newest_answers_count_and_agreement_since_raises_nothing(patient):
    report(patient, NOON - hours(5), answers={"insomnia": 0})
    report(patient, NOON - hours(4), answers={"insomnia": 3})
    report(patient, NOON, answers={"insomnia": 3}, reporter="carer")
    look(patient, NOON + hours(0.1))

    assert not flags(patient).exists()


def test_it_is_told_once_a_day_and_never_lowers_what_else_fired(patient):
    report(patient, NOON - hours(5), answers={"disorientation": 0})
    report(patient, NOON, answers={"disorientation": 4}, reporter="carer")
    for later in (0.1, 1.0, 5.0):
        look(patient, NOON + hours(later))

    told = AlertEvent.objects.filter(alert__in=flags(patient))
    assert told.filter(kind__in=("opened", "fired_again", "worsened")).count() == 1
    assert Alert.objects.filter(patient=patient).exclude(pattern="disagreement").exists()
