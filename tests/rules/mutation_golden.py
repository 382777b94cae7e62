"""The golden vignettes as two tests instead of a thousand: `make mutants` collects them anew for every mutant."""

from apps.rules.catalogue import load
from apps.rules.engine import evaluate, evaluate_floor
from apps.rules.types import Level
from tests.rules.scenes import CATALOGUE, scene
from tests.rules.test_golden import _vignettes


def test_all_golden_vignettes_give_their_known_answers() -> None:
    catalogue = load(CATALOGUE)
    for vignette in _vignettes():
        rule_id, answer, words = vignette.values
        evaluation = evaluate(catalogue, scene(**words))
        fired = rule_id in {hit.rule_id for hit in evaluation.hits}
        is_open = rule_id in {each.rule_id for each in evaluation.undecided}
        assert (fired, is_open) == (answer == "fires", answer == "undecided"), vignette.id


def test_the_floor_finds_exactly_the_emergency_rules_of_all_vignettes() -> None:
    catalogue = load(CATALOGUE)
    for vignette in _vignettes():
        facts = scene(**vignette.values[2])
        emergencies = tuple(hit for hit in evaluate(catalogue, facts).hits if hit.level is Level.EMERGENCY)
        assert evaluate_floor(catalogue, facts) == emergencies, vignette.id
