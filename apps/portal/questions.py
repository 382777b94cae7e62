"""Which questions this person is asked, in which order and words. Everything comes from the catalogue;
here it is only put in order: signs of danger first, follow-up questions behind the one they follow."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.portal.translations import SpokenCatalogue
from apps.rules.definitions import Symptom, VitalSignDef
from apps.rules.types import Reporter, Unanswered

SKIP = ""
YES, NO = "yes", "no"
CANNOT_ANSWER = str(Unanswered.CANNOT_ANSWER)

AVPU_WORDS = {
    "A": gettext_lazy("Awake, looks and answers"),
    "V": gettext_lazy("Wakes only when you speak"),
    "P": gettext_lazy("Wakes only when it hurts"),
    "U": gettext_lazy("Does not wake at all"),
}

ASKED_BELOW_YEARS = {
    "abnormal_posturing": 5.0,
    "poor_feeding": 5.0,
    "staring_spell": 16.0,
    "child_asleep": 16.0,
}
"""Worded for a baby or a child, so not asked of older people."""

FIRST = ("seizure", "confusion", "visual_hallucinations", "severe_rigidity")
"""Asked before anything else and never folded away: whoever has had a fit should not have to look for it."""

INSISTED_ON = (
    "seizure", "confusion", "visual_hallucinations", "severe_rigidity", "auditory_hallucinations",
    "myoclonus", "sweating", "pruritus",
)  # fmt: skip
"""Confused or seeing things; hot, sweating or shivering; fits or jerks; itching. Project choice of codes."""

SECTIONS = (
    (
        "mind",
        gettext_lazy("Seeing, hearing and thinking"),
        True,
        ("perceptual", "cognition"),
    ),
    (
        "body",
        gettext_lazy("Fits, stiffness and breathing"),
        True,
        ("neuromuscular", "autonomic", "other", "sleep"),
    ),
    ("feelings", gettext_lazy("Fear, mood and safety"), True, ("neuropsychiatric",)),
    ("muscles", gettext_lazy("Muscles"), False, ("neuromuscular",)),
    (
        "sleep-mood",
        gettext_lazy("Sleep, mood and memory"),
        False,
        ("sleep", "neuropsychiatric", "cognition", "perceptual"),
    ),
    ("rest", gettext_lazy("Skin, stomach and the rest"), False, ("autonomic", "other")),
)


@dataclass(frozen=True, slots=True)
class Question:
    symptom: Symptom
    words: str
    choices: tuple[tuple[str, str], ...]
    opening: frozenset[str]
    """Choices that bring up the follow-up question behind this one."""

    @property
    def code(self) -> str:
        return self.symptom.code

    @property
    def aside(self) -> tuple[str, str]:
        """Choices that are no answer, shown apart from the steps."""
        return SKIP, CANNOT_ANSWER

    @property
    def is_insisted_on(self) -> bool:
        """Asked afresh even in a report that is about the same as the one before."""
        return self.code in INSISTED_ON

    @property
    def is_follow_up(self) -> bool:
        return self.symptom.asked_after is not None


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    title: str
    is_danger: bool
    questions: tuple[Question, ...]


def sections(catalogue: SpokenCatalogue, reporter: Reporter, age_years: float) -> tuple[Section, ...]:
    asked = [s for s in catalogue.symptoms.values() if is_asked(s, reporter, age_years)]
    opening = openers(asked)
    first = sorted((s for s in asked if is_first(s)), key=lambda symptom: FIRST.index(_opener(symptom)))
    found = [Section("first", _("First of all"), True, _questions(first, reporter, opening))] if first else []
    for key, title, is_danger, domains in SECTIONS:
        inside = [s for s in asked if s.red_flag is is_danger and s.domain in domains and not is_first(s)]
        inside.sort(key=lambda symptom: domains.index(symptom.domain))
        if inside:
            found.append(Section(key, str(title), is_danger, _questions(inside, reporter, opening)))
    return tuple(found)


def is_first(symptom: Symptom) -> bool:
    """One of the first questions, or what is asked after one of them."""
    return _opener(symptom) in FIRST


def _opener(symptom: Symptom) -> str:
    return symptom.asked_after[0] if symptom.asked_after else symptom.code


def _questions(
    inside: list[Symptom], reporter: Reporter, opening: Mapping[str, frozenset[str]]
) -> tuple[Question, ...]:
    return tuple(
        Question(s, words(s, reporter), choices(s), opening.get(s.code, frozenset()))
        for s in behind_their_openers(inside)
    )


def is_asked(symptom: Symptom, reporter: Reporter, age_years: float) -> bool:
    if age_years >= ASKED_BELOW_YEARS.get(symptom.code, math.inf):
        return False
    return reporter in symptom.reported_by and symptom.measure in ("severity", "yes_no", "avpu")


def vital_signs(catalogue: SpokenCatalogue, reporter: Reporter) -> tuple[VitalSignDef, ...]:
    return tuple(v for v in catalogue.vital_signs.values() if reporter in v.reported_by)


def unmeasured(catalogue: SpokenCatalogue, vital_sign: VitalSignDef, reporter: Reporter) -> tuple[Question, ...]:
    """What can be said of a vital sign by somebody who could not measure it."""
    return tuple(
        Question(symptom, symptom.label, choices(symptom), frozenset())
        for symptom in catalogue.symptoms.values()
        if symptom.vital_sign == vital_sign.code
        and symptom.measure == "vital_sign"
        and symptom.anchors
        and reporter in symptom.reported_by
    )


def words(symptom: Symptom, reporter: Reporter) -> str:
    """The question to the patient; to a carer the plain name of the sign, since "Have you …" would ask
    about the carer."""
    return symptom.label if reporter is Reporter.CARER else symptom.question


def reading_words(vital_sign: VitalSignDef, reporter: Reporter) -> str:
    return vital_sign.label if reporter is Reporter.CARER else vital_sign.question


def choices(symptom: Symptom) -> tuple[tuple[str, str], ...]:
    """Value and words of every answer, without "skip"."""
    if symptom.measure == "yes_no":
        given = [(YES, _("Yes")), (NO, _("No"))]
    elif symptom.measure == "avpu":
        given = [(value, str(text)) for value, text in AVPU_WORDS.items()]
    else:
        given = [(str(grade), sentence(text)) for grade, text in enumerate(symptom.anchors)]
    return (*given, (CANNOT_ANSWER, _("I cannot say")))


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def openers(asked: Iterable[Symptom]) -> Mapping[str, frozenset[str]]:
    """Code -> the answers that bring up a follow-up question."""
    known = {symptom.code: symptom for symptom in asked}
    found: dict[str, frozenset[str]] = {}
    for symptom in known.values():
        if symptom.asked_after is None or symptom.asked_after[0] not in known:
            continue
        code, grade = symptom.asked_after
        if known[code].measure == "yes_no":
            found[code] = frozenset({YES})
        else:
            found[code] = frozenset(str(g) for g in range(int(grade), known[code].highest + 1))
    return found


def behind_their_openers(inside: list[Symptom]) -> list[Symptom]:
    """Follow-up questions moved to just behind the question they follow."""
    follow_ups = [s for s in inside if s.asked_after and s.asked_after[0] in {i.code for i in inside}]
    ordered: list[Symptom] = []
    for symptom in inside:
        if symptom in follow_ups:
            continue
        ordered.append(symptom)
        ordered += [s for s in follow_ups if s.asked_after and s.asked_after[0] == symptom.code]
    return ordered


def answer_of(symptom: Symptom, chosen: str) -> int | bool | str:
    """What the rules are told for the choice made."""
    if chosen in (YES, NO):
        return chosen == YES
    if symptom.is_graded and chosen.isdecimal():
        return int(chosen)
    return chosen


def choice_of(answer: int | bool | str | None) -> str:
    """The choice that a stored answer was."""
    if answer is None:
        return SKIP
    if isinstance(answer, bool):
        return YES if answer else NO
    return str(answer)
