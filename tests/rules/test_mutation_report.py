"""What docs/mutation.md says of a sample is what the sample showed."""

import json

import pytest

from tests.rules.mutation_report import drawn, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe, Stat Med 1998;17:857–72, table I: intervals of the score method.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_the_interval_is_that_of_the_score_method(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_only_what_was_judged_of_the_sample_is_counted(tmp_path):
    meta, kept = tmp_path / "supply.py.meta", tmp_path / "sample.json"
    meta.write_text(json.dumps({"exit_code_by_key": {"a": 1, "b": 0, "c": None, "d": 1}}))
    kept.write_text(json.dumps({"seed": 3, "names": ["a", "b", "c"]}))

    found = drawn([meta], kept)

    assert (found.size, found.run, found.killed) == (3, 2, 1)
    assert found.words.startswith(
        "Random sample of 3 drawn evenly from all mutants (seed 3): 2 judged, 1 killed (50.0 %"
    )


def test_without_a_sample_nothing_is_said_of_one(tmp_path):
    assert drawn([], tmp_path / "sample.json") is None
