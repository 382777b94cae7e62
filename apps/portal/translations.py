"""The catalogue as patients and carers read it, in the language of the page. One file per language lies beside
this module and serves all versions of a catalogue, since codes keep their meaning: a published catalogue stays
as it is, and a translation is reviewed by itself. What has none is shown in the catalogue's own words."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

from apps.rules.catalogue import load
from apps.rules.definitions import Advice, Symptom, VitalSignDef

FOLDER = Path(__file__).parent / "catalogue_texts"

Texts = Mapping[str, Mapping[str, Any]]
NOTHING: Texts = {"symptoms": {}, "anchors": {}, "vital_signs": {}, "advice": {}}


@dataclass(frozen=True, slots=True)
class SpokenCatalogue:
    """What is asked and advised; the codes are those of the catalogue, the words those of one language."""

    version: str
    symptoms: Mapping[str, Symptom]
    vital_signs: Mapping[str, VitalSignDef]
    advice: Mapping[str, Advice]


def spoken(version: str) -> SpokenCatalogue:
    """That version of the catalogue in the language of the page in hand."""
    return _in_language(version, (get_language() or "en").split("-")[0])


def translated_texts(version: str, language: str) -> Texts:
    """`baclofen-withdrawal-2026.2` reads `baclofen-withdrawal.es.yaml`."""
    path = FOLDER / f"{version.rpartition('-')[0]}.{language}.yaml"
    if path.parent != FOLDER or not path.is_file():
        return NOTHING
    return {**NOTHING, **yaml.safe_load(path.read_text(encoding="utf-8"))}


@lru_cache(maxsize=64)  # neither changes while a process lives
def _in_language(version: str, language: str) -> SpokenCatalogue:
    catalogue = load(version)
    texts = translated_texts(version, language)
    anchors = texts["anchors"]
    return SpokenCatalogue(
        version=version,
        symptoms={
            code: replace(
                symptom,
                anchors=tuple(anchors.get(anchor, anchor) for anchor in symptom.anchors),
                **{**symptom.texts.get(language, {}), **texts["symptoms"].get(code, {})},
            )
            for code, symptom in catalogue.symptoms.items()
        },
        vital_signs={
            code: replace(vital_sign, **texts["vital_signs"].get(code, {}))
            for code, vital_sign in catalogue.vital_signs.items()
        },
        advice={
            code: replace(advice, **texts["advice"].get(code, {})) for code, advice in catalogue.advice.items()
        },
    )
