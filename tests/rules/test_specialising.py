"""A function of its own for a kind of log gives the same answers as the one for every log."""

import pytest
from hypothesis import given, settings

from apps.rules.catalogue import load
from apps.rules.deciding import Decider, known_of_kind
from apps.rules.engine import context_of
from apps.rules.specialising import specialise
from apps.rules.types import Facts
from tests.rules.scenes import CATALOGUE, scene
from tests.rules.test_properties import facts_of_anybody

C = load(CATALOGUE)
WHEN = [rule.when for rule in C.rules]
FORM = {"confusion": 0, "tremor": 0, "agitation": 0, "visual_hallucinations": 0}


@settings(max_examples=80, deadline=None)
@given(facts_of_anybody())
def test_a_function_of_its_own_answers_as_the_general_one(facts: Facts) -> None:
    own = C.decide.specialised(context_of(C, facts))

    assert own(context_of(C, facts)) == C.decide.general(context_of(C, facts))


@pytest.mark.parametrize("worst", list(FORM))
@pytest.mark.parametrize("grade", [0, 1, 2, 3, 4])
def test_it_answers_for_every_log_of_its_kind(worst: str, grade: int) -> None:
    calm = scene(a=FORM, v={"temperature_c": 36.8}, exposed=True)
    own = C.decide.specialised(context_of(C, calm))
    other = scene(a={**FORM, worst: grade}, v={"temperature_c": 36.0 + grade}, exposed=True)

    assert context_of(C, other).kind_of_log == context_of(C, calm).kind_of_log
    assert own(context_of(C, other)) == C.decide.general(context_of(C, other))


@pytest.mark.parametrize(
    "words",
    [
        {"a": {**FORM, "tremor": "refused"}},
        {"a": {**FORM, "insomnia": 0}},
        {"a": FORM, "v": {"heart_rate_bpm": 80}},
        {"a": FORM, "person": {"pump": True}},
        {"a": FORM, "person": {"age": 12, "population": "child"}},
        {"a": FORM, "person": {"risks": ["epilepsy"]}},
        {"a": FORM, "person": {"confounders": ["infection"]}},
        {"a": FORM, "changes": [{"kind": "pump_alarm", "h": 3}]},
        {"a": FORM, "pump": {"refill_in": 100.0}},
        {"a": FORM, "past": [{"a": FORM, "v": {"heart_rate_bpm": 80}, "h": 2}]},
    ],
)
def test_a_log_of_which_other_things_are_known_is_of_another_kind(words: dict[str, object]) -> None:
    assert context_of(C, scene(**words)).kind_of_log != context_of(C, scene(a=FORM)).kind_of_log


def test_a_kind_gets_its_function_once_it_has_been_seen_often_enough() -> None:
    decide = Decider(WHEN, worth_its_own=2)
    context = context_of(C, scene(a=FORM))

    answers = [decide(context) for _ in range(4)]

    assert decide.kinds_with_their_own == 1
    assert answers == [decide.general(context)] * 4


def test_a_kind_seen_seldom_gets_none() -> None:
    decide = Decider(WHEN, worth_its_own=5)
    for _ in range(5):
        decide(context_of(C, scene(a=FORM)))

    assert decide.kinds_with_their_own == 0


def test_what_follows_from_the_kind_is_left_out() -> None:
    context = context_of(C, scene(a=FORM))
    whole = C.decide.source

    own = specialise(whole, known_of_kind(context))

    assert sum(map(len, own)) < 0.5 * sum(map(len, whole))
    assert not any("pump_alarm" in line for line in own)
