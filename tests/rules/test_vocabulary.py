"""Each word of the vocabulary, read by itself: what is understood, and on which line a fault is seen."""

import pytest

from apps.rules import known_facts
from apps.rules.catalogue import load
from apps.rules.combinations import All, AnyOf, CountOf, Not
from apps.rules.conditions import (
    AnsweredAs,
    Compare,
    Differs,
    Event,
    NotMeasured,
    Quantity,
    Risk,
    Twice,
    TwoLogsRunning,
)
from apps.rules.describing import describe
from apps.rules.engine import context_of
from apps.rules.errors import CatalogueError
from apps.rules.known_facts import KnownFact
from apps.rules.parsing import parse
from apps.rules.reading import read_document
from apps.rules.values import Limit, Value
from apps.rules.words import Words
from tests.rules.scenes import CATALOGUE, scene


def _value(number):
    return Value(name="", value=number, unit="", tag="project choice", source=())


def words():
    numbers = {"one": 1.0, "two": 2.0, "three": 3.0, "five": 5.0, "half": 0.5, "day": 24.0, "hot": 38.5}
    codes = ("confusion", "tremor", "seizure")
    return Words(
        items=frozenset(codes),
        signs=frozenset({"temperature_c"}),
        values={name: _value(number) for name, number in numbers.items()},
        limits={"by_age": Limit(name="by_age", adult=100.0, value_name="by_age", once_daily=50.0)},
        risks=frozenset({"epilepsy"}),
        confounders=frozenset({"infection"}),
        bits={code: 1 << place for place, code in enumerate(codes)},
    )


def read(text):
    top = read_document("when:\n" + "\n".join(f"  {line}" for line in text.splitlines()), "x.yaml")
    return parse(top["when"], words(), top)


def limit(name):
    return words().limit(read_document(f"x: {name}", "x.yaml"), "x")


def item(code, op, name, kind="item", within=24.0, since=0.0, by=frozenset()):
    return Compare(Quantity(kind, code, within, since, by, words().bits[code]), op, limit(name))


def vital(kind, op, name, **more):
    return Compare(Quantity(kind, "temperature_c", **more), op, limit(name))


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("item: confusion\nat_least: two", item("confusion", ">=", "two")),
        ("item: confusion\nabove: two", item("confusion", ">", "two")),
        ("item: confusion\nat_most: two", item("confusion", "<=", "two")),
        ("item: confusion\nbelow: two", item("confusion", "<", "two")),
        (
            "item: confusion\nat_least: two\nwithin: five\nsince: three\nby: [staff, carer]",
            item("confusion", ">=", "two", within=5.0, since=3.0, by=frozenset({"staff", "carer"})),
        ),
        ("rise: confusion\nat_least: two", item("confusion", ">=", "two", kind="rise")),
        (
            "item: [confusion, tremor]\nat_least: one",
            AnyOf((item("confusion", ">=", "one"), item("tremor", ">=", "one"))),
        ),
        (
            "newly: confusion\nat_least: two",
            All((item("confusion", ">=", "two"), item("confusion", "<", "two", kind="base"))),
        ),
        (
            "differs: [confusion, tremor]\nby_at_least: two",
            Differs(("confusion", "tremor"), limit("two"), 0b11),
        ),
        (
            "two_logs_running: [confusion, tremor]\nat_least: three",
            TwoLogsRunning(
                ("confusion", "tremor"),
                limit("three"),
                (item("confusion", ">=", "three"), item("tremor", ">=", "three")),
            ),
        ),
        ("answered_as: [asleep, refused]", AnsweredAs(("asleep", "refused"), None)),
        ("answered_as: asleep\nto: tremor", AnsweredAs(("asleep",), "tremor")),
        ("not_measured: temperature_c", NotMeasured("temperature_c")),
        ("risk: epilepsy", Risk(("epilepsy",), False)),
        ("confounder: infection", Risk(("infection",), True)),
        ("fact: news2\nat_least: five", Compare(Quantity("fact", "news2"), ">=", limit("five"))),
        (
            "event: [pump_alarm, mri]",
            Event(kinds=("pump_alarm", "mri"), within=None, still=False, unplanned=False, route=None, tones=(),
                  ml_above=None, ml_at_most=None, ml_unknown=False),
        ),
        (
            ("event: pump_alarm\nwithin: day\nstill: true\nunplanned: true\nroute: oral\ntone: two_tone\n"
            "ml_above: two\nml_at_most: five\nml_unknown: true"),
            Event(kinds=("pump_alarm",), within=24.0, still=True, unplanned=True, route="oral", tones=("two_tone",),
                  ml_above=2.0, ml_at_most=5.0, ml_unknown=True),
        ),
        ("vital: temperature_c\nat_least: hot", vital("vital", ">=", "hot")),
        (
            "twice: temperature_c\nat_least: hot\napart: one",
            Twice("temperature_c", ">=", limit("hot"), limit("one")),
        ),
        ("above_baseline: temperature_c\nat_least: one", vital("above_baseline", ">=", "one")),
        ("over_baseline: temperature_c\nat_least: one", vital("over_baseline", ">=", "one")),
        ("not:\n  risk: epilepsy", Not(Risk(("epilepsy",), False))),
        ("all:\n  - risk: epilepsy\n  - risk: epilepsy", All((Risk(("epilepsy",), False),) * 2)),
        (
            "count:\n  - risk: epilepsy\n  - confounder: infection\nat_least: one",
            CountOf(limit("one"), (Risk(("epilepsy",), False), Risk(("infection",), True))),
        ),
    ],
)  # fmt: skip
def test_a_condition_is_understood_as_it_is_written(text, condition):
    assert read(text) == condition


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("two_logs_running: confusion\nat_least: five", 3, "“at_least” must be a grade from 1 to 4"),
        ("two_logs_running: confusion\nat_least: half", 3, "“at_least” must be a grade from 1 to 4"),
        (
            "two_logs_running: confusion\nat_least: by_age",
            3,
            "“by_age” depends on the person and cannot stand here",
        ),
        (
            "item: confusion\nat_least: one\nwithin: by_age",
            4,
            "“by_age” depends on the person and cannot stand here",
        ),
        ("item: confusion\nat_least: one\nby: [staff, robot]", 4, "nobody reports as “robot”"),
        ("item: confusion\nat_least: 2", 3, "“at_least” must name a value of the catalogue, not 2"),
        ("item: confusion\nat_least: four", 3, "no value is called “four”"),
        ("item: confusion", 2, "needs exactly one of at_least, above, at_most, below"),
        ("answered_as: awake", 2, "unknown code “awake”"),
        ("answered_as: asleep\nto: waking", 3, "unknown code “waking”"),
        ("event: pump_alarm\nstill: maybe", 3, "“still” must be true or false"),
        ("event: pump_alarm\nroute: ''", 3, "“route” must be a text that is not empty"),
        ("event: pump_alarm\ntone: loud", 3, "unknown code “loud”"),
        ("event: explosion", 2, "unknown code “explosion”"),
        ("risk: infection", 2, "unknown code “infection”"),
        ("confounder: epilepsy", 2, "unknown code “epilepsy”"),
        ("is: nothing", 2, "nothing is called “nothing” (definitions must come before their use)"),
        ("is: news2", 2, "nothing is called “news2” (definitions must come before their use)"),
        ("all: []", 2, "“all” must be a list of conditions"),
        ("perhaps: 3", 2, "unknown condition “perhaps”"),
        ("not: 3", 2, "a condition must be a mapping, not 3"),
        ("item: confusion\nat_least: one\nforever: true", 4, "unknown key “forever”"),
        ("at_least: one\nrisk: epilepsy", 2, "unknown condition “at_least”"),
    ],
)
def test_a_fault_is_seen_on_its_line(text, line, cause):
    with pytest.raises(CatalogueError) as refusal:
        read(text)

    assert (refusal.value.line, refusal.value.cause, refusal.value.where) == (line, cause, "x.yaml")
    assert str(refusal.value) == f"x.yaml:{line}: {cause}"


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("a: 1\nb: [", 3, None),
        ("- a\n", 1, "the document must be a mapping"),
        ("3", 1, "the document must be a mapping"),
        ("a: \x01", None, "not readable as YAML"),
    ],
)
def test_what_is_no_catalogue_at_all_says_where(text, line, cause):
    with pytest.raises(CatalogueError) as refusal:
        read_document(text, "x.yaml")

    if line is not None:
        assert refusal.value.line == line
    if cause is not None:
        assert refusal.value.cause
    assert refusal.value.where == "x.yaml"


@pytest.mark.parametrize(("text", "key"), [("a: 1", "a"), ("a: []", "a"), ("b: 1", "a")])
def test_a_child_that_is_no_mapping_is_named(text, key):
    with pytest.raises(CatalogueError) as refusal:
        read_document(text, "x.yaml").child(key)

    assert refusal.value.cause == f"“{key}” must be a mapping"


@pytest.mark.parametrize(
    ("made", "fact"),
    [
        (
            lambda: known_facts._truth("so", "c.x", "plan"),
            KnownFact("so", "c.x", "c.x", yes_no=True, missing=("plan",)),
        ),
        (lambda: known_facts._truth("so", "c.x"), KnownFact("so", "c.x", "c.x", yes_no=True, missing=())),
        (
            lambda: known_facts._number("so", "c.x", "h", "dose"),
            KnownFact("so", "c.x", "c.x", "h", missing=("dose",)),
        ),
        (lambda: known_facts._number("so", "c.x"), KnownFact("so", "c.x", "c.x", "", missing=())),
        (
            lambda: known_facts._pair("so", "x", "h", "a", "b"),
            KnownFact("so", "c.supply.x_low", "c.supply.x_high", "h", missing=("a", "b")),
        ),
    ],
)
def test_a_fact_of_either_kind_says_how_it_is_read_and_what_may_be_missing(made, fact):
    assert made() == fact


def test_what_is_described_names_who_reported_it():
    catalogue = load(CATALOGUE)
    told = context_of(catalogue, scene(a={"confusion": 3}, by="carer"))
    condition = next(
        part
        for rule in catalogue.rules
        for part in rule.when.walk()
        if isinstance(part, Compare) and part.quantity.kind == "item" and part.quantity.name == "confusion"
    )

    matched = describe(condition, told, catalogue)

    assert "by carer" in str(matched)
