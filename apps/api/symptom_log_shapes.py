"""The shape of a symptom log, in and out. Codes, grades, units and ranges are checked against the catalogue by
the intake; here only that they are JSON of the right kind."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from apps.symptoms.models import Reporter, SymptomLog

from .fields import Id, Instant, fault, one_of, text
from .pagination import PageQuery
from .shapes import Answer, Given

MOST_ITEMS = 200
LONGEST_NOTE = 4000

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]


def _read_answer(value: Any) -> int | bool | str:
    """A whole grade, yes or no, or a word such as "refused". 3.0, "3" and null are none of these."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str) and 1 <= len(value) <= 20 and value.isascii() and value.isprintable():
        return value
    raise fault("not_an_answer", _("Give a grade, true or false, or a word of the catalogue."))


def _read_number(value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise fault("not_a_number", _("Give a JSON number, such as 38.4."))
    return value


AnswerGiven = Annotated[
    int | bool | str,
    BeforeValidator(_read_answer),
    WithJsonSchema({"type": ["integer", "boolean", "string"], "maxLength": 20}),
]
Number = Annotated[float | int, BeforeValidator(_read_number), WithJsonSchema({"type": "number"})]


class ReadingGiven(Given):
    value: Number
    unit: Annotated[str, text(20, required=True, one_line=True)]
    """Never guessed: a temperature without its unit is refused."""
    site: Annotated[str, text(40, one_line=True)] | None = None


class LogGiven(Given):
    patient: Id
    client_id: Id
    """Made by the sender, once for each log: sending the same again changes nothing."""
    observed_at: Instant
    reporter: Annotated[str, one_of(Reporter.values)] | None = None
    """Who says so. Only a connected system names it (left out: "system"); a person reports as who they are."""
    answers: Annotated[dict[Code, AnswerGiven], Field(max_length=MOST_ITEMS)] = Field(default_factory=dict)
    vital_signs: Annotated[dict[Code, ReadingGiven], Field(max_length=MOST_ITEMS)] = Field(default_factory=dict)
    note: Annotated[str, text(LONGEST_NOTE)] = ""
    supersedes: Id | None = None
    """The log that this one corrects. Nothing is ever edited."""


class LogQuery(PageQuery):
    patient: Id | None = None
    reporter: Annotated[str, one_of(Reporter.values)] | None = None
    observed_from: Instant | None = None
    observed_before: Instant | None = None

    lookups: ClassVar = {
        "patient": "patient",
        "reporter": "reporter",
        "observed_from": "observed_at__gte",
        "observed_before": "observed_at__lt",
    }


class AlertBrief(Answer):
    id: UUID
    pattern: str
    level: int


class LogAnswer(Answer):
    id: UUID
    patient: UUID
    client_id: UUID
    observed_at: datetime
    recorded_at: datetime
    reporter: str
    recorded_by: UUID | None
    catalogue_version: str
    answers: dict[str, int | bool | str]
    vital_signs: dict[str, Any]
    """Code -> value in the catalogue's unit, site, and the value and unit as they were entered."""
    note: str
    channel: str
    supersedes: UUID | None
    superseded_by: UUID | None


class LogStored(LogAnswer):
    alerts: list[AlertBrief]
    """Raised at once by the emergency floor. The full assessment follows within seconds and may raise more: an
    empty list says nothing about how the person is."""


def log_fields(log: SymptomLog) -> dict[str, Any]:
    return {
        "id": log.pk,
        "patient": log.patient_id,
        "client_id": log.client_id,
        "observed_at": log.observed_at,
        "recorded_at": log.recorded_at,
        "reporter": log.reporter,
        "recorded_by": log.recorded_by_id,
        "catalogue_version": log.catalogue_version,
        "answers": log.answers,
        "vital_signs": log.vital_signs,
        "note": log.note,
        "channel": log.channel,
        "supersedes": log.supersedes_id,
        "superseded_by": getattr(log, "correction_id", None),
    }


def log_answer(log: SymptomLog) -> LogAnswer:
    return LogAnswer.model_construct(**log_fields(log))


EXAMPLE = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca430",
    "observed_at": "2026-11-23T06:40:00+01:00",
    "reporter": "staff",
    "answers": {"confusion": 2, "visual_hallucinations": 1},
    "vital_signs": {"temperature_c": {"value": 38.6, "unit": "degC", "site": "ear"}},
    "note": "Restless since 05:00.",
}
