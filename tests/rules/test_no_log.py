"""Checks by the clock: nobody has logged yet, or the last log lies hours or days back."""

from dataclasses import replace
from typing import Any

import pytest

from apps.rules.catalogue import load
from apps.rules.engine import evaluate, evaluate_floor
from apps.rules.types import Change, DoseFacts, Facts, Level, PersonFacts, PlanFacts, PumpFacts
from tests.rules.scenes import CATALOGUE, NOW, scene

C = load(CATALOGUE)
PLAN = PlanFacts(frozenset({"oral"}), 60.0, None, 3, 700, 90)
SILENT = Facts(t=NOW, logs=(), plan=PLAN)
WITH_PUMP = PersonFacts(45.0, has_pump=True)
FEVER = {"a": {"confusion": 1}, "v": {"temperature_c": [40.4, "core"]}}
SEIZURE = {"a": {"seizure": True}}


def _fired(facts: Facts) -> set[str]:
    return {hit.rule_id for hit in evaluate(C, facts).hits}


def test_somebody_who_never_logged_and_lacks_nothing_fires_nothing_and_is_not_called_well() -> None:
    taken = tuple(DoseFacts("oral", NOW - h, NOW - h, "taken", 20.0) for h in (2, 10, 18))

    evaluation = evaluate(C, replace(SILENT, doses=taken))

    assert evaluation.hits == ()
    assert evaluation.score is None
    assert not evaluation.score_complete
    assert evaluation.news2 is None
    assert {each.level for each in evaluation.undecided} == set(Level)


@pytest.mark.parametrize(
    ("more", "rule_id"),
    [
        ({"doses": tuple(DoseFacts("oral", NOW - h, None, "missed", 20.0) for h in (2, 10, 18))}, "AST-U-run"),
        ({"changes": (Change("stopped", NOW - 20.0, "oral", 1.0, planned=False),)}, "AST-U-stop"),
        ({"person": WITH_PUMP, "changes": (Change("pump_alarm", NOW - 1.0, "intrathecal"),)}, "PMP-U-alarm"),
        ({"person": WITH_PUMP, "pump": PumpFacts(refill_due_t=NOW - 30.0)}, "PMP-U-refill"),
        ({"person": WITH_PUMP, "pump": PumpFacts(service_end_t=NOW - 1.0)}, "PMP-U-service"),
        ({"plan": replace(PLAN, planned_total_days=5)}, "AST-W-short-taper"),
    ],
)
def test_supply_plan_and_pump_fire_without_any_log(more: dict[str, Any], rule_id: str) -> None:
    assert rule_id in _fired(replace(SILENT, **more))


def test_no_rule_that_needs_an_answer_or_a_reading_fires_without_any_log() -> None:
    stopped = replace(
        SILENT,
        person=WITH_PUMP,
        changes=(
            Change("stopped", NOW - 20.0, "oral", 1.0, planned=False),
            Change("pump_stopped", NOW - 20.0, "intrathecal"),
        ),
    )

    by_the_clock = _fired(stopped)
    marked = replace(stopped, logs=scene(a=dict.fromkeys(C.frame.withdrawal, 4)).logs)

    assert by_the_clock
    assert by_the_clock < _fired(marked)
    assert {C.patterns[hit.pattern].code for hit in evaluate(C, stopped).hits}.isdisjoint(
        {"delirium", "hyperthermia", "toxicity", "mood_safety", "day_score"}
    )


def test_the_floor_of_somebody_who_never_logged_is_the_emergency_part() -> None:
    lost = replace(
        SILENT, person=WITH_PUMP, changes=(Change("pump_alarm", NOW - 1.0, "intrathecal", tone="dual_tone"),)
    )

    assert evaluate_floor(C, SILENT) == ()
    for facts in (SILENT, lost):
        emergencies = tuple(hit for hit in evaluate(C, facts).hits if hit.level is Level.EMERGENCY)
        assert evaluate_floor(C, facts) == emergencies


def test_a_log_from_the_future_is_no_log() -> None:
    later = scene(**FEVER)

    assert evaluate(C, replace(later, t=NOW - 5.0)) == evaluate(C, replace(later, t=NOW - 5.0, logs=()))


@pytest.mark.parametrize(
    ("hours", "fires"), [(2, True), (20, True), (24, True), (24.01, False), (30, False), (120, False)]
)
def test_a_fever_counts_for_24_hours_before_the_check_and_then_is_unknown(hours: float, fires: bool) -> None:
    later = replace(scene(**FEVER), t=NOW + hours)

    evaluation = evaluate(C, later)

    assert ("HYP-E-40" in {hit.rule_id for hit in evaluation.hits}) is fires
    if not fires:
        assert "HYP-E-40" in {each.rule_id for each in evaluation.undecided}
        assert evaluation.score is None


@pytest.mark.parametrize(("hours", "fires"), [(2, True), (30, True), (72, True), (72.01, False), (120, False)])
def test_a_fit_counts_for_72_hours_before_the_check(hours: float, fires: bool) -> None:
    later = replace(scene(**SEIZURE, exposed=True), t=NOW + hours)

    assert ("SZ-E-fit" in _fired(later)) is fires


@pytest.mark.parametrize(("hours", "fires"), [(2, True), (20, True), (24, True), (30, False), (120, False)])
def test_signs_after_a_stop_count_for_24_hours_and_then_only_what_is_known_of_the_doses_fires(
    hours: float, fires: bool
) -> None:
    marked = scene(
        a={"tremor": 3, "insomnia": 2},
        changes=[{"kind": "stopped", "h": 30, "route": "oral", "planned": False}],
        doses=[{"h": 30, "status": "taken"}, {"h": 22, "status": "missed"}, {"h": 14, "status": "missed"}],
    )
    later = replace(marked, t=NOW + hours)

    evaluation = evaluate(C, later)

    fired = {hit.rule_id for hit in evaluation.hits}
    assert ("AST-E-gap-signs" in fired) is fires
    assert "AST-U-gap" in fired
    if not fires:
        assert "AST-E-gap-signs" in {each.rule_id for each in evaluation.undecided}
