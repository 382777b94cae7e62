"""What changes, and what does not, for logs on their way when another catalogue is put in force."""

import uuid

import pytest
from django.utils import timezone

from apps.alerts.models import Alert
from apps.assessments.activation import NotPublished
from apps.assessments.active import REFRESH_SECONDS, forget_active
from apps.assessments.models import Assessment, Latest
from apps.core.errors import InvalidInput
from apps.monitoring.clock import check_due
from apps.monitoring.models import AssessmentOwed, ClockCheck
from apps.monitoring.pipeline import assess_owed
from apps.monitoring.putting_in_force import KNOWN_EVERYWHERE
from apps.monitoring.putting_in_force import put_in_force as put_in_force_by_a_person
from apps.symptoms.models import SymptomLog
from tests.factories import (
    CATALOGUE,
    NOON,
    CatalogueActivationFactory,
    PatientFactory,
    PlanFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
)
from tests.journeys.reports import FEVER, report
from tests.monitoring.test_shadow import ANY_ANXIETY
from tests.other_catalogues import NEXT, draft

pytestmark = pytest.mark.django_db

RENAMED = draft().replace("pruritus", "itching_skin")


@pytest.fixture(autouse=True)
def _reads_anew(none_activated):
    forget_active()


@pytest.fixture
def next_version(catalogues_beside):
    catalogues_beside(published=[NEXT])


@pytest.fixture
def patient():
    return PlanFactory().patient


def put_in_force(version=NEXT, number=1, at=NOON):
    CatalogueActivationFactory(version=version, number=number, activated_at=at)
    forget_active()


def owed():
    return set(AssessmentOwed.objects.filter(paid_at=None).values_list("log__pk", "catalogue_version"))


def settle(at=NOON):
    return assess_owed([log_id for log_id, _version in owed()], at)


def test_what_is_owed_when_a_version_changes_is_paid_by_the_version_it_was_owed_by(patient, next_version):
    before = report(patient, NOON - hours(1), **FEVER).log

    put_in_force()
    after = report(patient, NOON, **FEVER).log

    assert owed() == {(before.pk, CATALOGUE), (after.pk, NEXT)}
    assert settle() == 2
    assert not owed()
    told = set(Assessment.objects.values_list("log", "catalogue_version"))
    assert told == {(before.pk, CATALOGUE), (after.pk, NEXT)}


def test_an_emergency_is_raised_by_the_version_in_force(patient, next_version):
    put_in_force()

    raised = report(patient, NOON, **FEVER)

    assert {(alert.level, alert.catalogue_version) for alert in raised.alerts} == {(3, NEXT)}
    assert raised.log.catalogue_version == NEXT


def test_a_form_that_was_opened_before_and_sent_after_is_taken_by_its_own_words(patient, next_version):
    put_in_force(at=NOON - hours(2))

    taken = report(patient, NOON, asked_by=CATALOGUE, **FEVER)

    assert taken.log.catalogue_version == CATALOGUE
    assert owed() == {(taken.log.pk, NEXT)}
    assert {alert.catalogue_version for alert in taken.alerts} == {NEXT}
    assert settle() == 1
    assert Assessment.objects.get().catalogue_version == NEXT
    assert {alert.catalogue_version for alert in Alert.objects.all()} == {NEXT}


def test_answers_to_a_question_that_is_no_longer_asked_are_taken_and_assessed(patient, catalogues_beside):
    """The door does not say by which version the form was made; it was in force a moment ago."""
    catalogues_beside(published=[NEXT], text=RENAMED)
    put_in_force(at=NOON - hours(2))

    taken = report(patient, NOON, answers={"pruritus": 2, "hypertonia": 3, "severe_rigidity": 3})

    assert taken.log.catalogue_version == CATALOGUE
    assert settle() == 1
    assert Assessment.objects.get().result["catalogue_version"] == NEXT


def test_a_form_of_a_version_long_out_of_force_is_read_by_the_one_in_force(patient, next_version):
    put_in_force(at=NOON - hours(24 * 31))

    assert report(patient, NOON, asked_by=CATALOGUE).log.catalogue_version == NEXT


@pytest.mark.parametrize("asked_by", ["baclofen-withdrawal-1999.1", "../../x", NEXT])
def test_a_version_that_never_was_in_force_is_not_taken_from_a_form(patient, next_version, asked_by):
    assert report(patient, NOON, asked_by=asked_by).log.catalogue_version == CATALOGUE


def test_what_no_version_allows_is_refused_still(patient, next_version):
    put_in_force(at=NOON - hours(1))

    with pytest.raises(InvalidInput):
        report(patient, NOON, asked_by=CATALOGUE, answers={"anxiety": 9})
    assert not SymptomLog.objects.exists()


def test_a_log_sent_again_after_the_change_is_the_same_log(patient, next_version):
    told = {"client_id": uuid.uuid4(), "observed_at": NOON - hours(1)} | FEVER
    first = report(patient, NOON - hours(1), **told)
    put_in_force()

    again = report(patient, NOON, asked_by=CATALOGUE, **told)

    assert (again.log, again.created) == (first.log, False)
    assert first.log.catalogue_version == CATALOGUE


def test_the_board_shows_what_the_version_put_in_force_last_says(patient, next_version):
    """Back to the version before, by an act of its own: its assessments speak again, though its name sorts first."""
    log = report(patient, NOON - hours(2), **FEVER).log
    settle()
    put_in_force(NEXT, 1)
    report(patient, NOON - hours(1), observed_at=NOON - hours(3))
    settle()
    assert Assessment.objects.filter(log=log).count() == 2
    assert Latest.objects.get().assessment.catalogue_version == NEXT

    put_in_force(CATALOGUE, 2)
    report(patient, NOON, observed_at=NOON - hours(4))
    settle()

    latest = Latest.objects.get()
    assert (latest.assessment.log_id, latest.assessment.catalogue_version) == (log.pk, CATALOGUE)


def test_a_process_that_has_not_heard_of_it_yet_still_takes_logs(patient, next_version):
    """It goes by the version before, as though the log had come those seconds earlier."""
    report(patient, NOON - hours(1))
    CatalogueActivationFactory(version=NEXT, activated_at=timezone.now())

    assert report(patient, NOON).log.catalogue_version == CATALOGUE


def test_whoever_is_in_care_is_looked_at_by_the_new_rules_without_logging_anything(patient, catalogues_beside):
    catalogues_beside(published=[NEXT], text=draft(ANY_ANXIETY))
    report(patient, NOON - hours(1), answers={"anxiety": 1})
    settle(NOON - hours(1))
    ClockCheck.objects.update_or_create(patient=patient, defaults={"due_at": NOON + hours(9)})
    elsewhere = ClockCheck.objects.create(patient=PatientFactory(), due_at=NOON)

    put_in_force_by_a_person(version=NEXT, by=UserFactory(is_superuser=True), reason="Signed off.", at=NOON)
    forget_active()

    elsewhere.refresh_from_db()
    assert elsewhere.due_at == NOON, "who is due already is not put off"
    assert check_due(NOON + KNOWN_EVERYWHERE) == 2
    alert = Alert.objects.get(pattern="delirium")
    assert (alert.patient, alert.catalogue_version, alert.log) == (patient, NEXT, None)
    assert [hit["rule_id"] for hit in alert.hits] == ["DEL-U-anxiety"]


def test_by_the_time_that_everybody_is_looked_at_every_process_knows_the_new_rules():
    assert KNOWN_EVERYWHERE.total_seconds() > REFRESH_SECONDS


def test_a_refused_activation_has_nobody_looked_at(patient):
    due = ClockCheck.objects.create(patient=patient, due_at=NOON + hours(9)).due_at

    with pytest.raises(NotPublished):
        put_in_force_by_a_person(version="nothing", by=UserFactory(is_superuser=True), reason="x", at=NOON)

    assert ClockCheck.objects.get(patient=patient).due_at == due


def test_a_log_of_somebody_else_keeps_the_version_it_was_recorded_by(next_version):
    log = SymptomLogFactory(patient=PatientFactory())

    put_in_force()

    log.refresh_from_db()
    assert log.catalogue_version == CATALOGUE
