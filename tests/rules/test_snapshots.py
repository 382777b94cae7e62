"""Whatever the rules say, word for word, is what they said when it was last looked through (snapshots.py)."""

import pytest

from tests.rules.snapshots import HELD, kept


@pytest.mark.parametrize("name", ["checks", "contents", "evaluations", "cases", "refusals", "specialised"])
def test_it_is_as_it_was(name: str) -> None:
    known = kept(name)

    for entry, said in HELD[name]():
        assert said == known.pop(entry, None), (
            f"{name}, {entry}: look at it, then `python -m tests.rules.snapshots`"
        )
    assert known == {}, "no longer looked at"
