import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.assessments.facts import gather_facts
from apps.assessments.keeping import facts_sha256, kept, told_again
from apps.assessments.window import WINDOW
from apps.patients.models import RiskFactor
from apps.rules.catalogue import load
from apps.tapers.models import TaperStep
from tests.factories import (
    CATALOGUE,
    NOON,
    BaselineFactory,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    PumpEventFactory,
    RiskFactorFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    hours,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PatientFactory()


def log_of(patient, hours_ago=0, **given):
    return SymptomLogFactory(patient=patient, observed_at=NOON - hours(hours_ago), **given)


def facts_of(log, known_at=None):
    return gather_facts([log], known_at)[log.pk]


def ids(facts):
    return [log.id for log in facts.logs]


def test_what_was_observed_later_is_not_there(patient):
    before, log, _after = log_of(patient, 2), log_of(patient, 1), log_of(patient, 0)

    assert ids(facts_of(log)) == [str(before.pk), str(log.pk)]


def test_what_was_recorded_later_is_not_there_when_asked_for_what_was_known(patient):
    late = log_of(patient, 2, recorded_at=NOON + hours(3))
    log = log_of(patient)

    assert ids(facts_of(log)) == [str(late.pk), str(log.pk)]
    assert ids(facts_of(log, NOON)) == [str(log.pk)]


def test_logs_reach_fourteen_days_back_and_to_nobody_else(patient):
    log_of(patient, 14 * 24 + 0.01)
    first = log_of(patient, 14 * 24)
    log_of(PatientFactory(), 1)
    log = log_of(patient)

    assert ids(facts_of(log)) == [str(first.pk), str(log.pk)]


def test_no_rule_looks_further_back_than_what_is_read():
    longest = max(value.value for value in load(CATALOGUE).values.values() if value.unit == "h")

    assert timedelta(hours=longest) <= WINDOW


def test_a_log_that_was_corrected_is_left_out_once_its_correction_is_there(patient):
    wrong = log_of(patient, 3)
    right = log_of(patient, 2, supersedes=wrong, recorded_at=NOON - hours(1))
    log = log_of(patient)

    assert ids(facts_of(log)) == [str(right.pk), str(log.pk)]
    assert ids(facts_of(log, NOON - hours(1.5)))[0] == str(wrong.pk)


def test_a_log_that_was_corrected_is_itself_assessed_as_it_was_stated(patient):
    wrong = log_of(patient, 2)
    alone = facts_of(wrong)
    log_of(patient, 2.5, supersedes=wrong)

    assert facts_of(wrong) == alone


def test_facts_do_not_depend_on_which_other_logs_are_read_with_them(patient):
    PlanFactory(patient=patient)
    DoseFactory(patient=patient)
    wrong = log_of(patient, 6)
    logs = [log_of(patient, 5), log_of(patient, 1, supersedes=wrong), log_of(patient, 3), log_of(PatientFactory())]

    together = gather_facts(logs)

    assert together == {log.pk: facts_of(log) for log in logs}


def test_a_due_dose_of_which_nobody_spoke_is_unknown_and_not_missed(patient):
    PlanFactory(patient=patient)
    DoseFactory(patient=patient, due_at=NOON - hours(4), taken_at=NOON - hours(3))
    DoseFactory(patient=patient, due_at=NOON - hours(16), status="missed")
    log = log_of(patient)

    today = [dose for dose in facts_of(log).doses if dose.due_t > log.observed_at.timestamp() / 3600 - 24]

    assert [dose.status for dose in today] == ["unknown", "missed", "taken"]
    assert today[2].taken_t - today[2].due_t == pytest.approx(1)
    assert today[0].amount == pytest.approx(50 / 3)


def test_a_dose_taken_after_the_log_was_at_that_moment_not_taken(patient):
    PlanFactory(patient=patient)
    DoseFactory(patient=patient, due_at=NOON - hours(4), taken_at=NOON - hours(1))
    log = log_of(patient, 2)
    log_of(patient)

    [dose] = [one for one in facts_of(log).doses if one.due_t == (NOON - hours(4)).timestamp() / 3600]

    assert (dose.status, dose.taken_t) == ("unknown", None)


def test_the_last_dose_of_long_ago_is_still_known(patient):
    DoseFactory(patient=patient, due_at=None, taken_at=NOON - timedelta(days=60), status="taken")

    [dose] = facts_of(log_of(patient)).doses

    assert dose.taken_t == (NOON - timedelta(days=60)).timestamp() / 3600


def test_a_corrected_dose_counts_as_corrected(patient):
    PlanFactory(patient=patient)
    wrong = DoseFactory(patient=patient)
    DoseFactory(patient=patient, supersedes=wrong, status="missed", recorded_at=NOON)

    statuses = [dose.status for dose in facts_of(log_of(patient)).doses if dose.status != "unknown"]

    assert statuses == ["missed"]


def test_what_is_prescribed_at_that_moment(patient):
    PlanFactory(patient=patient)

    plan = facts_of(log_of(patient)).plan

    assert (plan.routes, plan.daily_dose_oral_mg, plan.doses_per_day) == ({"oral"}, 50.0, 3)
    assert plan.use_days == (NOON.date() - date(2020, 1, 1)).days
    assert plan.planned_total_days == 35
    assert facts_of(log_of(PatientFactory())).plan is None


def test_supply_is_told_with_its_end_only_once_that_has_come(patient):
    PumpEventFactory(patient=patient, occurred_at=NOON - hours(10), ended_at=NOON - hours(2))
    early, late = log_of(patient, 5), log_of(patient)

    assert [change.ended_t for change in facts_of(early).changes] == [None]
    assert [change.ended_t for change in facts_of(late).changes] == [(NOON - hours(2)).timestamp() / 3600]


def test_a_pump_that_stopped_long_ago_is_still_told(patient):
    PumpEventFactory(patient=patient, occurred_at=NOON - timedelta(days=40))

    assert [change.kind for change in facts_of(log_of(patient)).changes] == ["pump_stopped"]


def test_supply_events_are_in_the_words_of_the_rules(patient):
    SupplyEventFactory(patient=patient, kind="missed_doses", count=2)
    SupplyEventFactory(patient=patient, kind="dose_reduced", fraction="0.5", planned=False)

    told = {change.kind: change for change in facts_of(log_of(patient)).changes}

    assert told["missed_dose"].count == 2
    assert (told["dose_reduced"].fraction, told["dose_reduced"].planned) == (0.5, False)


def test_the_newest_log_is_looked_at_when_the_supply_was_last_spoken_of(patient):
    early, newest = log_of(patient, 6), log_of(patient, 5)
    PumpEventFactory(patient=patient, occurred_at=NOON)

    assert facts_of(newest).t == NOON.timestamp() / 3600
    assert facts_of(early).t == early.observed_at.timestamp() / 3600
    assert facts_of(early).changes == ()


def test_a_change_of_plan_announced_ahead_does_not_move_the_moment(patient):
    plan = PlanFactory(patient=patient)
    plan.versions.update(effective_at=NOON + hours(24), recorded_at=NOON)
    log = log_of(patient)

    assert facts_of(log).t == NOON.timestamp() / 3600


@pytest.mark.parametrize(
    ("born", "population", "age"),
    [
        (date(2026, 11, 1), "newborn", 0.052),
        (date(2026, 3, 1), "infant", 0.7228),
        (date(2016, 11, 21), "child", 9.0),
        (date(2016, 11, 20), "child", 10.0),
        (date(1970, 6, 1), "adult", 56.0),
    ],
)
def test_who_the_person_is(born, population, age):
    person = facts_of(log_of(PatientFactory(birth_date=born))).person

    assert (person.population, person.age_years) == (population, pytest.approx(age, abs=0.001))


def test_risk_factors_and_confounders_are_those_of_the_moment(patient):
    RiskFactorFactory(patient=patient, code=RiskFactor.Code.EPILEPSY)
    RiskFactorFactory(patient=patient, code=RiskFactor.Code.INFECTION, present_from=NOON - hours(2))
    RiskFactorFactory(
        patient=patient, code=RiskFactor.Code.SEDATIVE, present_until=NOON - hours(1), present_from=NOON - hours(9)
    )

    person = facts_of(log_of(patient)).person

    assert (person.risk_factors, person.confounders) == ({"epilepsy"}, {"infection"})
    assert facts_of(log_of(patient, 3)).person.confounders == {"sedative_or_alcohol"}


def test_the_baseline_is_what_was_recorded_before(patient):
    BaselineFactory(patient=patient, answers={"insomnia": 2}, vital_signs={"heart_rate_bpm": 62})

    facts = facts_of(log_of(patient))

    assert (facts.baseline, facts.baseline_vital_signs) == ({"insomnia": 2}, {"heart_rate_bpm": 62})


def test_facts_outlive_the_database_to_the_same_digest(patient):
    PlanFactory(patient=patient)
    DoseFactory(patient=patient)
    PumpEventFactory(patient=patient, reservoir_ml="1.5")
    log_of(patient, 3)
    facts = facts_of(log_of(patient))
    stored = json.loads(json.dumps(kept(facts)))

    again = told_again(stored)

    assert again == facts
    assert facts_sha256(kept(again)) == facts_sha256(kept(facts))


def test_a_plan_closed_later_was_not_known_to_be_closed(patient):
    plan = PlanFactory(patient=patient)
    log = log_of(patient)
    plan.closed_at = NOON - hours(1)
    plan.save()

    assert facts_of(log).plan is None
    assert facts_of(log, known_at=NOON - hours(2)).plan.daily_dose_oral_mg == 50


# --- steps that wait, and doses of each time of day ----------------------------------------------


def test_a_locked_step_lowers_nothing_and_is_no_change(patient):
    plan = PlanFactory(patient=patient)
    plan.versions.get().steps.filter(number__gte=2).update(is_locked=True)
    plan.versions.get().steps.filter(number=1).update(ends_at=None)

    facts = facts_of(log_of(patient))

    assert facts.plan.daily_dose_oral_mg == 60
    assert [change.kind for change in facts.changes] == []
    assert {dose.amount for dose in facts.doses} == {20.0}


def test_each_dose_of_the_day_is_known_by_its_own_amount(patient):
    plan = PlanFactory(patient=patient)
    TaperStep.objects.filter(version__plan=plan, number=2).update(
        amounts=[Decimal("12.5"), Decimal("12.5"), Decimal(25)]
    )

    facts = facts_of(log_of(patient))

    due_since_yesterday = {dose.due_t % 24: dose.amount for dose in facts.doses if dose.due_t > facts.t - 24}
    assert due_since_yesterday == {8.0: 12.5, 14.0: 12.5, 20.0: 25.0}
