"""A case told again: what was known at each point and no more, scored as agreed."""

from typing import Any

from apps.rules.catalogue import load
from apps.rules.replay import T0, facts_of, replay
from apps.rules.replay_scoring import score
from tests.rules.scenes import CATALOGUE

C = load(CATALOGUE)


def _case(**words: Any) -> dict[str, Any]:
    context = {
        "route": "oral",
        "population": "adult",
        "age_years": 50,
        "duration_of_use_days": 400,
        "long_term_use": True,
        "regular_use_before": True,
        "daily_dose_before": {"value": 60, "unit": "mg/day"},
        "events": [
            {"order": 1, "kind": "last_dose_taken", "t_hours": 0, "before_point": "p0", "route": "oral"},
            {"order": 2, "kind": "stopped", "t_hours": 0, "before_point": "p0", "route": "oral", "planned": None},
        ],
        "risk_factors": [],
        "confounders": ["infection", "antipsychotic"],
        "confounders_from": {"antipsychotic": "p1"},
        "note": None,
    }
    course = [
        {
            "point": "p0",
            "t_hours": 30,
            "symptoms": [
                {"code": "visual_hallucinations", "severity": None, "assumed_severity": 2},
                {"code": "seizure", "severity": 0},
                {"code": "reduced_consciousness", "severity": 1},
            ],
            "vitals": {"heart_rate_bpm": 120, "not_a_sign": 3},
            "assumed_vitals": {"heart_rate_bpm": 115, "temperature_c": 38.5},
        },
        {"point": "p1", "t_hours": None, "assumed_t_hours": 60, "symptoms": [{"code": "delirium", "severity": 3}], "vitals": {}},
    ]  # fmt: skip
    expected = {
        "delirium": {"alert": True, "level": "emergency", "by_point": "p1"},
        "hyperthermia": {"alert": False, "level": "none", "by_point": None},
        "abrupt_stop": {"alert": True, "level": "urgent", "by_point": "p0"},
        "toxicity_flag": {"alert": None, "level": "unclear", "by_point": None},
    }
    case = {
        "id": "case",
        "kind": "withdrawal",
        "paper": "paper",
        "course": course,
        "context": context,
        "expected": expected,
    }
    case["context"] |= words.pop("context", {})
    return case | words


def _alerts(case: dict[str, Any], **how: Any) -> set[tuple[str, str, str]]:
    [entry] = replay([case], C, **how)
    return {(alert["pattern"], alert["level"], alert["point"]) for alert in entry["alerts"]}


def test_stand_ins_are_used_and_stated_values_win() -> None:
    _, facts = next(facts_of(_case(), C))

    log = facts.logs[-1]
    assert log.answers == {"visual_hallucinations": 2, "seizure": False, "reduced_consciousness": "A"}
    assert {sign: reading.value for sign, reading in log.vital_signs.items()} == {
        "heart_rate_bpm": 120,
        "temperature_c": 38.5,
    }
    assert log.t == T0 + 30


def test_a_point_sees_itself_and_the_earlier_ones_and_never_the_later() -> None:
    first, second = (facts for _, facts in facts_of(_case(), C))

    assert [log.id for log in first.logs] == ["p0"]
    assert [log.id for log in second.logs] == ["p0", "p1"]
    assert first.person.confounders == {"infection"}
    assert second.person.confounders == {"infection", "antipsychotic"}


def test_doses_are_taken_until_the_last_and_missed_after_it() -> None:
    _, facts = next(facts_of(_case(), C))

    taken = [dose.due_t for dose in facts.doses if dose.status == "taken"]
    missed = [dose.due_t for dose in facts.doses if dose.status == "missed"]
    assert max(taken) == T0
    assert missed == [T0 + 8, T0 + 16, T0 + 24]


def test_alerts_carry_pattern_level_point_and_hour() -> None:
    [entry] = replay([_case()], C)

    assert entry["id"] == "case"
    assert {"pattern": "delirium", "level": "urgent", "point": "p0", "t_hours": 30.0} in entry["alerts"]
    assert ("delirium", "emergency", "p1") in _alerts(_case())
    assert ("abrupt_stop", "emergency", "p0") in _alerts(_case())


def test_events_found_later_are_never_told() -> None:
    events = [
        {
            "order": 1,
            "kind": "stopped",
            "t_hours": 0,
            "before_point": "p0",
            "route": "oral",
            "planned": None,
            "known_from": "later",
        }
    ]

    assert not [a for a in _alerts(_case(context={"events": events})) if a[0] == "abrupt_stop"]


def test_an_event_known_from_a_point_is_told_from_there() -> None:
    events = [
        {
            "order": 1,
            "kind": "stopped",
            "t_hours": 0,
            "before_point": "p0",
            "route": "oral",
            "planned": None,
            "known_from": "p1",
        }
    ]

    stops = [alert for alert in _alerts(_case(context={"events": events})) if alert[0] == "abrupt_stop"]
    assert {point for _, _, point in stops} == {"p1"}


def test_unstated_events_can_be_left_out() -> None:
    events = [
        {"order": 1, "kind": "catheter_fault", "t_hours": None, "before_point": "p0", "known_from": "unstated"}
    ]
    case = _case(context={"events": events, "route": "intrathecal"})

    assert ("pump_failure", "emergency", "p0") in _alerts(case)
    assert ("pump_failure", "emergency", "p0") not in _alerts(case, with_unstated=False)


def test_no_plan_told_leaves_exposure_unknown_and_no_use_leaves_it_false() -> None:
    unknown = next(facts_of(_case(context={"regular_use_before": None, "events": []}), C))[1]
    none = next(facts_of(_case(context={"regular_use_before": False, "events": []}), C))[1]

    assert unknown.plan is None
    assert none.plan is not None
    assert none.plan.routes == frozenset()


def test_repeated_steps_are_told_one_by_one() -> None:
    step = {"order": 1, "kind": "dose_reduced", "t_hours": 0, "before_point": "p0", "route": "oral", "fraction": 0.2, "planned": True, "every_hours": 10, "until_hours": 100}  # fmt: skip

    facts = next(facts_of(_case(context={"events": [step]}), C))[1]

    assert [change.t - T0 for change in facts.changes] == [0, 10, 20, 30]


def test_the_score_counts_catches_levels_and_papers() -> None:
    cases = [_case()]

    scores = score(cases, replay(cases, C))

    assert (scores.any_level, scores.at_level, len(scores.wanted)) == (2, 2, 2)
    assert scores.by_paper(at_level=True) == 1.0


def test_an_alert_after_its_point_is_a_miss_and_named_late() -> None:
    case = _case()
    alerts = [{"pattern": "delirium", "level": "emergency", "point": "p1", "t_hours": 60.0}]
    case["expected"]["delirium"]["by_point"] = "p0"

    scores = score([case], [{"id": "case", "alerts": alerts}])

    delirium = next(pair for pair in scores.misses if pair.pattern == "delirium")
    assert (delirium.caught, delirium.late_point) == (False, "p1")


def test_pump_failure_answers_abrupt_stop_and_toxicity_answers_its_flag() -> None:
    case = _case()
    case["expected"]["toxicity_flag"] = {"alert": True, "level": "watch", "by_point": "p0"}
    alerts = [
        {"pattern": "pump_failure", "level": "urgent", "point": "p0", "t_hours": 30.0},
        {"pattern": "toxicity", "level": "emergency", "point": "p0", "t_hours": 30.0},
    ]

    scores = score([case], [{"id": "case", "alerts": alerts}])

    assert {pair.pattern for pair in scores.wanted if pair.at_level} == {"abrupt_stop", "toxicity_flag"}


def test_only_loud_alerts_of_controls_are_false() -> None:
    control = _case(kind="control", expected={"hyperthermia": {"alert": False, "level": "none", "by_point": None}})
    watch = [{"pattern": "hyperthermia", "level": "watch", "point": "p0", "t_hours": 30.0}]
    urgent = [{"pattern": "hyperthermia", "level": "urgent", "point": "p0", "t_hours": 30.0}]

    assert score([control], [{"id": "case", "alerts": watch}]).false_alerts == []
    assert len(score([control], [{"id": "case", "alerts": urgent}]).false_alerts) == 1
