"""What was stored, in the ward's words and by the catalogue version that it was stored with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.alerts.patterns import LABELS
from apps.rules.catalogue import Catalogue, CatalogueError, load
from apps.rules.definitions import Symptom
from apps.rules.types import Unanswered
from apps.symptoms.models import SymptomLog

UNITS = {"degC": "°C", "degF": "°F", "{score}": ""}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of a log: `grade` is 0-4, or None where the item has no grades."""

    code: str
    label: str
    words: str
    grade: int | None
    is_there: bool
    has_answer: bool


def catalogue_of(version: str) -> Catalogue | None:
    """None for a version that this release does not know: codes are then shown as they are."""
    try:
        return load(version)
    except CatalogueError:
        return None


def pattern_label(pattern: str, version: str) -> str:
    if pattern in LABELS:
        return str(LABELS[pattern])
    catalogue = catalogue_of(version)
    known = catalogue.patterns.get(pattern) if catalogue else None
    return known.label if known else plain(pattern)


def pattern_place(pattern: str, version: str) -> int:
    """Where the catalogue lists it; what it does not list comes first, since nobody knows what it hides."""
    catalogue = catalogue_of(version)
    known = list(catalogue.patterns) if catalogue else []
    return known.index(pattern) if pattern in known else -1


def unit_words(text: str) -> str:
    """Units as they are written in a ward; the rules keep to plain letters."""
    for code, words in UNITS.items():
        text = text.replace(code, words)
    return text


def plain(code: str) -> str:
    return code.replace("_", " ")


def code_label(code: str, catalogue: Catalogue | None) -> str:
    """A code of any kind: symptom, vital sign, risk factor, or a fact such as "second_reading_of_…"."""
    if catalogue is None:
        return plain(code)
    if code in catalogue.symptoms:
        return catalogue.symptoms[code].clinical_label
    if code in catalogue.vital_signs:
        return catalogue.vital_signs[code].label
    for prefix, words in (("second_reading_of_", _("second reading: %s")), ("usual_", _("usual value: %s"))):
        rest = code.removeprefix(prefix)
        if rest != code and rest in catalogue.vital_signs:
            return words % catalogue.vital_signs[rest].label
    return catalogue.confounders.get(code) or catalogue.risk_factors.get(code) or plain(code)


def code_labels(codes: Iterable[str], catalogue: Catalogue | None) -> tuple[str, ...]:
    return tuple(code_label(code, catalogue) for code in codes)


def answers_of(log: SymptomLog) -> tuple[Answered, ...]:
    """Every answer, worst first; those without an answer last. None is left out."""
    catalogue = catalogue_of(log.catalogue_version)
    symptoms = catalogue.symptoms if catalogue else {}
    found = [_answered(code, answer, symptoms.get(code)) for code, answer in log.answers.items()]
    return tuple(sorted(found, key=_worst_first))


def _worst_first(answered: Answered) -> tuple[bool, bool, int, str]:
    return (not answered.has_answer, not answered.is_there, -(answered.grade or 0), answered.label)


def _answered(code: str, answer: Any, symptom: Symptom | None) -> Answered:
    label = symptom.clinical_label if symptom else plain(code)
    if isinstance(answer, str) and answer in set(Unanswered):
        return Answered(code, label, plain(answer), None, False, False)
    if isinstance(answer, bool):
        return Answered(code, label, _("yes") if answer else _("no"), None, answer, True)
    if isinstance(answer, int):
        anchors = symptom.anchors if symptom else ()
        words = anchors[answer] if answer < len(anchors) else ""
        return Answered(code, label, words, answer, answer > 0, True)
    return Answered(code, label, str(answer), None, answer != "A", True)


def reading_words(code: str, reading: dict[str, Any], catalogue: Catalogue | None) -> str:
    """In the canonical unit, with the site; as entered beside it when that was in another unit."""
    definition = catalogue.vital_signs.get(code) if catalogue else None
    unit = definition.unit if definition else ""
    words = f"{number_format(reading['value'])} {UNITS.get(unit, unit)}".strip()
    entered = reading.get("entered") or {}
    if entered.get("unit", unit) != unit:
        given = f"{number_format(entered['value'])} {UNITS.get(entered['unit'], entered['unit'])}"
        words = _("%(reading)s (entered as %(given)s)") % {"reading": words, "given": given}
    return f"{words}, {plain(reading['site'])}" if reading.get("site") else words
