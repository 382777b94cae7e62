"""The facts of an assessment as they are kept beside it, and read back to replay it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import orjson

from apps.assessments.rows import own_facts
from apps.rules.types import (
    Change,
    DoseFacts,
    Evaluation,
    Facts,
    Hit,
    LogFacts,
    Matched,
    PersonFacts,
    PlanFacts,
    PumpFacts,
)
from apps.symptoms.models import SymptomLog

_NAMED = (Evaluation, Hit, Matched)


def as_json(value: object) -> Any:
    """Frozen rule types as plain JSON values; sets as sorted lists."""
    return orjson.loads(orjson.dumps(value, default=_plain))


def _plain(value: Any) -> Any:
    return value._asdict() if isinstance(value, _NAMED) else sorted(value)


def kept(facts: Facts) -> dict[str, Any]:
    """What is stored beside an assessment. Logs stand there by id alone: they are never edited, and holding two
    weeks of them beside every assessment would be most of the database."""
    told: dict[str, Any] = as_json(replace(facts, logs=()))
    return told | {"logs": [log.id for log in facts.logs]}


def logs_told(stored: Iterable[Mapping[str, Any]]) -> dict[str, LogFacts]:
    """The logs that these facts name, by id, read with one statement."""
    wanted = {log_id for facts in stored for log_id in facts["logs"]}
    return {str(row.pk): own_facts(row) for row in SymptomLog.objects.filter(pk__in=wanted)} if wanted else {}


def told_again(stored: Mapping[str, Any], logs: Mapping[str, LogFacts] | None = None) -> Facts:
    """The facts of a stored assessment, to replay it. `logs`: those it names, where they were read before.

    Errors: KeyError when a log that it names is there no more."""
    known = logs_told([stored]) if logs is None else logs
    person = dict(stored["person"])
    plan, pump = stored["plan"], stored.get("pump")
    return Facts(
        t=stored["t"],
        logs=tuple(known[log_id] for log_id in stored["logs"]),
        person=PersonFacts(
            **person
            | {
                "risk_factors": frozenset(person["risk_factors"]),
                "confounders": frozenset(person["confounders"]),
            }
        ),
        plan=None if plan is None else PlanFacts(**plan | {"routes": frozenset(plan["routes"])}),
        changes=tuple(Change(**change) for change in stored["changes"]),
        doses=tuple(DoseFacts(**dose) for dose in stored["doses"]),
        baseline=stored["baseline"],
        baseline_vital_signs=stored["baseline_vital_signs"],
        pump=None if pump is None else PumpFacts(**pump),
    )


def facts_sha256(stored: Mapping[str, Any]) -> str:
    """Of the kept form, canonical: the same facts give the same digest on every machine."""
    return sha256(orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)).hexdigest()
