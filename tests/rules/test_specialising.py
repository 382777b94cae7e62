"""A function of its own for a kind of log gives the same answers as the one for every log."""

from itertools import product

import pytest
from hypothesis import given, settings

from apps.rules.catalogue import load
from apps.rules.compiling import function_of
from apps.rules.deciding import Decider
from apps.rules.engine import context_of
from apps.rules.kinds import known_of_kind
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


def test_it_answers_for_every_log_of_its_kind() -> None:
    """A function is made from one log of a kind and used for all: here every grade of an item, readings between,
    on and beyond the limits of rules, doses taken and missed, one reporter and two."""
    kinds: dict[object, list[Facts]] = {}
    for worst, grade, temperature, since in product(
        FORM, range(5), (35.5, 36.4, 37.1, 38.0, 38.2, 39.4), (2.0, 13.0, 25.0)
    ):
        facts = scene(
            a={**FORM, worst: grade},
            v={"temperature_c": temperature},
            exposed=True,
            doses=[{"h": since, "status": "taken"}],
        )
        kinds.setdefault(context_of(C, facts).kind_of_log, []).append(facts)

    for of_a_kind in kinds.values():
        own = C.decide.specialised(context_of(C, of_a_kind[0]))
        for facts in of_a_kind:
            assert own(context_of(C, facts)) == C.decide.general(context_of(C, facts))
    assert max(map(len, kinds.values())) >= 8


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
        {"a": {**FORM, "tremor": 2}},
        {"a": {**FORM, "tremor": 3}},
        {"a": {**FORM, "tremor": 4}},
        {"a": FORM, "by": "patient"},
        {"a": FORM, "exposed": True},
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

    own = specialise(whole, *known_of_kind(context))

    assert sum(map(len, own)) < 0.5 * sum(map(len, whole))
    assert not any("pump_alarm" in line for line in own)


@pytest.mark.parametrize(
    ("lower", "higher", "alike"),
    [(36.2, 37.7, True), (37.7, 37.8, False), (37.8, 37.9, False), (38.0, 38.1, False), (39.2, 39.9, True)],
)
def test_readings_between_the_same_two_limits_are_of_one_kind(lower: float, higher: float, alike: bool) -> None:
    """The limits of a temperature in these rules: 36.0, 37.8, 38.0, 38.5, 39.0 and 40.0."""
    one, other = (scene(a=FORM, v={"temperature_c": value}) for value in (lower, higher))

    assert (context_of(C, one).kind_of_log == context_of(C, other).kind_of_log) is alike


def test_what_stays_open_whatever_is_answered_is_one_number() -> None:
    own = specialise(C.decide.source, *known_of_kind(context_of(C, scene(a=FORM))))

    start = next(line for line in own if line.startswith("stay_open = "))
    assert int(start.removeprefix("stay_open = ")).bit_count() > 10
    assert not any(line.startswith("stay_open |= ") for line in own)


@pytest.mark.parametrize(
    ("count", "left"),
    [
        ("(1 if a else 0) + (1 if b else 0) + (1 if c else 0) >= 3", "a and b and c"),
        ("(1 if a else 0) + (1 if b else 0) + (1 if c else 0) >= 2", None),
        ("(1 if a else 0) + (1 if b else 0) + (1 if c else 0) >= 1", "a or b or c"),
        ("(1 if a else 0) + (1 if b else 0) + (1 if c else 0) >= 4", "False"),
        ("1 + (1 if a else 0) + (1 if b else 0) >= 1", "True"),
        ("1 + (1 if a else 0) + (1 if b else 0) >= 2", "a or b"),
        ("1 + (1 if a else 0) + 0 >= 2", "a"),
        ("0 + (1 if a else 0) + (1 if b else 0) >= 3", "False"),
        ("(2 if a else 0) + (1 if b else 0) >= 1", None),
        ("(1 if a else 0) + (1 if b else 0) > 1", None),
        ("(1 if a else 0) + b >= 1", None),
        ("(1 if a else 0) + (1 if b else 0) >= c", None),
    ],
)
def test_a_count_is_cut_short_where_what_is_open_can_settle_it_in_one_way_only(
    count: str, left: str | None
) -> None:
    [line] = specialise([f"x = {count}"], {"known": 0})

    told = line.removeprefix("x = ")
    assert told == left if left is not None else told.count("else 0") >= 1
    for a, b, c in product((True, False), (True, False), (1, 2)):
        names = {"a": a, "b": b, "c": c}
        assert bool(eval(told, {}, names)) == bool(eval(count, {}, names))  # noqa: S307


def test_what_is_read_once_is_worked_out_where_it_is_read_and_not_at_all_when_that_is_not_reached() -> None:
    asked: list[str] = []

    class Asked:
        def __getattr__(self, name: str) -> float:
            asked.append(name)
            return 1.0

    source = [
        "v_once = c.once",
        "v_twice = c.twice",
        "v_never = c.never",
        "d_settled = v_twice > 0",
        "fired = []",
        "stay_open = 0",
        "if d_settled or v_once > 0: fired.append(0)",
        "if v_twice > 5: fired.append(1)",
        "return fired, stay_open, ()",
    ]

    assert function_of(source)(Asked()) == ([0], 0, ())
    assert asked == ["twice"]
