import pytest

from apps.assessments.models import Assessment, Latest
from apps.assessments.services import note_latest_log, refresh_latest
from tests.factories import NOON, AssessmentFactory, PatientFactory, SymptomLogFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PatientFactory()


def log_of(patient, hours_ago, **given):
    return SymptomLogFactory(patient=patient, observed_at=NOON - hours(hours_ago), **given)


def latest():
    return Latest.objects.get()


def test_a_new_log_is_shown_as_not_yet_assessed_beside_the_last_assessment(patient):
    first = log_of(patient, 2)
    AssessmentFactory(log=first, level=2, score=30)
    refresh_latest(patient.pk)
    second = log_of(patient, 1)

    note_latest_log(second)

    assert (latest().last_log, latest().assessment.log, latest().level) == (second, first, 2)
    assert latest().assessed_log_observed_at == first.observed_at


def test_a_late_log_never_takes_the_place_of_a_newer_one(patient):
    newer, older = log_of(patient, 1), log_of(patient, 5)
    note_latest_log(newer)

    note_latest_log(older)
    AssessmentFactory(log=older, level=3)
    AssessmentFactory(log=newer, level=1)
    refresh_latest(patient.pk)

    assert (latest().last_log, latest().level) == (newer, 1)


def test_the_score_before_is_that_of_the_log_before_by_what_was_observed(patient):
    for hours_ago, score in ((1, 40), (9, 10), (5, 20)):
        AssessmentFactory(log=log_of(patient, hours_ago), score=score)
        refresh_latest(patient.pk)

    assert (latest().score, latest().previous_score) == (40, 20)


def test_of_two_assessments_of_a_log_the_later_asked_for_speaks(patient):
    log = log_of(patient, 1)
    AssessmentFactory(log=log, level=3, generation=2, assessed_at=NOON)
    AssessmentFactory(log=log, level=1, generation=1, assessed_at=NOON + hours(1))

    refresh_latest(patient.pk)

    assert latest().level == 3


def test_a_log_that_was_corrected_is_nobodys_latest(patient):
    before, wrong = log_of(patient, 5), log_of(patient, 1)
    for log, level in ((before, 1), (wrong, 3)):
        AssessmentFactory(log=log, level=level)
        note_latest_log(log)
    refresh_latest(patient.pk)
    right = log_of(patient, 2, supersedes=wrong)

    refresh_latest(patient.pk)

    assert (latest().last_log, latest().assessment.log, latest().level) == (right, before, 1)
    assert Assessment.objects.count() == 2


def test_a_person_whose_logs_are_not_assessed_has_no_level_and_no_score(patient):
    note_latest_log(log_of(patient, 1))

    assert (latest().assessment, latest().level, latest().score) == (None, 0, None)
