"""Known answers for every rule: at, just under and just over each threshold, and with the input unknown."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from apps.rules.catalogue import load
from apps.rules.engine import evaluate, evaluate_floor
from apps.rules.types import Level
from tests.rules.scenes import CATALOGUE, scene

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = ("fires", "quiet", "undecided")


def _vignettes() -> list[Any]:
    found = []
    for path in sorted(GOLDEN.glob("*.yaml")):
        for rule_id, by_answer in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            assert set(by_answer) <= set(ANSWERS), rule_id
            for answer, scenes in by_answer.items():
                found += [
                    pytest.param(rule_id, answer, words, id=f"{rule_id}-{answer}-{place}")
                    for place, words in enumerate(scenes)
                ]
    return found


@pytest.mark.parametrize(("rule_id", "answer", "words"), _vignettes())
def test_a_golden_vignette_gives_its_known_answer(rule_id: str, answer: str, words: dict[str, Any]) -> None:
    evaluation = evaluate(load(CATALOGUE), scene(**words))

    fired = {hit.rule_id for hit in evaluation.hits}
    open_rules = {each.rule_id for each in evaluation.undecided}
    found = "fires" if rule_id in fired else "undecided" if rule_id in open_rules else "quiet"
    assert found == answer


def test_every_rule_has_a_vignette_that_fires_it_and_one_that_does_not() -> None:
    seen: dict[str, set[str]] = {}
    for parameters in _vignettes():
        rule_id, answer, _ = parameters.values
        seen.setdefault(rule_id, set()).add(answer)

    catalogue = load(CATALOGUE)
    assert seen.keys() == {rule.id for rule in catalogue.rules}
    assert [rule_id for rule_id, answers in seen.items() if not {"fires", "quiet"} <= answers] == []


@pytest.mark.parametrize(("rule_id", "answer", "words"), _vignettes())
def test_the_floor_finds_exactly_the_emergency_rules_of_the_whole_evaluation(
    rule_id: str, answer: str, words: dict[str, Any]
) -> None:
    facts = scene(**words)
    catalogue = load(CATALOGUE)

    emergencies = tuple(hit for hit in evaluate(catalogue, facts).hits if hit.level is Level.EMERGENCY)

    assert evaluate_floor(catalogue, facts) == emergencies
