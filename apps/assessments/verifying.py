"""Stored assessments worked out once more, from the facts kept beside them and by the version they name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet

from apps.assessments.keeping import as_json, facts_sha256, kept, logs_told, told_again
from apps.assessments.models import Assessment
from apps.rules.catalogue import CatalogueError, load
from apps.rules.engine import evaluate
from apps.rules.types import LogFacts

BATCH = 200
"""Assessments held at a time, with the logs they name."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one assessment. Names of fields only: nothing here says how anybody is."""

    assessment_id: UUID
    patient_id: UUID
    fields: tuple[str, ...] = ()
    """Where what is stored differs from what is worked out today."""
    reason: str = ""
    """Why it could not be worked out at all."""

    @property
    def is_same(self) -> bool:
        return not self.fields and not self.reason


def verify(assessments: QuerySet[Assessment]) -> Iterator[Verdict]:
    """One verdict for each, patient by patient, in bounded memory."""
    # Neighbours name the same logs.
    rows = assessments.order_by("patient_id", "assessed_at", "pk").iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield from _verify_batch(batch)


def _verify_batch(batch: Sequence[Assessment]) -> Iterator[Verdict]:
    logs = logs_told(row.facts for row in batch)
    for row in batch:
        try:
            yield Verdict(row.pk, row.patient_id, fields=tuple(_differing(row, logs)))
        except CatalogueError as error:
            yield Verdict(row.pk, row.patient_id, reason=f"catalogue: {error}")
        except Exception as error:
            # By its kind alone: its words may quote what a patient said.
            yield Verdict(row.pk, row.patient_id, reason=f"cannot be replayed: {type(error).__name__}")


def _differing(row: Assessment, logs: Mapping[str, LogFacts]) -> Iterator[str]:
    catalogue = load(row.catalogue_version)
    facts = told_again(row.facts, logs)
    if facts_sha256(row.facts) != row.facts_sha256:
        yield "facts_sha256"
    if _bytes(kept(facts)) != _bytes(row.facts):
        yield "facts"
    again: dict[str, Any] = as_json(evaluate(catalogue, facts))
    yield from (
        f"result.{name}"
        for name in sorted(again.keys() | row.result.keys())
        if name not in again or name not in row.result or _bytes(again[name]) != _bytes(row.result[name])
    )
    columns = {
        "level": max((hit["level"] for hit in again["hits"]), default=0),
        "score": again["score"],
        "score_complete": again["score_complete"],
        "exposed": again["exposed"],
    }
    yield from (name for name, value in columns.items() if getattr(row, name) != value)


def _bytes(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
