"""Strict input: every fault in one answer, named by path and code; units turned and entries kept."""

from typing import Any

import pytest

from apps.rules import check_answers, normalise
from apps.rules.catalogue import load
from tests.rules.scenes import CATALOGUE


def _faults(reporter: str, answers: Any, vital_signs: Any = None) -> list[tuple[str, str]]:
    problems = check_answers(load(CATALOGUE), reporter, answers, vital_signs)
    return [(problem.path, problem.code) for problem in problems]


def test_a_good_log_has_no_faults() -> None:
    answers = {"confusion": 0, "seizure": False, "insomnia": "refused", "tremor": 4}
    readings = {
        "temperature_c": {"value": 100.4, "unit": "degF", "site": "mouth"},
        "heart_rate_bpm": {"value": 80},
    }

    assert _faults("patient", answers, readings) == []


@pytest.mark.parametrize(
    ("reporter", "answers", "expected"),
    [
        ("patient", {"nonsense": 1}, [("/answers/nonsense", "unknown_code")]),
        ("patient", {"a/b~c": 1}, [("/answers/a~1b~0c", "unknown_code")]),
        ("patient", {"confusion": True}, [("/answers/confusion", "wrong_type")]),
        ("patient", {"confusion": 2.0}, [("/answers/confusion", "wrong_type")]),
        ("patient", {"confusion": "2"}, [("/answers/confusion", "wrong_type")]),
        ("patient", {"confusion": ""}, [("/answers/confusion", "wrong_type")]),
        ("patient", {"confusion": " "}, [("/answers/confusion", "wrong_type")]),
        ("patient", {"confusion": None}, [("/answers/confusion", "wrong_type")]),
        ("patient", {"confusion": 5}, [("/answers/confusion", "out_of_scale")]),
        ("patient", {"confusion": -1}, [("/answers/confusion", "out_of_scale")]),
        ("patient", {"seizure": 1}, [("/answers/seizure", "wrong_type")]),
        ("staff", {"reduced_consciousness": "X"}, [("/answers/reduced_consciousness", "out_of_scale")]),
        ("staff", {"reduced_consciousness": 2}, [("/answers/reduced_consciousness", "wrong_type")]),
        ("staff", {"four_at_total": 13}, [("/answers/four_at_total", "out_of_scale")]),
        ("patient", {"delirium": True}, [("/answers/delirium", "not_askable")]),
        ("patient", {"delirium": 3}, [("/answers/delirium", "not_askable"), ("/answers/delirium", "wrong_type")]),
        ("robot", {}, [("/reporter", "unknown_reporter")]),
        ("patient", [], [("/answers", "wrong_type")]),
    ],
)  # fmt: skip
def test_a_faulty_answer_is_named(reporter: str, answers: Any, expected: list[tuple[str, str]]) -> None:
    assert _faults(reporter, answers) == expected


@pytest.mark.parametrize(
    ("code", "reading", "expected"),
    [
        ("temp", {"value": 37}, [("/vital_signs/temp", "unknown_code")]),
        ("temperature_c", 37, [("/vital_signs/temperature_c", "wrong_type")]),
        ("temperature_c", {"unit": "degC"}, [("/vital_signs/temperature_c/value", "required")]),
        ("temperature_c", {"value": 98.6}, [("/vital_signs/temperature_c/value", "implausible")]),
        ("temperature_c", {"value": 37, "unit": "degF"}, [("/vital_signs/temperature_c/value", "implausible")]),
        ("temperature_c", {"value": 37, "unit": "K"}, [("/vital_signs/temperature_c/unit", "unknown_unit")]),
        ("temperature_c", {"value": 37, "site": "toe"}, [("/vital_signs/temperature_c/site", "unknown_site")]),
        ("temperature_c", {"value": True}, [("/vital_signs/temperature_c/value", "wrong_type")]),
        ("temperature_c", {"value": float("nan")}, [("/vital_signs/temperature_c/value", "wrong_type")]),
        ("temperature_c", {"value": 37, "at": 1}, [("/vital_signs/temperature_c/at", "unknown_key")]),
        ("gcs", {"value": 9}, [("/vital_signs/gcs", "not_askable")]),
    ],
)  # fmt: skip
def test_a_faulty_reading_is_named(code: str, reading: Any, expected: list[tuple[str, str]]) -> None:
    assert _faults("patient", {}, {code: reading}) == expected


def test_all_faults_of_one_log_come_at_once() -> None:
    faults = _faults("patient", {"confusion": 9, "nope": 1}, {"temperature_c": {"value": 400, "site": "toe"}})

    assert len(faults) == 4


@pytest.mark.parametrize(("entered", "celsius"), [(100.4, 38.0), (101.3, 38.5), (100.5, 38.1), (104, 40.0)])
def test_fahrenheit_is_turned_into_celsius_and_the_entry_is_kept(entered: float, celsius: float) -> None:
    found = normalise(load(CATALOGUE), "temperature_c", entered, "degF", "mouth")

    assert found.vital_sign.value == celsius
    assert (found.entered_value, found.entered_unit, found.unit) == (entered, "degF", "degC")


def test_an_unusual_value_is_questioned_and_a_usual_one_is_not() -> None:
    catalogue = load(CATALOGUE)

    assert normalise(catalogue, "temperature_c", 42.5).questioned
    assert not normalise(catalogue, "temperature_c", 42.0).questioned


@pytest.mark.parametrize(("value", "site", "wanted"), [(37.5, "armpit", True), (37.4, "armpit", False), (38.0, "mouth", False), (38.0, None, False)])  # fmt: skip
def test_a_warm_armpit_asks_for_a_better_site(value: float, site: str | None, wanted: bool) -> None:
    assert normalise(load(CATALOGUE), "temperature_c", value, None, site).better_site_wanted is wanted
