"""Reads everything that the rules may need about some patients, in one statement whatever their number.

Written in SQL: through the ORM it is a dozen statements, and each would be paid by every log that is taken in.
PostgreSQL builds one JSON array per kind of row; `facts.py` alone knows what stands where in them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

WINDOW = timedelta(days=14)
"""Nothing that a rule looks at lies further back, but for supply events that are not mended yet."""

# An instant leaves the database as seconds since the epoch, exactly.
_SQL = """
with wanted as (
    select * from unnest(%(patients)s::uuid[], %(since)s::timestamptz[], %(until)s::timestamptz[])
        as w (patient_id, since, until)
)
select p.id, p.birth_date, p.time_zone, p.has_pump,
    (select jsonb_agg(jsonb_build_array(
            l.id, extract(epoch from l.observed_at), l.reporter, l.answers, l.vital_signs, l.supersedes_id,
            (select c.id from symptoms_symptomlog c where c.supersedes_id = l.id and c.recorded_at <= %(known)s))
            order by l.observed_at, l.id)
        from symptoms_symptomlog l
        where l.patient_id = p.id and l.observed_at >= w.since and l.observed_at <= w.until
            and l.recorded_at <= %(known)s),
    (select jsonb_agg(jsonb_build_array(
            d.id, d.route, extract(epoch from d.due_at), d.status, extract(epoch from d.taken_at), d.amount)
            order by coalesce(d.due_at, d.taken_at), d.id)
        from tapers_dose d
        where d.patient_id = p.id and d.recorded_at <= %(known)s
            and coalesce(d.taken_at, d.due_at) >= w.since - interval '7 days'
            and not exists (
                select from tapers_dose c where c.supersedes_id = d.id and c.recorded_at <= %(known)s)),
    (select extract(epoch from max(d.taken_at))
        from tapers_dose d
        where d.patient_id = p.id and d.route = 'oral' and d.status = 'taken' and d.recorded_at <= %(known)s
            and d.taken_at < w.since - interval '7 days'
            and not exists (
                select from tapers_dose c where c.supersedes_id = d.id and c.recorded_at <= %(known)s)),
    (select jsonb_agg(jsonb_build_array(
            e.kind, extract(epoch from e.occurred_at), extract(epoch from e.ended_at), e.tone, e.reservoir_ml)
            order by e.occurred_at, e.id)
        from tapers_pumpevent e
        where e.patient_id = p.id and e.recorded_at <= %(known)s),
    (select jsonb_agg(jsonb_build_array(
            e.kind, extract(epoch from e.occurred_at), extract(epoch from e.ended_at), e.route, e.fraction,
            e.planned, e.count) order by e.occurred_at, e.id)
        from tapers_supplyevent e
        where e.patient_id = p.id and e.recorded_at <= %(known)s),
    (select jsonb_agg(jsonb_build_array(
            extract(epoch from t.created_at),
            extract(epoch from case when t.closed_at <= %(known)s then t.closed_at end), t.use_started_on,
            (select jsonb_agg(jsonb_build_array(
                    v.number, v.kind, extract(epoch from v.effective_at), v.effective_at <= v.recorded_at,
                    (select jsonb_agg(jsonb_build_array(
                            s.number, s.route, extract(epoch from s.starts_at), extract(epoch from s.ends_at),
                            s.daily_dose::text, s.times_of_day, s.amounts::text[]) order by s.route, s.number)
                        from tapers_taperstep s where s.version_id = v.id and not s.is_locked)) order by v.number)
                from tapers_planversion v where v.plan_id = t.id and v.recorded_at <= %(known)s))
            order by t.created_at)
        from tapers_taperplan t where t.patient_id = p.id),
    (select jsonb_agg(jsonb_build_array(
            r.code, extract(epoch from r.present_from), extract(epoch from r.present_until)) order by r.code)
        from patients_riskfactor r where r.patient_id = p.id),
    (select jsonb_agg(jsonb_build_array(
            extract(epoch from g.recorded_at), g.refill_due_on, g.low_reservoir_on, g.refill_booked,
            g.service_ends_on) order by g.recorded_at, g.id)
        from tapers_pumpdates g where g.patient_id = p.id and g.recorded_at <= %(known)s),
    (select jsonb_agg(jsonb_build_array(extract(epoch from z.from_at), z.zone_before, z.zone) order by z.from_at)
        from patients_zonechange z where z.patient_id = p.id and z.recorded_at <= %(known)s),
    (select jsonb_build_array(b.answers, b.vital_signs)
        from symptoms_baseline b where b.patient_id = p.id and b.recorded_at <= %(known)s
        order by b.recorded_at desc limit 1),
    (select l.id from symptoms_symptomlog l
        where l.patient_id = p.id and l.recorded_at <= %(known)s
            and not exists (
                select from symptoms_symptomlog c where c.supersedes_id = l.id and c.recorded_at <= %(known)s)
        order by l.observed_at desc, l.id desc limit 1)
from patients_patient p join wanted w on w.patient_id = p.id
"""


def read_windows(
    spans: Sequence[tuple[UUID, datetime, datetime]], known_at: datetime | None
) -> dict[UUID, tuple[Any, ...]]:
    """For each (patient, first and last moment wanted) the raw row, by patient id; logs reach WINDOW further back.

    `known_at`: leave out what was recorded later; None: whatever the database holds."""
    if not spans:
        return {}
    params: dict[str, Any] = {
        "patients": [patient for patient, _, _ in spans],
        "since": [first - WINDOW for _, first, _ in spans],
        "until": [last for _, _, last in spans],
        "known": known_at or "infinity",
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, params)
        return {row[0]: row for row in cursor.fetchall()}
