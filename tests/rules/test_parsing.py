"""Conditions as written become the conditions that were meant; a fault names the line of the word at fault."""

import pytest

from apps.rules.catalogue import FOLDER, read
from apps.rules.conditions import AnsweredAs, Event
from apps.rules.errors import CatalogueError
from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.reading import read_document
from tests.rules.scenes import CATALOGUE

PLAIN = "{all: [{is: rousable}, {is: exposed}, {is: cam_positive}]}"
TEXT = (FOLDER / f"{CATALOGUE}.yaml").read_text(encoding="utf-8")


def written(condition):
    """The catalogue with this in place of one condition, and the condition read from it."""
    assert PLAIN in TEXT
    catalogue = read(
        TEXT.replace(f"when: {PLAIN}", f"when: {{all: [{PLAIN}, {condition}]}}", 1).encode(), CATALOGUE
    )
    found = [rule.when.parts[1] for rule in catalogue.rules if len(getattr(rule.when, "parts", ())) == 2]
    wanted = AnsweredAs if "answered_as" in condition else Event
    return next(part for part in found if isinstance(part, wanted) and part not in BEFORE)


BEFORE = [
    rule.when.parts[1]
    for rule in read(TEXT.encode(), CATALOGUE).rules
    if len(getattr(rule.when, "parts", ())) == 2
]


def test_a_reason_may_be_asked_of_one_item_or_of_any():
    assert written("{answered_as: [asleep], to: tremor}") == AnsweredAs(("asleep",), "tremor")
    assert written("{answered_as: [asleep, refused]}") == AnsweredAs(("asleep", "refused"), None)


@pytest.mark.parametrize("route", ["oral", "intrathecal"])
def test_an_event_is_of_the_route_that_is_written(route):
    assert written(f"{{event: [stopped], route: {route}}}").route == route


def test_an_error_keeps_its_cause_its_file_and_its_line():
    error = CatalogueError("no such item", where="a.yaml", line=7)

    assert (error.cause, error.where, error.line) == ("no such item", "a.yaml", 7)


def test_what_should_be_a_mapping_is_named_with_the_line_of_its_key():
    node = read_document("first: 1\nsecond: 2\n", "a.yaml")

    with pytest.raises(CatalogueError, match=r"^a\.yaml:2: “second” must be a mapping$"):
        node.child("second")


@pytest.mark.parametrize(
    ("name", "missing"),
    [("peak", ("plan",)), ("under_18", ("age",)), ("refill_not_booked", ("refill_booking",)), ("adult", ())],
)
def test_what_a_fact_of_yes_or_no_lacks_is_named(name, missing):
    fact = KNOWN_FACTS[name]

    assert (fact.missing, fact.yes_no, fact.high) == (missing, True, fact.low)
