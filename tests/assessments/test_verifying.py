"""Stored assessments are worked out again to the same bytes, and one that was touched is found."""

import json
import uuid
from datetime import time, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.assessments.facts import gather_facts
from apps.assessments.keeping import as_json, facts_sha256, kept, told_again
from apps.assessments.models import Assessment
from apps.assessments.services import store_assessment
from apps.assessments.verifying import BATCH, verify
from apps.monitoring.intake import (
    submit_dose,
    submit_event_end,
    submit_plan_change,
    submit_pump_event,
    submit_supply_event,
)
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from apps.rules.catalogue import load
from apps.rules.engine import evaluate
from apps.rules.types import PumpFacts
from apps.tapers.models import PlanVersion, PumpEvent, SupplyEvent, Unit
from apps.tapers.services import StepInput
from tests.factories import (
    CATALOGUE,
    NOON,
    BaselineFactory,
    PatientFactory,
    PlanFactory,
    RiskFactorFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
)
from tests.journeys.reports import FEVER, SEEING_THINGS, report

pytestmark = pytest.mark.django_db


def settle(at):
    owed = list(AssessmentOwed.objects.filter(paid_at=None).values_list("log_id", flat=True))
    assess_owed(owed, at)


def told_everything():
    """One person of whom everything is reported that can be, and assessed after each report."""
    patient = PlanFactory(patient=PatientFactory(has_pump=True)).patient
    BaselineFactory(patient=patient, answers={"anxiety": 1, "tremor": 0}, vital_signs={"temperature_c": 36.6})
    RiskFactorFactory(patient=patient)
    by_nobody = {"patient": patient, "by": None}
    for hour, said in ((30, {}), (20, FEVER), (10, SEEING_THINGS)):
        report(patient, NOON - hours(hour), **said)
        settle(NOON - hours(hour))
    carer = UserFactory()
    late = report(patient, NOON, by=carer, observed_at=NOON - hours(26), **SEEING_THINGS).log
    settle(NOON)
    report(
        patient, NOON + hours(1), by=carer, observed_at=late.observed_at, supersedes=late, answers={"anxiety": 3}
    )
    settle(NOON + hours(1))
    submit_dose(
        **by_nobody, at=NOON + hours(2), route="oral", status="taken", client_id=uuid.uuid4(),
        due_at=NOON - hours(22), taken_at=NOON - hours(21), amount=Decimal("12.5"),
    )  # fmt: skip
    settle(NOON + hours(2))
    stopped = submit_pump_event(
        **by_nobody, at=NOON + hours(3), kind=PumpEvent.Kind.STOPPED, occurred_at=NOON - hours(25),
        client_id=uuid.uuid4(), reservoir_ml=Decimal("1.2"),
    )  # fmt: skip
    settle(NOON + hours(3))
    submit_event_end(event=stopped, by=None, at=NOON + hours(4), ended_at=NOON + hours(4))
    submit_supply_event(
        **by_nobody, at=NOON + hours(4), kind=SupplyEvent.Kind.STOPPED, occurred_at=NOON - hours(12),
        client_id=uuid.uuid4(), route="oral",
    )  # fmt: skip
    settle(NOON + hours(4))
    submit_plan_change(
        plan=patient.plans.get(), by=None, at=NOON + hours(5), effective_at=NOON + hours(5),
        kind=PlanVersion.Kind.HOLD, reason="Too fast.",
        steps=[StepInput("oral", NOON + hours(5), None, Decimal(50), Unit.MG_PER_DAY, (time(8), time(20)))],
    )  # fmt: skip
    report(patient, NOON + hours(6), **FEVER)
    settle(NOON + hours(6))
    return patient


def verified(**options):
    out = StringIO()
    call_command("verify_assessments", stdout=out, stderr=StringIO(), format="json", **options)
    return json.loads(out.getvalue())


def found_by_command(**options):
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("verify_assessments", stdout=out, stderr=StringIO(), **options)
    assert refused.value.returncode == 1
    return out.getvalue()


def test_everything_that_was_ever_assessed_is_worked_out_to_the_same_bytes():
    patient = told_everything()

    told = verified()

    stored = Assessment.objects.filter(patient=patient)
    assert stored.count() > 12, "the story has become thin"
    assert {row.level for row in stored} >= {0, 2, 3}
    assert told == {"verified": stored.count(), "same": stored.count(), "different": 0, "differences": []}


TOUCHED = {
    "result.score": ("result", lambda result: result | {"score": 99}),
    "result.hits": ("result", lambda result: result | {"hits": result["hits"][1:]}),
    "result.undecided": ("result", lambda result: {k: v for k, v in result.items() if k != "undecided"}),
    "facts_sha256": ("facts", lambda facts: facts | {"t": facts["t"] + 0.5}),
    "level": ("level", lambda level: 1),
    "exposed": ("exposed", lambda exposed: not exposed),
}


@pytest.mark.parametrize("field", TOUCHED)
def test_a_stored_assessment_that_was_touched_is_found_and_named(field):
    patient = told_everything()
    victim = Assessment.objects.filter(level=3).order_by("-assessed_at").first()
    column, touch = TOUCHED[field]
    Assessment.objects.filter(pk=victim.pk).update(**{column: touch(getattr(victim, column))})

    said = found_by_command()

    [line] = [line for line in said.splitlines() if str(victim.pk) in line]
    assert str(patient.pk) in line
    assert field in line.split(": ")[1].split(", ")
    assert "1 different" in said


def test_what_is_said_of_a_difference_says_nothing_of_the_patient():
    told_everything()
    Assessment.objects.update(result={"hits": []}, level=0, score=99)

    said = found_by_command()

    assert not [word for word in ("hallucination", "temperature", "39.4", "delirium", "rigidity") if word in said]


def test_a_version_that_this_release_lacks_is_a_difference_with_its_reason():
    told_everything()
    Assessment.objects.filter(level=2).update(catalogue_version="baclofen-withdrawal-1999.1")
    lacking = Assessment.objects.filter(catalogue_version="baclofen-withdrawal-1999.1").count()

    said = found_by_command()

    assert said.count("there is no catalogue called “baclofen-withdrawal-1999.1”") == lacking > 0


def test_facts_that_name_a_log_which_is_gone_are_a_difference():
    told_everything()
    victim = Assessment.objects.first()
    Assessment.objects.filter(pk=victim.pk).update(facts=victim.facts | {"logs": [str(uuid.uuid4())]})

    assert "cannot be replayed: KeyError" in found_by_command()


def test_one_patient_or_the_newest_ones_can_be_asked_for():
    patient = told_everything()
    other = report(PatientFactory(), NOON + hours(9)).log
    settle(NOON + hours(9))

    assert verified(patient=other.patient_id)["verified"] == 1
    assert verified(since=NOON + hours(8))["verified"] == 1
    assert verified(limit=3)["verified"] == 3
    assert verified(patient=patient.pk)["verified"] == Assessment.objects.count() - 1


def test_dates_of_a_pump_are_told_again():
    log = SymptomLogFactory()
    facts = gather_facts([log])[log.pk]
    dated = type(facts)(
        t=facts.t,
        logs=facts.logs,
        person=facts.person,
        pump=PumpFacts(refill_due_t=facts.t + 9.5, refill_booked=False),
    )

    assert told_again(kept(dated)).pump == dated.pump
    store_assessment(log=log, facts=dated, evaluation=evaluate(load(CATALOGUE), dated), at=NOON)
    assert verified()["same"] == 1


def test_an_assessment_by_the_clock_without_any_log_is_worked_out_too():
    patient = PatientFactory()
    log = SymptomLogFactory(patient=patient)
    facts = gather_facts([log])[log.pk]
    by_clock = type(facts)(t=facts.t, logs=(), person=facts.person)
    evaluation = evaluate(load(CATALOGUE), by_clock)
    told = kept(by_clock)
    Assessment.objects.create(
        patient=patient, log=None, catalogue_version=CATALOGUE, facts_sha256=facts_sha256(told), assessed_at=NOON,
        level=max((hit.level for hit in evaluation.hits), default=0), score=evaluation.score,
        score_complete=evaluation.score_complete, exposed=evaluation.exposed,
        result=as_json(evaluation), facts=told,
    )  # fmt: skip

    assert verified() == {"verified": 1, "same": 1, "different": 0, "differences": []}


def test_logs_are_read_once_for_a_batch_and_not_once_for_each(django_assert_num_queries):
    patient = PatientFactory()
    for minute in range(12):
        log = SymptomLogFactory(patient=patient, observed_at=NOON + timedelta(minutes=minute))
        facts = gather_facts([log])[log.pk]
        store_assessment(log=log, facts=facts, evaluation=evaluate(load(CATALOGUE), facts), at=NOON)

    with django_assert_num_queries(2):
        assert all(verdict.is_same for verdict in verify(Assessment.objects.all()))
    assert BATCH > 12
