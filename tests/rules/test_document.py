"""docs/rules.md says what the catalogue says, to the last rule and number."""

import pytest

from apps.rules.catalogue import load
from apps.rules.document import DOCUMENT, document, main
from apps.rules.wording import words
from tests.rules.scenes import CATALOGUE

C = load(CATALOGUE)


def test_the_document_in_the_tree_is_the_generated_one() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(C), "run python -m apps.rules.document"


def test_every_rule_item_number_and_source_is_in_the_document() -> None:
    text = document(C)

    for rule in C.rules:
        assert f"`{rule.id}` {rule.because}" in text
    for name in (*C.symptoms, *C.values, *C.vital_signs):
        assert f"`{name}`" in text
    for source in C.sources:
        assert f"**{source}**" in text
    for point in C.sign_off:
        assert point in text


def test_unsure_codes_are_marked() -> None:
    assert "snomed 62476001 (medium confidence, not sent out)" in document(C)


@pytest.mark.parametrize(
    ("rule_id", "expected"),
    [
        ("HYP-E-40", "temperature at least 40 degC"),
        ("HYP-U-twice", "temperature at least 38 degC on two readings 30 minutes apart"),
        ("SUI-U-thoughts", "Suicidal ideation: yes"),
        ("AST-W-step", "planned cut of the daily dose at least 0.25 of 1"),
        ("PMP-E-alarm", "pump alarm (two tone), not mended"),
        ("SUI-U-psychosis", "any of Psychosis, Mania at least 3"),
    ],
)
def test_a_rule_reads_as_plain_words(rule_id: str, expected: str) -> None:
    rule = next(rule for rule in C.rules if rule.id == rule_id)

    assert words(rule.when, C) == expected


def test_check_tells_whether_the_document_is_current() -> None:
    assert main(["--check"]) == 0
