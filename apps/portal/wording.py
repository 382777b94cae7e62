"""A stored log in plain words, by the catalogue version that it was recorded with."""

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.portal.questions import choice_of, choices
from apps.portal.translations import SpokenCatalogue, spoken
from apps.portal.units import site_words, unit_words
from apps.rules.definitions import VitalSignDef
from apps.rules.types import Unanswered
from apps.symptoms.models import SymptomLog

NOTHING_THERE = (0, False, "A")
"""Answers that say that a sign was not there."""


@dataclass(frozen=True, slots=True)
class ReportedItem:
    name: str
    words: str


def reported_items(log: SymptomLog) -> tuple[ReportedItem, ...]:
    """Readings and signs that were there. Signs said not to be there are left out, as are those
    nobody could answer: the caller counts them."""
    catalogue = spoken(log.catalogue_version)
    readings = [reading_item(log, code, catalogue) for code in log.vital_signs]
    signs = [
        ReportedItem(symptom_name(catalogue, code), answer_words(catalogue, code, answer))
        for code, answer in log.answers.items()
        if answer not in NOTHING_THERE and answer not in set(Unanswered)
    ]
    return (*readings, *signs)


def reading_item(log: SymptomLog, code: str, catalogue: SpokenCatalogue) -> ReportedItem:
    definition = catalogue.vital_signs.get(code)
    return ReportedItem(sign_name(catalogue, code), reading_words(log.vital_signs[code], definition))


def unanswered_count(log: SymptomLog) -> int:
    return sum(answer in set(Unanswered) for answer in log.answers.values())


def sign_name(catalogue: SpokenCatalogue, code: str) -> str:
    definition = catalogue.vital_signs.get(code)
    return definition.label if definition else code


def symptom_name(catalogue: SpokenCatalogue, code: str) -> str:
    symptom = catalogue.symptoms.get(code)
    return symptom.label if symptom else code


def answer_words(catalogue: SpokenCatalogue, code: str, answer: Any) -> str:
    symptom = catalogue.symptoms.get(code)
    if symptom is None:
        return str(answer)
    return str(dict(choices(symptom)).get(choice_of(answer), answer))


def reading_words(reading: dict[str, Any], definition: VitalSignDef | None) -> str:
    """As it was typed in, with its unit and site: a person recognises their own reading."""
    entered = reading.get("entered") or {}
    value = entered.get("value", reading["value"])
    unit = entered.get("unit") or (definition.unit if definition else "")
    words = f"{number_format(value)} {unit_words(unit)}"
    site = reading.get("site")
    return _("%(reading)s, %(site)s") % {"reading": words, "site": site_words(site)} if site else words
