"""One log seen through one catalogue version: worked out, stored once, and kept where boards read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.db import connection

from apps.assessments.facts import gather_facts
from apps.assessments.keeping import as_json, facts_sha256, kept
from apps.assessments.models import Assessment
from apps.assessments.speaking import SPEAKS_FIRST
from apps.core.days import from_t
from apps.rules.catalogue import Catalogue
from apps.rules.engine import evaluate, evaluate_floor
from apps.rules.types import Evaluation, Facts, Hit
from apps.symptoms.models import SymptomLog


@dataclass(frozen=True, slots=True)
class StoredAssessment:
    assessment: Assessment
    created: bool
    """False: the same facts had been assessed before."""


@dataclass(frozen=True, slots=True)
class Floor:
    hits: tuple[Hit, ...]
    fired_at: datetime
    """The moment that the rules looked at."""


def assess_floor(log: SymptomLog, catalogue: Catalogue) -> Floor:
    """The emergency rules that fire on a log as it is taken in, with all that is stored. One statement."""
    facts = gather_facts([log])[log.pk]
    return Floor(evaluate_floor(catalogue, facts), moment_of(facts, log))


def moment_of(facts: Facts, log: SymptomLog) -> datetime:
    """The moment that the rules looked at; exactly that of the log, where it is that one."""
    moment = from_t(facts.t)
    return log.observed_at if abs(moment - log.observed_at) < timedelta(milliseconds=1) else moment


def assess(facts: Facts, catalogue: Catalogue) -> Evaluation:
    return evaluate(catalogue, facts)


def lock_patients(patient_ids: Sequence[UUID]) -> None:
    """Everything that moves a patient's latest assessment or alerts takes this lock first, so that each sees what
    the one before it wrote. New logs do not wait for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from patients_patient where id = any(%s) order by id for no key update", [list(patient_ids)]
        )


def store_assessment(
    *, log: SymptomLog, facts: Facts, evaluation: Evaluation, at: datetime, generation: int = 1
) -> StoredAssessment:
    """Store once per log, catalogue version and facts, and bring the patient's latest row up to date, in the
    caller's transaction, under the patient's lock. Two statements."""
    assessment = _assessment(log.patient_id, facts, evaluation, at)
    assessment.log = log
    assessment.generation = generation
    stored = _stored(assessment)
    refresh_latest(log.patient_id)
    return stored


def store_assessment_by_clock(
    *, patient_id: UUID, facts: Facts, evaluation: Evaluation, at: datetime
) -> StoredAssessment:
    """As `store_assessment`, of a patient of whom no log came in. The latest row stays: it is about logs."""
    return _stored(_assessment(patient_id, facts, evaluation, at))


def _assessment(patient_id: UUID, facts: Facts, evaluation: Evaluation, at: datetime) -> Assessment:
    told = kept(facts)
    return Assessment(
        id=uuid4(),
        patient_id=patient_id,
        catalogue_version=evaluation.catalogue_version,
        facts_sha256=facts_sha256(told),
        assessed_at=at,
        level=int(max((hit.level for hit in evaluation.hits), default=0)),
        score=evaluation.score,
        score_complete=evaluation.score_complete,
        exposed=evaluation.exposed,
        result=as_json(evaluation),
        facts=told,
    )


def _stored(assessment: Assessment) -> StoredAssessment:
    statement = _STORE if assessment.log_id else _STORE_BY_CLOCK
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(assessment))
        assessment.pk, created = cursor.fetchone()
    assessment._state.adding = False
    assessment._state.db = "default"
    return StoredAssessment(assessment, created)


def _values(row: Assessment) -> dict[str, Any]:
    fields = {field.attname: getattr(row, field.attname) for field in Assessment._meta.concrete_fields}
    return fields | {
        "result": orjson.dumps(row.result).decode(),
        "facts": orjson.dumps(row.facts).decode(),
    }


_INSERT = """
insert into assessments_assessment
    (id, log_id, patient_id, catalogue_version, facts_sha256, generation, assessed_at, level, score,
     score_complete, exposed, result, facts)
values
    (%(id)s, %(log_id)s, %(patient_id)s, %(catalogue_version)s, %(facts_sha256)s, %(generation)s,
     %(assessed_at)s, %(level)s, %(score)s, %(score_complete)s, %(exposed)s, %(result)s::jsonb, %(facts)s::jsonb)
on conflict {same}
    do update set generation = greatest(assessments_assessment.generation, excluded.generation)
returning id, (xmax = 0)
"""
_STORE = _INSERT.format(same="(log_id, catalogue_version, facts_sha256)")
_STORE_BY_CLOCK = _INSERT.format(same="(patient_id, catalogue_version, facts_sha256) where log_id is null")

_NOTE_LOG = """
insert into assessments_latest as latest
    (patient_id, last_log_id, last_log_observed_at, last_log_reporter, level, score_complete, previous_complete)
values (%s, %s, %s, %s, 0, false, false)
on conflict (patient_id) do update set
    last_log_id = excluded.last_log_id,
    last_log_observed_at = excluded.last_log_observed_at,
    last_log_reporter = excluded.last_log_reporter
where (excluded.last_log_observed_at, excluded.last_log_id)
    > (latest.last_log_observed_at, latest.last_log_id)
"""


def note_latest_log(log: SymptomLog) -> None:
    """Show that a log came in and is not yet assessed. Only ever forward by what was observed. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_LOG, [log.patient_id, log.pk, log.observed_at, log.reporter])


# Worked out from the rows each time, so that the order in which they came makes no difference. A log that was
# taken in while this runs may not be seen here, but is never put back: `last_log` only goes forward, unless what
# it names was corrected.
_GOES_ON = """(excluded.last_log_observed_at, excluded.last_log_id)
            >= (latest.last_log_observed_at, latest.last_log_id)
        or exists (select from symptoms_symptomlog c where c.supersedes_id = latest.last_log_id)"""
_REFRESH = f"""
with in_force as (
    select l.id, l.observed_at, l.reporter from symptoms_symptomlog l
    where l.patient_id = %(patient)s
        and not exists (select from symptoms_symptomlog c where c.supersedes_id = l.id)
),
newest as (select * from in_force order by observed_at desc, id desc limit 1),
last_two as (
    select l.observed_at, l.id as log_id, a.id, a.level, a.score, a.score_complete
    from in_force l, lateral (
        select a.id, a.level, a.score, a.score_complete from assessments_assessment a where a.log_id = l.id
        order by {SPEAKS_FIRST} limit 1) a
    order by l.observed_at desc, l.id desc limit 2
),
assessed as (
    select *, row_number() over (order by observed_at desc, log_id desc) as place from last_two
)
insert into assessments_latest as latest
    (patient_id, last_log_id, last_log_observed_at, last_log_reporter, assessment_id, assessed_log_observed_at,
     level, score, previous_score, score_complete, previous_complete)
select %(patient)s, newest.id, newest.observed_at, newest.reporter, a.id, a.observed_at,
    coalesce(a.level, 0), a.score,
    (select score from assessed where place = 2),
    coalesce(a.score_complete, false),
    coalesce((select score_complete from assessed where place = 2), false)
from newest left join assessed a on a.place = 1
on conflict (patient_id) do update set
    last_log_id = case when {_GOES_ON} then excluded.last_log_id else latest.last_log_id end,
    last_log_observed_at =
        case when {_GOES_ON} then excluded.last_log_observed_at else latest.last_log_observed_at end,
    last_log_reporter = case when {_GOES_ON} then excluded.last_log_reporter else latest.last_log_reporter end,
    assessment_id = excluded.assessment_id,
    assessed_log_observed_at = excluded.assessed_log_observed_at,
    level = excluded.level,
    score = excluded.score,
    previous_score = excluded.previous_score,
    score_complete = excluded.score_complete,
    previous_complete = excluded.previous_complete
"""  # noqa: S608 - put together from constants


def refresh_latest(patient_id: UUID) -> None:
    """Bring the row that boards read up to date, under the patient's lock. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"patient": patient_id})
