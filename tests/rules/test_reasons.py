"""Equal conditions of several rules are put into words once."""

from apps.rules.catalogue import load
from apps.rules.engine import context_of, evaluate
from apps.rules.explaining import Findings
from apps.rules.reasons import reasons_of
from tests.rules.scenes import CATALOGUE, scene

C = load(CATALOGUE)


def test_equal_leaves_of_two_rules_are_one_object() -> None:
    leaves = [leaf for rule in C.rules for leaf in reasons_of(rule.when).leaves]

    assert len({id(leaf) for leaf in leaves}) == len(set(leaves)) < len(leaves)


def test_a_leaf_that_two_rules_name_reads_the_same_in_both() -> None:
    facts = scene(a={"confusion": 3, "tremor": 3, "agitation": 3}, v={"temperature_c": 39.6}, exposed=True)
    told = [matched for hit in evaluate(C, facts).hits for matched in hit.matched]

    assert len(told) > len({(each.code, each.threshold) for each in told})
    assert len({(each.code, each.threshold, each.value) for each in told}) == len(
        {(each.code, each.threshold) for each in told}
    )


def test_what_was_put_into_words_for_one_log_is_not_told_of_the_next() -> None:
    rule = next(
        rule for rule in C.rules if any("temperature_c" in repr(leaf) for leaf in reasons_of(rule.when).leaves)
    )
    leaf = next(leaf for leaf in reasons_of(rule.when).leaves if "temperature_c" in repr(leaf))
    warm, hot = scene(v={"temperature_c": 38.6}), scene(v={"temperature_c": 40.1})

    assert Findings(context_of(C, warm), C).told(leaf) != Findings(context_of(C, hot), C).told(leaf)
