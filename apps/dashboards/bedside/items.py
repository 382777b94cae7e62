"""What a nurse is asked for, by who says it: signs of danger first, then body system by body system. Items, words
and scales are those of the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.rules.catalogue import Catalogue
from apps.rules.definitions import Symptom, VitalSignDef
from apps.rules.types import Reporter, Unanswered

ASKED_BELOW_YEARS: Mapping[str, float] = {
    "abnormal_posturing": 5.0,
    "poor_feeding": 5.0,
    "staring_spell": 16.0,
    "child_asleep": 16.0,
}
"""Worded for a baby or a child."""
SCORES = ("four_at_attention", "four_at_total")
WITH_READINGS = ("reduced_consciousness", "oxygen_given")
"""What NEWS2 needs besides what is measured."""
GROUPS: tuple[tuple[str, str | Promise, tuple[str, ...]], ...] = (
    ("mind", gettext_lazy("Perception and thinking"), ("perceptual", "cognition")),
    ("nerves", gettext_lazy("Muscles, fits and nerves"), ("neuromuscular",)),
    ("autonomic", gettext_lazy("Autonomic"), ("autonomic",)),
    ("mood", gettext_lazy("Mood, behaviour and safety"), ("neuropsychiatric",)),
    ("rest", gettext_lazy("Sleep, skin, stomach and the rest"), ("sleep", "other")),
)
UNANSWERED: Mapping[str, str | Promise] = {
    Unanswered.ASLEEP: gettext_lazy("asleep"),
    Unanswered.REFUSED: gettext_lazy("refused"),
    Unanswered.TOO_CONFUSED: gettext_lazy("too confused"),
    Unanswered.TOO_UNWELL: gettext_lazy("too unwell"),
    Unanswered.CANNOT_ANSWER: gettext_lazy("cannot be said"),
}
AVPU: Mapping[str, str | Promise] = {
    "A": gettext_lazy("A: alert"),
    "V": gettext_lazy("V: to voice"),
    "P": gettext_lazy("P: to pain"),
    "U": gettext_lazy("U: unresponsive"),
}
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    title: str
    symptoms: tuple[Symptom, ...]


def groups(catalogue: Catalogue, reporter: Reporter, age_years: float) -> tuple[Group, ...]:
    """Only what is asked of this reporter; within a group what is a sign of danger comes first."""
    asked = [one for one in catalogue.symptoms.values() if _is_asked(one, reporter, age_years)]
    apart = {*SCORES, *WITH_READINGS}
    found = []
    for key, title, domains in GROUPS:
        inside = [one for one in asked if one.domain in domains and one.code not in apart]
        inside.sort(key=lambda one: (not one.red_flag, domains.index(one.domain)))
        if inside:
            found.append(Group(key, str(title), tuple(inside)))
    scores = _named(asked, SCORES)
    if scores:
        found.insert(1, Group("scores", _("4AT"), scores))
    return tuple(found)


def with_readings(catalogue: Catalogue, reporter: Reporter) -> tuple[Symptom, ...]:
    return _named([one for one in catalogue.symptoms.values() if reporter in one.reported_by], WITH_READINGS)


def vital_signs(catalogue: Catalogue, reporter: Reporter) -> tuple[VitalSignDef, ...]:
    return tuple(one for one in catalogue.vital_signs.values() if reporter in one.reported_by)


def choices(symptom: Symptom) -> list[tuple[str, str]]:
    """Value and words; first that nobody looked, which is no answer."""
    if symptom.measure == "yes_no":
        given = [(YES, _("yes")), (NO, _("no"))]
    elif symptom.measure == "avpu":
        given = [(value, str(words)) for value, words in AVPU.items()]
    else:
        given = [(str(grade), _grade(symptom, grade)) for grade in range(int(symptom.highest) + 1)]
    return [("", _("not looked at")), *given, *((str(code), str(words)) for code, words in UNANSWERED.items())]


def answer_of(symptom: Symptom, chosen: str) -> int | bool | str:
    """What the rules are told."""
    if symptom.measure == "yes_no" and chosen in (YES, NO):
        return chosen == YES
    return int(chosen) if chosen.isdecimal() else chosen


def choice_of(answer: object) -> str:
    if isinstance(answer, bool):
        return YES if answer else NO
    return str(answer)


def _is_asked(symptom: Symptom, reporter: Reporter, age_years: float) -> bool:
    if age_years >= ASKED_BELOW_YEARS.get(symptom.code, float("inf")):
        return False
    return reporter in symptom.reported_by and symptom.measure in ("severity", "yes_no", "avpu", "score")


def _named(symptoms: Iterable[Symptom], codes: tuple[str, ...]) -> tuple[Symptom, ...]:
    known = {one.code: one for one in symptoms}
    return tuple(known[code] for code in codes if code in known)


def _grade(symptom: Symptom, grade: int) -> str:
    words = symptom.anchors[grade] if grade < len(symptom.anchors) else ""
    return f"{grade}: {words}" if words else str(grade)
