import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import time, timedelta
from decimal import Decimal
from threading import Event

import pytest
from django.db import connections

from apps.alerts.models import Alert
from apps.assessments.keeping import facts_sha256, kept, told_again
from apps.assessments.models import Assessment, Latest
from apps.monitoring import owed, pipeline
from apps.monitoring.intake import submit_dose, submit_plan_change, submit_pump_event
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from apps.rules.catalogue import load
from apps.rules.engine import evaluate
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import PumpEvent
from tests.factories import CATALOGUE, NOON, PatientFactory, PlanFactory, SymptomLogFactory, hours
from tests.journeys.reports import FEVER, SEEING_THINGS, report

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PlanFactory().patient


def test_assessing_twice_is_assessing_once(patient):
    log = report(patient, NOON, **FEVER).log
    assess_owed([log.pk], NOON)
    before = list(Alert.objects.values()), list(Assessment.objects.values())

    AssessmentOwed.objects.update(asked=2)
    assess_owed([log.pk], NOON + hours(1))

    alerts, [assessment] = list(Alert.objects.values()), list(Assessment.objects.values())
    assert alerts == before[0]
    assert assessment | {"generation": 1} == before[1][0]
    assert AssessmentOwed.objects.get().answered == 2


def test_what_is_paid_is_not_done_again(patient):
    log = report(patient, NOON).log

    assert assess_owed([log.pk], NOON) == 1
    assert assess_owed([log.pk], NOON) == 0


def test_an_assessment_can_be_replayed_to_the_same_result(patient):
    for hour in (5, 3, 0):
        log = report(patient, NOON, observed_at=NOON - hours(hour), **FEVER).log
        assess_owed([log.pk], NOON)
    assessment = Assessment.objects.get(log=log)

    facts = told_again(assessment.facts)

    assert facts_sha256(kept(facts)) == assessment.facts_sha256
    again = evaluate(load(assessment.catalogue_version), facts)
    assert [hit.rule_id for hit in again.hits] == [hit["rule_id"] for hit in assessment.result["hits"]]
    assert again.score == assessment.score


def test_one_log_that_cannot_be_assessed_spoils_no_other(patient, monkeypatch):
    poison, good = report(patient, NOON - hours(1)).log, report(PatientFactory(), NOON).log
    spoil(monkeypatch, poison)

    assert assess_owed([poison.pk, good.pk], NOON) == 1

    debt = AssessmentOwed.objects.get(log=poison)
    assert (debt.answered, debt.attempts) == (0, 1)
    assert NOON < debt.due_at <= NOON + timedelta(seconds=30)
    assert debt.last_error.startswith("DivisionByZeroInTheRules in ")
    assert AssessmentOwed.objects.get(log=good).answered == 1


def test_a_row_that_cannot_be_read_at_all_spoils_no_other(patient):
    """Reading many logs together fails on it; then each is read alone."""
    poison = SymptomLogFactory(vital_signs={"temperature_c": {"value": "hot"}})
    owed.owe_assessments(patient_id=poison.patient_id, catalogue_version=CATALOGUE, since=NOON, at=NOON)
    good = report(patient, NOON).log

    assert assess_owed([poison.pk, good.pk], NOON) == 1

    assert AssessmentOwed.objects.get(log=poison).last_error.startswith("ValueError in ")
    assert AssessmentOwed.objects.get(log=good).answered == 1


def test_after_five_tries_a_person_is_asked_and_it_stays_owed(patient, monkeypatch):
    poison = report(patient, NOON).log
    spoil(monkeypatch, poison)

    for number in range(8):
        assess_owed([poison.pk], NOON + timedelta(minutes=number))

    alert = Alert.objects.get()
    assert (alert.pattern, alert.level, alert.log) == ("not_assessed", 2, poison)
    assert alert.events.count() == 1
    debt = AssessmentOwed.objects.get()
    assert debt.answered < debt.asked
    assert debt.due_at <= NOON + timedelta(minutes=7, seconds=30)


class DivisionByZeroInTheRules(Exception):
    pass


def spoil(monkeypatch, poison):
    sound = pipeline.assess

    def assess(facts, catalogue):
        if facts.logs[-1].id == str(poison.pk):
            raise DivisionByZeroInTheRules(f"with {facts.logs[-1].answers}")
        return sound(facts, catalogue)

    monkeypatch.setattr(pipeline, "assess", assess)


def test_an_unknown_catalogue_version_stays_owed(patient):
    log = report(patient, NOON).log
    AssessmentOwed.objects.update(catalogue_version="of-next-year")

    assert assess_owed([log.pk], NOON) == 0

    debt = AssessmentOwed.objects.get()
    assert (debt.answered, debt.last_error) == (0, "unknown catalogue version")
    assert not Assessment.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_while_an_assessment_runs_is_not_lost(monkeypatch):
    """The assessment has read its facts; before it is stored, a late log changes them."""
    patient = PlanFactory().patient
    log = report(patient, NOON).log
    facts_are_read, late_log_is_in = Event(), Event()
    sound = pipeline.assess

    def assess(facts, catalogue):
        found = sound(facts, catalogue)
        facts_are_read.set()
        assert late_log_is_in.wait(10)
        return found

    monkeypatch.setattr(pipeline, "assess", assess)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(in_a_thread, lambda: assess_owed([log.pk], NOON))
        assert facts_are_read.wait(10)
        late = report(patient, NOON + hours(1), observed_at=NOON - hours(1), **FEVER).log
        late_log_is_in.set()
        running.result(20)

    debt = AssessmentOwed.objects.get(log=log)
    assert (debt.asked, debt.answered) == (2, 1)
    monkeypatch.setattr(pipeline, "assess", sound)
    assess_owed([log.pk, late.pk], NOON + hours(1))
    assert str(late.pk) in Latest.objects.get().assessment.facts["logs"]


@pytest.mark.django_db(transaction=True)
def test_a_slow_worker_does_not_put_old_facts_back_in_front(monkeypatch):
    patient = PlanFactory().patient
    log = report(patient, NOON).log
    facts_are_read, newer_is_stored = Event(), Event()
    sound = pipeline.assess

    def slowly(facts, catalogue):
        found = sound(facts, catalogue)
        if len(facts.logs) == 1 and not facts_are_read.is_set():
            facts_are_read.set()
            assert newer_is_stored.wait(10)
        return found

    monkeypatch.setattr(pipeline, "assess", slowly)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(in_a_thread, lambda: assess_owed([log.pk], NOON))
        assert facts_are_read.wait(10)
        late = report(patient, NOON + hours(1), observed_at=NOON - hours(1), **FEVER).log
        assess_owed([log.pk, late.pk], NOON + hours(1))
        newer_is_stored.set()
        running.result(20)

    assert log.assessments.count() == 2
    assert str(late.pk) in Latest.objects.get().assessment.facts["logs"]
    assert all(debt.answered == debt.asked for debt in AssessmentOwed.objects.all())


def in_a_thread(work):
    try:
        return work()
    finally:
        connections.close_all()


def test_two_claims_never_take_the_same_and_a_claim_ends_by_itself(patient):
    logs = {report(patient, NOON, observed_at=NOON - hours(hour)).log.pk for hour in (0, 1)}

    first, second = owed.claim(NOON), owed.claim(NOON + timedelta(seconds=5))
    assert set(first.fresh) == logs
    assert (second.fresh, second.forgotten) == ((), ())

    third = owed.claim(NOON + timedelta(seconds=11))
    assert set(third.forgotten) == logs
    assert owed.claim(NOON + timedelta(seconds=12)).forgotten == ()


def test_what_the_queue_did_not_take_is_done_at_once(patient):
    log = report(patient, NOON).log
    owed.claim(NOON)

    owed.give_back([log.pk], NOON + timedelta(seconds=1))

    assert owed.claim(NOON + timedelta(seconds=1)).forgotten == (log.pk,)


def test_a_log_that_never_came_back_is_published_alone(patient):
    log = report(patient, NOON).log
    AssessmentOwed.objects.update(attempts=2)

    claimed = owed.claim(NOON)

    assert (claimed.fresh, claimed.fresh_but_suspect) == ((), (log.pk,))


def test_a_pump_that_stops_raises_an_alert_without_any_new_log():
    patient = PatientFactory(has_pump=True)
    plan = PlanFactory(patient=patient, steps=False)
    log = report(patient, NOON - hours(6)).log
    assess_owed([log.pk], NOON - hours(6))
    assert not Alert.objects.filter(pattern="pump_failure").exists()

    submit_pump_event(
        patient=patient, by=None, at=NOON, kind=PumpEvent.Kind.STOPPED, occurred_at=NOON, client_id=uuid.uuid4()
    )
    assess_owed([log.pk], NOON)

    alert = Alert.objects.get(pattern="pump_failure")
    assert (alert.level, alert.log, alert.last_fired_at) == (3, log, NOON)
    assert plan.patient == patient


def test_a_dose_told_later_has_the_logs_since_assessed_again(patient):
    log = report(patient, NOON, observed_at=NOON, **SEEING_THINGS).log
    assess_owed([log.pk], NOON)

    submit_dose(
        patient=patient,
        by=None,
        at=NOON + hours(1),
        route="oral",
        status="missed",
        due_at=NOON - hours(4),
        client_id=uuid.uuid4(),
    )

    debt = AssessmentOwed.objects.get()
    assert (debt.asked, debt.answered) == (2, 1)
    assess_owed([log.pk], NOON + hours(1))
    newest = log.assessments.order_by("-generation").first()
    assert ("missed", log.assessments.count()) == (
        next(dose["status"] for dose in newest.facts["doses"] if dose["status"] != "unknown"),
        2,
    )


def test_a_dose_sent_again_asks_for_nothing(patient):
    log = report(patient, NOON).log
    assess_owed([log.pk], NOON)
    told = {
        "patient": patient,
        "by": None,
        "route": "oral",
        "status": "missed",
        "due_at": NOON - hours(4),
        "client_id": uuid.uuid4(),
    }
    submit_dose(at=NOON + hours(1), **told)
    submit_dose(at=NOON + hours(2), **told)

    assert AssessmentOwed.objects.get().asked == 2


def test_a_change_of_plan_has_the_logs_since_assessed_again(patient):
    log = report(patient, NOON).log
    assess_owed([log.pk], NOON)

    submit_plan_change(
        plan=patient.plans.get(),
        by=None,
        at=NOON + hours(1),
        effective_at=NOON - hours(1),
        reason="Goes well.",
        kind="revise",
        steps=[StepInput("oral", NOON - hours(1), None, Decimal(40), "mg/day", (time(8), time(20)))],
    )
    assess_owed([log.pk], NOON + hours(1))

    newest = log.assessments.order_by("-generation").first()
    assert [change["kind"] for change in newest.facts["changes"]][-1] == "dose_reduced"
    assert newest.facts["plan"]["daily_dose_oral_mg"] == 40


def test_many_logs_are_read_with_one_statement(patient, django_assert_num_queries):
    logs = [report(patient, NOON, observed_at=NOON - hours(hour)).log for hour in range(5)]
    logs += [report(PatientFactory(), NOON).log for _ in range(3)]

    with django_assert_num_queries(1):
        assert len(pipeline.gather_facts(logs)) == 8


def test_no_statement_of_the_pipeline_says_what_a_patient_said(patient, monkeypatch, caplog):
    poison = report(patient, NOON, note="I am so afraid", **FEVER).log
    spoil(monkeypatch, poison)
    from apps.config.logs import JsonLines

    assess_owed([poison.pk], NOON)

    written = "".join(JsonLines().format(record) for record in caplog.records)
    assert "DivisionByZeroInTheRules" in written
    assert "rigidity" not in written
    assert "afraid" not in AssessmentOwed.objects.get().last_error


def test_a_log_that_a_person_was_asked_about_is_left_to_the_workers(patient):
    """It may be one that ends the process that tries it."""
    log = report(patient, NOON).log
    owed.claim(NOON)
    AssessmentOwed.objects.update(attempts=6)

    claimed = owed.claim(NOON + timedelta(seconds=11))
    owed.give_back([log.pk], NOON + timedelta(seconds=12))

    assert (claimed.fresh_but_suspect, claimed.forgotten) == ((log.pk,), ())
    later = owed.claim(NOON + timedelta(seconds=12))
    assert (later.fresh, later.fresh_but_suspect, later.forgotten) == ((), (), ())
