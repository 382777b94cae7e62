"""The catalogue's rules in a real browser: static/js/rules.js answers every shared vector as the engine does."""

import json
from hashlib import sha256
from typing import Any

import pytest
from playwright.sync_api import Page

from apps.core.embedded.local import PROJECT_ROOT
from apps.rules.catalogue import load
from apps.rules.export import export_bytes
from tests.rules.scenes import CATALOGUE
from tests.rules.vectors import vectors

SCRIPT = PROJECT_ROOT / "static" / "js" / "rules.js"
PLACE = "http://rules.test"
EVALUATE_ALL = """
async ([place, catalogue, vectors]) => {
    const { evaluate } = await import(place);
    const known = JSON.parse(catalogue);
    return JSON.stringify(JSON.parse(vectors).map(({ log, record }) => {
        try { return evaluate(known, log, record); } catch (error) { return String(error); }
    }));
}
"""
"""Both ways as text: Playwright takes a second for each hundred nested objects."""
FIND_A_DIFFERENCE = """
async ([place, catalogue]) => {
    const { evaluate } = await import(place);
    const known = JSON.parse(catalogue);
    return window.vectors.some(({ log, record }, place) => {
        try { return JSON.stringify(evaluate(known, log, record)) !== window.expected[place]; } catch { return true; }
    });
}
"""
MUTANTS = (
    ('">=": (a, b) => a >= b', '">=": (a, b) => a > b'),
    ('">": (a, b) => a > b', '">": (a, b) => a >= b'),
    ('"<=": (a, b) => a <= b', '"<=": (a, b) => a < b'),
    ('"<": (a, b) => a < b', '"<": (a, b) => a <= b'),
    ("UNKNOWN = [false, true]", "UNKNOWN = [false, false]"),
    ("return [!possibly, !surely];", "return [!surely, !possibly];"),
    ("surely >= least", "surely > least"),
    ("possibly >= least", "possibly > least"),
    ("seen.grades[code] ?? NaN", "seen.grades[code] ?? 0"),
    ("seen.readings[sign] ?? NaN", "seen.readings[sign] ?? 0"),
    ('typeof answer === "string"', 'answer === "never"'),
    ("seen.avpu >= CONSCIOUSNESS.P", "seen.avpu > CONSCIOUSNESS.P"),
    ("possibly || Number.isNaN(grade(seen, code))", "possibly"),
    ("!by || by.includes(seen.log.reporter)", "true"),
    ("(top) => value <= top", "(top) => value < top"),
    ("person.age_years < 18", "person.age_years < 16"),
    ("person.age_years >= catalogue.adult_from_years", "person.age_years > catalogue.adult_from_years"),
    ("age < band.until", "age <= band.until"),
    ("before < below", "before <= below"),
    ("gcs < least", "gcs <= least"),
    ("Math.max(found, scored)", "found"),
    ('.replace("_awake", "_asleep")', ""),
    ("value < bottom || value > top", "value <= bottom || value > top"),
    ("seen.avpu > 0 || isNewlyConfused(seen)", "seen.avpu > 0"),
    ("if (onAir === onOxygen) return onAir;", ""),
    ("given ? onOxygen : onAir", "given ? onAir : onOxygen"),
    ("grades.length ? Math.max(0, ...grades) : 4", "Math.max(0, ...grades)"),
    ('if (domain === "autonomic")', 'if (domain === "sleep")'),
    ("index > row.points.indexOf(0)", "index >= 0"),
    ("limit > 0 ? limit", "limit >= 0 ? limit"),
)


@pytest.fixture(scope="module")
def shared() -> list[dict[str, Any]]:
    return [vector.as_json() for vector in vectors()]


@pytest.fixture(scope="module")
def by_the_engine() -> list[dict[str, Any]]:
    return [vector.by_the_engine() for vector in vectors()]


@pytest.fixture
def page(new_person) -> Page:
    found: Page = new_person()
    found.route(f"{PLACE}/**", lambda route: route.fulfill(content_type="text/html", body="<!doctype html>"))
    found.goto(f"{PLACE}/")
    return found


def serve(page: Page, script: str) -> list[str]:
    """Where the script is to be had, and the catalogue."""
    page.route(f"{PLACE}/rules.js*", lambda route: route.fulfill(content_type="text/javascript", body=script))
    address = f"{PLACE}/rules.js?{sha256(script.encode()).hexdigest()}"
    return [address, export_bytes(load(CATALOGUE)).decode()]


def by_the_browser(page: Page, script: str, shared: list[dict[str, Any]]) -> list[Any]:
    found: list[Any] = json.loads(page.evaluate(EVALUATE_ALL, [*serve(page, script), json.dumps(shared)]))
    return found


def test_the_browser_answers_every_vector_as_the_engine_does(page, shared, by_the_engine):
    found = by_the_browser(page, SCRIPT.read_text(encoding="utf-8"), shared)

    assert len(found) == len(by_the_engine) >= 1_000
    for vector, here, there in zip(vectors(), found, by_the_engine, strict=True):
        assert here == there, vector.name


def test_a_script_with_one_small_fault_is_found_out_by_the_vectors(page, shared, by_the_engine):
    script = SCRIPT.read_text(encoding="utf-8")
    as_texts = [json.dumps(each, separators=(",", ":")) for each in by_the_engine]
    page.evaluate(
        "([vectors, expected]) => Object.assign(window, {vectors: JSON.parse(vectors), expected: JSON.parse(expected)})",
        [json.dumps(shared), json.dumps(as_texts)],
    )
    assert page.evaluate(FIND_A_DIFFERENCE, serve(page, script)) is False

    unnoticed = []
    for right, wrong in MUTANTS:
        assert script.count(right) == 1, right
        if not page.evaluate(FIND_A_DIFFERENCE, serve(page, script.replace(right, wrong))):
            unnoticed.append((right, wrong))

    assert unnoticed == []


def test_a_catalogue_of_another_format_is_refused_not_misread(page, shared):
    script = SCRIPT.read_text(encoding="utf-8").replace("const FORMAT = 1", "const FORMAT = 2")

    (answer,) = by_the_browser(page, script, shared[:1])

    assert "does not read catalogues of format 1" in answer
