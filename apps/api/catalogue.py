from functools import lru_cache
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from apps.assessments.active import active_catalogue
from apps.rules.catalogue import Catalogue
from apps.rules.definitions import Pattern, Symptom, VitalSignDef
from apps.rules.types import Level, Unanswered

from .base import ApiView
from .permissions import EVERYBODY, Access
from .schema import describe
from .shapes import Answer


class CodeAnswer(Answer):
    system: str
    code: str


class SymptomAnswer(Answer):
    code: str
    label: str
    question: str
    group: str
    domain: str
    measure: str
    """severity 0-4, yes_no, avpu, score; vital_sign, lab and derived are graded 0-4 where there is no reading."""
    highest: int
    """The largest number that may be answered."""
    anchors: list[str]
    """Wording of the grades 0 to 4; empty where there are none."""
    reported_by: list[str]
    red_flag: bool
    asked_after: dict[str, float] | None
    """Ask only when this item was answered with at least this grade."""
    vital_sign: str | None
    codes: list[CodeAnswer]
    texts: dict[str, dict[str, str]]
    """Language -> label and question."""
    sources: list[str]


class VitalSignAnswer(Answer):
    code: str
    label: str
    question: str
    unit: str
    """Readings are kept in this unit; every reading must name the unit it is given in."""
    accepted_units: list[str]
    lowest: float
    highest: float
    questioned_below: float
    questioned_above: float
    decimals: int
    sites: list[str]
    reported_by: list[str]
    loinc: str | None
    sources: list[str]


class PatternAnswer(Answer):
    code: str
    label: str
    description: str
    is_withdrawal: bool


class RuleAnswer(Answer):
    id: str
    pattern: str
    level: int
    because: str
    tag: str
    source: list[str]


class LevelAnswer(Answer):
    level: int
    code: str


class CatalogueAnswer(Answer):
    version: str
    sha256: str
    title: str
    unanswered: list[str]
    """What may stand in place of an answer: recorded, and never zero."""
    levels: list[LevelAnswer]
    symptoms: list[SymptomAnswer]
    vital_signs: list[VitalSignAnswer]
    patterns: list[PatternAnswer]
    rules: list[RuleAnswer]
    sources: dict[str, str]


class ActiveCatalogue(ApiView):
    access: ClassVar = {"GET": Access("logs:read", EVERYBODY)}

    @describe("Read the catalogue in force: codes, wording, scales, units and rules", answer=CatalogueAnswer)
    def get(self, request: Request) -> Response:
        return Response(catalogue_answer(active_catalogue()))


@lru_cache(maxsize=4)  # a version is one frozen object
def catalogue_answer(catalogue: Catalogue) -> CatalogueAnswer:
    return CatalogueAnswer(
        version=catalogue.version,
        sha256=catalogue.sha256,
        title=catalogue.title,
        unanswered=[str(reason) for reason in Unanswered],
        levels=[LevelAnswer(level=level, code=level.name.lower()) for level in Level],
        symptoms=[_symptom(symptom) for symptom in catalogue.symptoms.values()],
        vital_signs=[_vital_sign(sign) for sign in catalogue.vital_signs.values()],
        patterns=[_pattern(pattern) for pattern in catalogue.patterns.values()],
        rules=[
            RuleAnswer(
                id=rule.id,
                pattern=rule.pattern,
                level=rule.level,
                because=rule.because,
                tag=rule.tag,
                source=list(rule.source),
            )
            for rule in catalogue.rules
        ],
        sources={code: source.citation for code, source in catalogue.sources.items()},
    )


def _symptom(symptom: Symptom) -> SymptomAnswer:
    return SymptomAnswer(
        code=symptom.code,
        label=symptom.label,
        question=symptom.question,
        group=symptom.group,
        domain=symptom.domain,
        measure=symptom.measure,
        highest=symptom.highest,
        anchors=list(symptom.anchors),
        reported_by=sorted(symptom.reported_by),
        red_flag=symptom.red_flag,
        asked_after=None if symptom.asked_after is None else dict([symptom.asked_after]),
        vital_sign=symptom.vital_sign,
        codes=[CodeAnswer(system=code.system, code=code.code) for code in symptom.codes if code.may_be_sent],
        texts={language: dict(texts) for language, texts in symptom.texts.items()},
        sources=list(symptom.sources),
    )


def _vital_sign(sign: VitalSignDef) -> VitalSignAnswer:
    return VitalSignAnswer(
        code=sign.code,
        label=sign.label,
        question=sign.question,
        unit=sign.unit,
        accepted_units=sorted({sign.unit, *sign.accepted_units}),
        lowest=sign.plausible[0],
        highest=sign.plausible[1],
        questioned_below=sign.questioned[0],
        questioned_above=sign.questioned[1],
        decimals=sign.decimals,
        sites=list(sign.sites),
        reported_by=sorted(sign.reported_by),
        loinc=sign.loinc.code if sign.loinc and sign.loinc.may_be_sent else None,
        sources=list(sign.sources),
    )


def _pattern(pattern: Pattern) -> PatternAnswer:
    return PatternAnswer(
        code=pattern.code,
        label=pattern.label,
        description=pattern.description,
        is_withdrawal=pattern.is_withdrawal,
    )
