"""“About the same as last time”: what may be carried over from an earlier report, and what is asked afresh.

Carried over is only what nobody has to act on at once: no sign of danger, nothing of the three questions that must
never be skipped (confused or seeing things; hot, sweating or shivering; fits or jerks), not itching (withdrawal
may show as itching without a rash), nothing that was strong last time, no reading, no note. Which codes, the grade
and the hours are project choices."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.patients.models import Patient
from apps.portal import questions
from apps.portal.translations import SpokenCatalogue
from apps.rules.definitions import Symptom
from apps.rules.types import Reporter
from apps.symptoms.models import SymptomLog

CARRIED_FOR = timedelta(hours=36)
STRONG = 3
NEVER_CARRIED = frozenset({*questions.INSISTED_ON, "piloerection", "rash"})


@dataclass(frozen=True, slots=True)
class Carried:
    log: SymptomLog
    choices: Mapping[str, str]
    """Name of a field -> the choice that it had."""
    until: datetime
    """From then on it is too old to be carried over."""

    @property
    def choices_json(self) -> str:
        return json.dumps(self.choices)

    @property
    def until_ms(self) -> int:
        """As a browser counts: milliseconds since 1970."""
        return int(self.until.timestamp() * 1000)


def may_be_carried(symptom: Symptom, answer: Any) -> bool:
    if symptom.red_flag or symptom.code in NEVER_CARRIED or symptom.vital_sign or symptom.measure == "avpu":
        return False
    return isinstance(answer, int) and (isinstance(answer, bool) or answer < STRONG)


def last_report(patient: Patient, reporter: Reporter, by: Any, *, at: datetime) -> SymptomLog | None:
    """The newest one by the same person in the same part, if it is recent enough."""
    return (
        SymptomLog.objects.in_force()
        .filter(
            patient=patient,
            reporter=str(reporter),
            recorded_by=by,
            is_canary=False,
            observed_at__gt=at - CARRIED_FOR,
            observed_at__lte=at,
        )
        .order_by("-observed_at", "-recorded_at")
        .first()
    )


def carried(log: SymptomLog | None, catalogue: SpokenCatalogue) -> Carried | None:
    """None where there is nothing to carry over."""
    if log is None:
        return None
    choices = {
        f"answer-{code}": questions.choice_of(answer)
        for code, answer in log.answers.items()
        if code in catalogue.symptoms and may_be_carried(catalogue.symptoms[code], answer)
    }
    return Carried(log, choices, log.observed_at + CARRIED_FOR) if choices else None


def codes_as_before(log: SymptomLog, answers: Mapping[str, Any], catalogue: SpokenCatalogue) -> list[str]:
    """The answers that are as they were in `log` and may be carried over."""
    return [
        code
        for code, answer in answers.items()
        if code in catalogue.symptoms
        and may_be_carried(catalogue.symptoms[code], answer)
        and code in log.answers
        and log.answers[code] == answer
        and isinstance(log.answers[code], bool) is isinstance(answer, bool)
    ]


def left_open(asked: Iterable[questions.Question], answers: Mapping[str, Any]) -> list[questions.Question]:
    """Those that are insisted on and have neither an answer nor a reason for none."""
    return [question for question in asked if question.is_insisted_on and question.code not in answers]
