"""The catalogue as the browser gets it: the same bytes each time, whole, small, and never surer than the engine."""

import gzip
import json
from dataclasses import replace
from hashlib import sha256

import pytest

from apps.rules.catalogue import FOLDER, load, read
from apps.rules.engine import evaluate
from apps.rules.export import export, export_bytes
from apps.rules.held import held_record
from apps.rules.types import Change, DoseFacts, LogFacts, PlanFacts, PumpFacts, Reporter
from tests.rules.scenes import CATALOGUE, NOW
from tests.rules.vectors import Vector, facts_of, vectors

EXPORTED = export(load(CATALOGUE))
RULES = [rule["id"] for rule in EXPORTED["rules"]]
NEVER_OPEN = {"DEL-U-too-confused"}
"""A reason was given or it was not."""
NEVER_QUIET = {"SZ-W-exposed"}
"""A stop or a pump loss is on record elsewhere, and either would be enough."""


def test_the_export_names_the_version_and_the_hash_of_the_catalogue_file() -> None:
    raw = (FOLDER / f"{CATALOGUE}.yaml").read_bytes()

    assert EXPORTED["version"] == CATALOGUE
    assert EXPORTED["sha256"] == sha256(raw).hexdigest() == load(CATALOGUE).sha256


def test_exporting_twice_gives_the_same_bytes() -> None:
    raw = (FOLDER / f"{CATALOGUE}.yaml").read_bytes()

    assert export_bytes(read(raw, CATALOGUE)) == export_bytes(load(CATALOGUE))


def test_another_threshold_gives_another_export() -> None:
    raw = (FOLDER / f"{CATALOGUE}.yaml").read_bytes()
    changed = raw.replace(b"t_action: {value: 38.5", b"t_action: {value: 38.6")
    assert changed != raw

    rules = {rule["id"]: rule["when"] for rule in export(read(changed, CATALOGUE))["rules"]}

    assert rules["HYP-U-385"] == ["vital", "temperature_c", ">=", 38.6]


def test_the_export_is_small_enough_for_a_poor_connection() -> None:
    assert len(gzip.compress(export_bytes(load(CATALOGUE)))) < 25_000


def test_every_rule_is_either_exported_or_listed_as_left_out() -> None:
    left_out = {rule["id"] for rule in EXPORTED["left_out"]}

    assert left_out | set(RULES) == {rule.id for rule in load(CATALOGUE).rules}
    assert not left_out & set(RULES)
    assert all(rule["needs"] for rule in EXPORTED["left_out"])


def test_rules_keep_the_order_of_the_catalogue() -> None:
    assert [rule.id for rule in load(CATALOGUE).rules if rule.id in RULES] == RULES


def test_what_one_log_cannot_tell_stands_as_unknown_beside_what_it_can() -> None:
    rules = {rule["id"]: rule for rule in EXPORTED["rules"]}

    assert ["unknown", "earlier_logs"] in EXPORTED["definitions"]["cam_1_change"]
    assert rules["TOX-U-count"]["needs"] == ["elsewhere", "record"]
    assert rules["HYP-U-385"]["needs"] == []


def test_there_are_at_least_a_thousand_vectors_and_each_has_its_own_content() -> None:
    different = {json.dumps(vector.as_json(), sort_keys=True) for vector in vectors()}

    assert len(different) >= 1_000


@pytest.fixture(scope="module")
def decided() -> list[tuple[Vector, set[str], set[str]]]:
    """Each vector with the rules that fire and those that stay open."""
    found = []
    for vector in vectors():
        answer = vector.by_the_engine()
        found.append((vector, {hit["rule"] for hit in answer["hits"]}, set(answer["undecided"])))
    return found


def test_every_exported_rule_fires_in_one_vector_is_quiet_in_another_and_open_in_a_third(decided) -> None:
    fires = set().union(*(fired for _, fired, _ in decided))
    is_open = set().union(*(still for _, _, still in decided))
    quiet = {rule for rule in RULES if any(rule not in fired | still for _, fired, still in decided)}

    assert set(RULES) - fires == set()
    assert set(RULES) - quiet == NEVER_QUIET
    assert set(RULES) - is_open == NEVER_OPEN


def test_with_the_record_at_hand_the_same_rules_fire_as_in_the_whole_catalogue(decided) -> None:
    catalogue = load(CATALOGUE)
    for vector, fired, still_open in decided:
        whole = evaluate(catalogue, vector.facts)
        by_whole = {hit.rule_id for hit in whole.hits} & set(RULES)
        open_by_whole = {each.rule_id for each in whole.undecided} & set(RULES)

        assert fired <= by_whole, vector.name
        assert by_whole | open_by_whole <= fired | still_open, vector.name
        if vector.has_record:
            assert fired == by_whole, vector.name


def test_whatever_else_is_told_of_the_supply_no_rule_that_fired_falls_silent(decided) -> None:
    """The phone knows less than the ward: what it says must still stand once the rest is known."""
    catalogue = load(CATALOGUE)
    more = {
        "plan": PlanFacts(frozenset({"oral"}), 60.0, None, 3, 700, 90),
        "doses": (
            DoseFacts("oral", NOW - 30, None, "missed", 20.0),
            DoseFacts("oral", NOW - 40, NOW - 40, "taken"),
        ),
        "pump": PumpFacts(NOW - 1, NOW - 1, False, NOW - 1),
    }
    events = tuple(Change(kind, NOW - 3.0) for kind in ("pump_alarm", "overdose", "dose_raised", "refill_done"))
    for vector, fired, _ in decided[::3]:
        known = replace(vector.facts, changes=(*vector.facts.changes, *events), **more)

        assert fired <= {hit.rule_id for hit in evaluate(catalogue, known).hits}, vector.name


def test_the_record_tells_what_the_engine_would_compare_with() -> None:
    facts = facts_of({"hypertonia": 3}, {}, supply=(True, True), usual_readings={"bp_systolic_mmhg": 95.0})
    week = tuple(
        LogFacts(f"past-{day}", NOW - 24.0 * day, Reporter.PATIENT, {"hypertonia": grade, "tremor": 0})
        for day, grade in ((6, 2), (5, 2), (4, 4))
    )
    calm = replace(facts, logs=(*week, *facts.logs), changes=(), plan=PlanFacts(frozenset()))

    record = held_record(load(CATALOGUE), calm)

    assert record["usual"] == {"hypertonia": 2}
    assert record["usual_readings"] == {"bp_systolic_mmhg": 95.0}
    assert (record["exposed_by_supply"], record["peak"]) == (False, False)
    assert held_record(load(CATALOGUE), facts)["exposed_by_supply"] is True
    assert held_record(load(CATALOGUE), facts_of({}, {}))["exposed_by_supply"] is None
