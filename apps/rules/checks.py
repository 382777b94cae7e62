"""Strict checks of what somebody entered, against the catalogue. Every fault is named, none is mended.

Pure functions: forms, API and FHIR all ask here, so that no door is softer than another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite

from apps.rules.contents import Catalogue
from apps.rules.definitions import Symptom, VitalSignDef
from apps.rules.types import Reporter, Unanswered, VitalSign

_AVPU = ("A", "V", "P", "U")
_REASONS = frozenset(Unanswered)
_VITAL_KEYS = frozenset({"value", "unit", "site"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `path` is a JSON pointer; `code` is for machines; `message` with `params` for people."""

    path: str
    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Normalised:
    """A reading in the catalogue's unit, beside what was entered."""

    vital_sign: VitalSign
    unit: str
    entered_value: float
    entered_unit: str
    questioned: bool
    """Possible but unusual: ask again before it is stored, and store it if the person stands by it."""
    better_site_wanted: bool = False
    """Taken where temperatures read low, and warm enough that a better site should be measured."""


def check_answers(
    catalogue: Catalogue,
    reporter: str,
    answers: object,
    vital_signs: object = None,
) -> list[Problem]:
    """All faults of one log: `answers` code -> answer, `vital_signs` code -> {"value", "unit", "site"}.

    Empty means that the log may be stored. Unknown keys, wrong types (a bool is no number), values off
    the scale, items that this reporter is not asked, impossible readings, units and sites are faults.
    """
    if reporter not in set(Reporter):
        return [Problem("/reporter", "unknown_reporter", "Nobody reports as this.", {"given": reporter})]
    problems: list[Problem] = []
    if not isinstance(answers, Mapping):
        problems.append(Problem("/answers", "wrong_type", "Answers must be an object."))
    else:
        for code, answer in answers.items():
            problems += _check_answer(catalogue, Reporter(reporter), code, answer)
    if vital_signs is None:
        return problems
    if not isinstance(vital_signs, Mapping):
        problems.append(Problem("/vital_signs", "wrong_type", "Vital signs must be an object."))
        return problems
    for code, reading in vital_signs.items():
        problems += _check_reading(catalogue, Reporter(reporter), code, reading)
    return problems


def _pointer(*parts: object) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _check_answer(catalogue: Catalogue, reporter: Reporter, code: object, answer: object) -> list[Problem]:
    path = _pointer("answers", code)
    symptom = catalogue.symptoms.get(code) if isinstance(code, str) else None
    if symptom is None:
        return [Problem(path, "unknown_code", "This catalogue has no such item.", {"code": code})]
    problems = []
    if reporter is not Reporter.SYSTEM and reporter not in symptom.reported_by:
        problems.append(
            Problem(
                path,
                "not_askable",
                "This item is not asked of this reporter.",
                {"reporter": str(reporter)},
            )
        )
    if isinstance(answer, str) and answer in _REASONS:
        return problems
    fault = _answer_fault(symptom, answer)
    if fault is not None:
        problems.append(Problem(path, fault[0], fault[1], fault[2]))
    return problems


def _answer_fault(symptom: Symptom, answer: object) -> tuple[str, str, Mapping[str, object]] | None:
    if symptom.measure == "yes_no":
        if isinstance(answer, bool):
            return None
        return "wrong_type", "The answer must be true or false.", {}
    if symptom.measure == "avpu":
        if isinstance(answer, str) and answer in _AVPU:
            return None
        code = "out_of_scale" if isinstance(answer, str) else "wrong_type"
        return code, "The answer must be A, V, P or U.", {"allowed": _AVPU}
    if isinstance(answer, bool) or not isinstance(answer, int):
        return "wrong_type", "The answer must be a whole number.", {}
    if not 0 <= answer <= symptom.highest:
        return (
            "out_of_scale",
            "The answer is off the scale.",
            {"lowest": 0, "highest": symptom.highest},
        )
    return None


def _check_reading(catalogue: Catalogue, reporter: Reporter, code: object, reading: object) -> list[Problem]:
    path = _pointer("vital_signs", code)
    sign = catalogue.vital_signs.get(code) if isinstance(code, str) else None
    if sign is None:
        return [Problem(path, "unknown_code", "This catalogue has no such vital sign.", {"code": code})]
    problems = []
    if reporter is not Reporter.SYSTEM and reporter not in sign.reported_by:
        problems.append(
            Problem(
                path,
                "not_askable",
                "This vital sign is not asked of this reporter.",
                {"reporter": str(reporter)},
            )
        )
    if not isinstance(reading, Mapping):
        return [
            *problems,
            Problem(path, "wrong_type", "A reading must be an object with value and unit."),
        ]
    problems += [
        Problem(_pointer("vital_signs", code, key), "unknown_key", "Unknown key.")
        for key in reading
        if key not in _VITAL_KEYS
    ]
    problems += _check_value(sign, code, reading)
    site = reading.get("site")
    if site is not None and (not isinstance(site, str) or site not in sign.sites):
        problems.append(
            Problem(
                _pointer("vital_signs", code, "site"),
                "unknown_site",
                "This vital sign is not taken there.",
                {"allowed": sign.sites},
            )
        )
    return problems


def _check_value(sign: VitalSignDef, code: object, reading: Mapping[str, object]) -> list[Problem]:
    problems = []
    unit = reading.get("unit", sign.unit)
    known_unit = isinstance(unit, str) and unit in sign.accepted_units
    if not known_unit:
        problems.append(
            Problem(
                _pointer("vital_signs", code, "unit"),
                "unknown_unit",
                "This vital sign is not measured in this unit.",
                {"allowed": tuple(sign.accepted_units)},
            )
        )
    value = reading.get("value")
    path = _pointer("vital_signs", code, "value")
    if value is None:
        problems.append(Problem(path, "required", "The value is missing."))
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        problems.append(Problem(path, "wrong_type", "The value must be a number."))
    elif known_unit:
        low, high = sign.plausible
        canonical = sign.accepted_units[str(unit)].to_canonical(value)
        if not low <= canonical <= high:
            problems.append(
                Problem(
                    path,
                    "implausible",
                    "No living person has this value: check it and its unit.",
                    {"lowest": low, "highest": high, "unit": sign.unit},
                )
            )
    return problems


def normalise(
    catalogue: Catalogue,
    code: str,
    value: float,
    unit: str | None = None,
    site: str | None = None,
) -> Normalised:
    """A reading that passed check_answers, in the catalogue's unit and decimals; entered value kept."""
    sign = catalogue.vital_signs[code]
    entered_unit = unit or sign.unit
    # Rounded to the decimals of the chart, so that 100.5 F reads 38.1 C on it, as on a thermometer.
    canonical = round(sign.accepted_units[entered_unit].to_canonical(value), sign.decimals)
    low, high = sign.questioned
    return Normalised(
        vital_sign=VitalSign(canonical, site),
        unit=sign.unit,
        entered_value=value,
        entered_unit=entered_unit,
        questioned=not low <= canonical <= high,
        better_site_wanted=_better_site_wanted(catalogue, sign, canonical, site),
    )


def _better_site_wanted(catalogue: Catalogue, sign: VitalSignDef, value: float, site: str | None) -> bool:
    if sign.code != "temperature_c" or site is None or site in sign.better_sites:
        return False
    return value >= catalogue.value("t_repeat_better_site")
