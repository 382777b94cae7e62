"""Unknown is not zero: it neither fires a rule nor quiets one, and what is missing is named."""

import pytest

from apps.rules.catalogue import load
from apps.rules.engine import evaluate
from apps.rules.types import Evaluation, Unanswered
from tests.rules.scenes import CATALOGUE, scene


def _evaluate(**words: object) -> Evaluation:
    return evaluate(load(CATALOGUE), scene(**words))


def _missing(evaluation: Evaluation, rule_id: str) -> tuple[str, ...]:
    return next(each.missing for each in evaluation.undecided if each.rule_id == rule_id)


def test_an_empty_log_fires_nothing_and_leaves_every_symptom_rule_undecided() -> None:
    evaluation = _evaluate(a={}, plan=None)

    assert evaluation.hits == ()
    assert {"DEL-U-confusion", "HYP-E-40", "SZ-E-fit", "SUI-E-danger"} <= {u.rule_id for u in evaluation.undecided}
    assert (evaluation.exposed, evaluation.peak, evaluation.score) == (None, None, None)


def test_an_undecided_rule_names_what_it_lacks() -> None:
    evaluation = _evaluate(a={"confusion": 1})

    assert _missing(evaluation, "DEL-U-confusion") == ("disorientation",)


def test_a_decided_definition_is_not_among_the_missing() -> None:
    evaluation = _evaluate(exposed=True, a={"confusion": 0})

    assert "plan" not in _missing(evaluation, "DEL-E-test")
    assert _missing(evaluation, "DEL-E-test") == ("delirium",)


@pytest.mark.parametrize("reason", sorted(Unanswered))
def test_a_reason_for_no_grade_is_not_a_grade_of_zero(reason: str) -> None:
    evaluation = _evaluate(a={"confusion": reason, "disorientation": 0})

    assert _missing(evaluation, "DEL-U-confusion") == ("confusion",)


def test_a_partial_log_gives_a_score_that_is_a_floor_and_says_so() -> None:
    evaluation = _evaluate(a={"confusion": 2, "insomnia": 1})

    assert evaluation.score == 3 * 2 + 1
    assert not evaluation.score_complete
    assert evaluation.unanswered_domains == (
        "perceptual",
        "autonomic",
        "neuropsychiatric",
        "neuromuscular",
        "other",
    )


def test_a_log_with_every_domain_gives_a_complete_score() -> None:
    answers = {
        "confusion": 1,
        "visual_hallucinations": 0,
        "sweating": 2,
        "anxiety": 1,
        "tremor": 1,
        "insomnia": 3,
        "nausea": 0,
    }

    evaluation = _evaluate(a=answers)

    assert evaluation.score == 3 * 1 + 0 + 3 * 2 + 2 * 1 + 2 * 1 + 3
    assert evaluation.score_complete


def test_toxicity_flags_and_yes_no_items_do_not_enter_the_score() -> None:
    evaluation = _evaluate(a={"insomnia": 1, "somnolence": 4, "hypotonia": 4, "seizure": True})

    assert evaluation.score == 1


def test_a_high_pulse_enters_the_score_and_a_low_one_does_not() -> None:
    assert _evaluate(a={}, v={"heart_rate_bpm": 111}).score == 3 * 3
    assert _evaluate(a={}, v={"heart_rate_bpm": 45}).score == 0


def test_an_incomplete_news2_says_so_and_counts_from_below() -> None:
    news2 = _evaluate(a={}, v={"heart_rate_bpm": 111, "temperature_c": 39.1}).news2

    assert news2 is not None
    assert (news2.total, news2.complete) == (4, False)
    assert set(news2.missing) == {
        "respiratory_rate_bpm",
        "spo2_percent",
        "oxygen_given",
        "bp_systolic_mmhg",
        "consciousness",
    }


def test_news2_is_complete_when_all_seven_are_known() -> None:
    news2 = _evaluate(
        a={"oxygen_given": False, "reduced_consciousness": "A"},
        v={
            "heart_rate_bpm": 91,
            "temperature_c": 36.0,
            "respiratory_rate_bpm": 20,
            "spo2_percent": 95,
            "bp_systolic_mmhg": 110,
        },
    ).news2

    assert news2 is not None
    assert (news2.total, news2.complete) == (1 + 1 + 0 + 1 + 1, True)


@pytest.mark.parametrize(
    ("value", "oxygen", "points"),
    [(83, None, 3), (84, None, 2), (86, None, 1), (92, None, 0), (93, False, 0), (93, True, 1), (95, True, 2), (97, True, 3), (97, False, 0)],
)  # fmt: skip
def test_news2_scale_2_scores_oxygen_given(value: int, oxygen: bool | None, points: int) -> None:
    answers = {} if oxygen is None else {"oxygen_given": oxygen}

    news2 = _evaluate(a=answers, v={"spo2_percent": value}, person={"risks": ["spo2_scale_2"]}).news2

    assert news2 is not None
    assert dict(news2.points)["spo2_percent"] == points


def test_news2_is_not_scored_under_16() -> None:
    assert _evaluate(a={}, v={"heart_rate_bpm": 140}, person={"age": 15, "population": "child"}).news2 is None


def test_without_exposure_an_alert_says_that_withdrawal_is_not_established() -> None:
    hit = _evaluate(a={"visual_hallucinations": 2}).hits[0]

    assert "Needs review, withdrawal not established." in hit.because
    exposed = _evaluate(exposed=True, a={"visual_hallucinations": 2}).hits[0]
    assert "not established" not in exposed.because


def test_a_hit_lists_its_inputs_in_words_a_nurse_can_check() -> None:
    evaluation = _evaluate(
        exposed=True, a={"severe_rigidity": 3}, v={"temperature_c": [38.6, "mouth"]}, by="carer"
    )

    hit = next(hit for hit in evaluation.hits if hit.rule_id == "HYP-E-385")
    fever = next(each for each in hit.matched if each.code == "temperature_c")
    assert (fever.text, fever.value, fever.threshold, fever.log_id) == (
        "Temperature",
        "38.6 degC (mouth)",
        "at least 38.5 degC",
        "log-0",
    )
    rigid = next(each for each in hit.matched if each.code == "severe_rigidity")
    assert rigid.value == "3 (hard to bend, needs help), by carer"
    assert "dark_urine" in hit.missing


def test_a_baseline_that_nobody_recorded_is_taken_as_zero_and_said() -> None:
    evaluation = _evaluate(person={"pump": True}, a={"pruritus": 2})

    hit = next(hit for hit in evaluation.hits if hit.rule_id == "PMP-U-signs")
    assert "no baseline, taken as 0" in hit.matched[-1].value


def test_hits_come_most_urgent_first() -> None:
    levels = [
        hit.level
        for hit in _evaluate(exposed=True, a={"seizure": True, "confusion": 3, "insomnia": 4, "anxiety": 3}).hits
    ]

    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) == 3


def test_both_are_shown_when_withdrawal_and_toxicity_fire() -> None:
    evaluation = _evaluate(exposed=True, a={"confusion": 3, "somnolence": 2, "hypotonia": 2})

    assert {"delirium", "toxicity"} <= {hit.pattern for hit in evaluation.hits}


def test_signs_that_last_do_not_become_their_own_baseline_while_exposed() -> None:
    days = [{"h": hours, "a": {"confusion": 3}} for hours in (60, 84, 108)]

    evaluation = _evaluate(exposed=150, a={"confusion": 3}, past=[*days, {"h": 160, "a": {"confusion": 0}}])

    assert "DEL-W-new-twice" in {hit.rule_id for hit in evaluation.hits}


def test_a_stop_that_is_not_mended_keeps_the_person_exposed() -> None:
    stop = {"kind": "stopped", "h": 500, "route": "oral"}

    assert _evaluate(a={}, changes=[stop]).exposed is True
    assert (
        _evaluate(a={}, changes=[stop, {"kind": "baclofen_restarted", "h": 300, "route": "oral"}]).exposed is False
    )


def test_look_alikes_are_shown_with_what_speaks_for_and_against() -> None:
    evaluation = _evaluate(
        exposed=True,
        a={"severe_rigidity": 3, "confusion": 2},
        v={"temperature_c": 39.0},
        person={"confounders": ["antipsychotic"]},
    )

    nms = next(each for each in evaluation.look_alikes if each.code == "nms")
    assert nms.label == next(each.label for each in load(CATALOGUE).look_alikes if each.code == "nms")
    assert "marked rigidity" in nms.speaks_for
    assert nms.speaks_against == ("a change of supply is on record",)


def test_a_pump_user_with_a_new_pump_sign_counts_as_exposed() -> None:
    evaluation = _evaluate(person={"pump": True}, a={"pruritus": 2, "visual_hallucinations": 2})

    assert evaluation.exposed is True
    assert not [hit for hit in evaluation.hits if "not established" in hit.because]
