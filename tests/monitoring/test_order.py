"""Logs come in any order (phones without signal); what is known at the end does not depend on it."""

import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.alerts.models import Alert
from apps.assessments.models import Latest
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from apps.rules.catalogue import load
from apps.symptoms.models import SymptomLog
from tests.factories import CATALOGUE, NOON, PatientFactory, PlanFactory, make_version
from tests.journeys.reports import report

ANSWERS = st.dictionaries(
    st.sampled_from(
        ["visual_hallucinations", "confusion", "agitation", "hypertonia", "insomnia", "anxiety", "sweating"]
    ),
    st.integers(0, 4),
    min_size=1,
    max_size=4,
)


def logs_with(temperatures):
    """Up to five logs of 20 hours."""
    one = st.fixed_dictionaries({"minute": st.integers(0, 1200), "answers": ANSWERS, "temperature": temperatures})
    return st.lists(one, min_size=2, max_size=5, unique_by=lambda log: log["minute"])


IDS = [uuid.UUID(int=number) for number in range(10)]


class _Undo(Exception):
    pass


def settle():
    while owed := list(
        AssessmentOwed.objects.exclude(answered__gte=1, asked=1).values_list("log_id", "asked", "answered")
    ):
        todo = [log for log, asked, answered in owed if answered < asked]
        if not todo:
            return
        assess_owed(todo, NOON)


def story(logs, order, assess_between):
    """What everybody sees once all has come in; nothing of it is kept."""
    try:
        with transaction.atomic():
            patient = PatientFactory(record_number="R-order")
            plan = PlanFactory(patient=patient, steps=False)
            make_version(plan)
            for index in order:
                log = logs[index]
                reading = log["temperature"]
                report(
                    patient,
                    NOON,
                    client_id=IDS[index],
                    observed_at=NOON - timedelta(minutes=1200) + timedelta(minutes=log["minute"]),
                    answers=log["answers"],
                    vital_signs={"temperature_c": {"value": reading, "unit": "degC"}} if reading else {},
                )
                if assess_between:
                    settle()
            settle()
            latest = Latest.objects.select_related("assessment").get()
            told = {
                "latest": latest.last_log.client_id,
                "assessed": latest.assessment.log.client_id,
                "level": latest.level,
                "score": latest.score,
                "previous": latest.previous_score,
                "alerts": set(Alert.objects.values_list("pattern", "level", "status")),
                "rules": {(alert.pattern, hit["rule_id"]) for alert in Alert.objects.all() for hit in alert.hits},
                "last_fired": set(Alert.objects.values_list("pattern", "last_fired_at")),
                "each": {
                    log.client_id: sorted(
                        (hit["pattern"], hit["rule_id"])
                        for hit in log.assessments.order_by("-generation").first().result["hits"]
                    )
                    for log in SymptomLog.objects.all()
                },
            }
            raise _Undo
    except _Undo:
        return told


def as_observed(logs):
    return sorted(range(len(logs)), key=lambda index: logs[index]["minute"])


ONE_BY_ONE = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.django_db
@ONE_BY_ONE
@given(data=st.data(), logs=logs_with(st.none()))
def test_in_whatever_order_answers_arrive_the_end_is_the_same(data, logs):
    shuffled = data.draw(st.permutations(as_observed(logs)))

    assert story(logs, shuffled, assess_between=True) == story(logs, as_observed(logs), assess_between=True)


@pytest.mark.django_db
@ONE_BY_ONE
@given(data=st.data(), logs=logs_with(st.none() | st.sampled_from([36.9, 38.2, 39.3, 40.5])))
def test_in_whatever_order_readings_arrive_the_assessments_are_the_same_and_no_alert_is_missed(data, logs):
    """A reading replaces the one before it, so what fires while one is still under way may be more than what fires
    at the end. That stays: a person closes it. Less is never."""
    told = story(logs, data.draw(st.permutations(as_observed(logs))), assess_between=True)
    straight = story(logs, as_observed(logs), assess_between=True)

    alerts_told, alerts_straight = told.pop("alerts"), straight.pop("alerts")
    rules_told, rules_straight = told.pop("rules"), straight.pop("rules")
    told.pop("last_fired"), straight.pop("last_fired")
    assert told == straight
    wanted = final_rules(told)
    assert wanted <= rules_told
    assert wanted <= rules_straight
    for pattern, level in levels_of(wanted).items():
        for alerts in (alerts_told, alerts_straight):
            assert any(one == pattern and at >= level for one, at, _ in alerts)


@pytest.mark.django_db
@ONE_BY_ONE
@given(logs=logs_with(st.none()))
def test_assessed_together_or_one_by_one_the_end_is_the_same(logs):
    order = as_observed(logs)

    assert story(logs, order, assess_between=False) == story(logs, order, assess_between=True)


def final_rules(told):
    return {rule for rules in told["each"].values() for rule in rules}


def levels_of(rules):
    levels = {}
    for pattern, rule in rules:
        level = next(one.level for one in load(CATALOGUE).rules if one.id == rule)
        levels[pattern] = max(levels.get(pattern, 0), level)
    return levels
