"""Whether an item was graded differently between logs of the last 24 hours: yes, no, or not to be known."""

import pytest

from apps.rules.catalogue import load
from apps.rules.engine import context_of
from tests.rules.scenes import CATALOGUE, scene

C = load(CATALOGUE)


def differs(now, *earlier, codes=("confusion",)):
    context = context_of(C, scene(a=now, past=[{"a": answers, "h": hours} for hours, answers in earlier]))
    return context.differs(codes, 2.0)


@pytest.mark.parametrize(
    ("now", "earlier", "expected"),
    [
        ({"confusion": 3}, [(5, {"confusion": 1})], True),
        ({"confusion": 1}, [(5, {"confusion": 3})], True),
        ({"confusion": 3}, [(5, {"confusion": 2})], False),
        ({"confusion": 3}, [(5, {"confusion": 3})], False),
        ({"confusion": 3}, [], None),
        ({"confusion": 3}, [(30, {"confusion": 0})], None),
        ({"confusion": 3}, [(5, {"confusion": "refused"})], None),
        ({"confusion": 3}, [(5, {"tremor": 0})], None),
        # Never so high that it could have differed by as much: asked twice, it did not.
        ({"confusion": 1}, [(5, {"confusion": 0})], False),
        ({"confusion": 0}, [(5, {"confusion": 0})], False),
        ({"confusion": 1}, [], None),
        ({"confusion": 1}, [(5, {"tremor": 0})], None),
    ],
)
def test_two_grades_of_a_day_are_needed_to_say_so(now, earlier, expected):
    assert differs(now, *earlier) is expected


@pytest.mark.parametrize(
    ("agitation", "expected"),
    [
        (({"agitation": 3}, {"agitation": 0}), True),
        (({"agitation": 1}, {"agitation": 0}), False),
        (({}, {}), None),
    ],
)
@pytest.mark.parametrize("order", [("confusion", "agitation"), ("agitation", "confusion")])
def test_one_item_that_differs_is_enough_and_all_are_needed_to_say_that_none_does(agitation, expected, order):
    now, then = agitation

    found = differs({"confusion": 1} | now, (5, {"confusion": 1} | then), codes=order)

    assert found is expected


def test_nothing_asked_differs_in_nothing():
    assert differs({}, codes=()) is False
