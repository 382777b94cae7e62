"""Everybody on a ward in one statement, and their open alerts in a second: however many beds, two.

The plan is read here by the same rules as `tapers.selectors.plan_at`, which reads one patient; a test holds the
two together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import OuterRef, Q, Subquery

from apps.alerts.models import Alert, EscalationStep
from apps.patients.models import Stay
from apps.tapers.models import Route
from apps.wards.models import Ward

DOSES_LOOKED_AT = timedelta(days=14)
"""An older dose is not "the last dose": the board then says that none is known."""
EVENTS_LOOKED_AT = timedelta(days=30)
RECENT = timedelta(hours=72)
"""Doses missed this long ago are counted, and changes this long ago are looked for."""


@dataclass(frozen=True, slots=True)
class PatientRead:
    """One patient of the ward as the database has them. Instants are aware UTC datetimes."""

    patient_id: UUID
    bed: str
    admitted_at: datetime
    left_at: datetime | None
    """Not in any ward's care since; here because an alert is open."""
    given_name: str
    family_name: str
    birth_date: date
    time_zone: str
    has_pump: bool
    last_log_id: UUID | None
    last_log_at: datetime | None
    last_log_recorded_at: datetime | None
    last_log_reporter: str | None
    last_log_by: str | None
    is_assessed: bool
    score: int | None
    previous_score: int | None
    score_complete: bool
    previous_complete: bool
    last_taken_at: datetime | None
    missed_doses: int
    last_missed_at: datetime | None
    plan_kind: str | None
    plan_changed_at: datetime | None
    """The latest change that the plan made, its very start left out."""
    plan_routes: list[tuple[str, int, int | None, str | None]]
    """(route, steps of it, number of the step in force, daily dose)."""
    step_waits: bool
    """The time of a locked step has come, and nobody has released it."""
    pump_kind: str | None
    pump_at: datetime | None
    pump_ended_at: datetime | None
    supply_kind: str | None
    supply_at: datetime | None

    @property
    def change(self) -> tuple[str, datetime | None]:
        """Where the newest known change came from (plan, dose, pump or supply), and when."""
        known = (
            ("plan", self.plan_changed_at),
            ("dose", self.last_missed_at),
            ("pump", self.pump_at),
            ("supply", self.supply_at),
        )
        dated = [(source, when) for source, when in known if when is not None]
        return max(dated, key=lambda change: change[1], default=("", None))

    @property
    def changed_at(self) -> datetime | None:
        return self.change[1]

    @property
    def tapered(self) -> tuple[str, int, int | None, str | None] | None:
        """The route with the most steps; by mouth where both have as many."""
        return max(self.plan_routes, key=lambda one: (one[1], one[0] == Route.ORAL), default=None)

    @property
    def daily_doses(self) -> tuple[tuple[str, Decimal], ...]:
        """Route and daily dose, mg by mouth, microgram by pump."""
        return tuple((route, Decimal(dose)) for route, _, _, dose in self.plan_routes if dose is not None)


_PATIENTS = """
select
    p.id, s.bed, s.admitted_at, s.discharged_at,
    p.given_name, p.family_name, p.birth_date, p.time_zone, p.has_pump,
    l.last_log_id, l.last_log_observed_at, log.recorded_at, l.last_log_reporter, who.display_name,
    coalesce(a.log_id = l.last_log_id, false), l.score, l.previous_score,
    coalesce(l.score_complete, false), coalesce(l.previous_complete, false),
    dose.last_taken_at, coalesce(dose.missed, 0), dose.last_missed_at,
    version.kind,
    greatest(case when version.number > 1 then version.effective_at end, step.changed_at),
    coalesce(step.routes, '[]'), coalesce(step.waits, false),
    pump.kind, pump.occurred_at, pump.ended_at,
    supply.kind, supply.occurred_at
from patients_stay s
join patients_patient p on p.id = s.patient_id and not p.is_synthetic
left join assessments_latest l on l.patient_id = p.id
left join symptoms_symptomlog log on log.id = l.last_log_id
left join accounts_user who on who.id = log.recorded_by_id
left join assessments_assessment a on a.id = l.assessment_id
left join lateral (
    -- Whatever corrects a dose was recorded after it, so it is found in the same stretch of time.
    select array_agg(later.supersedes_id) as doses
    from tapers_dose later
    where later.patient_id = p.id and later.recorded_at >= %(doses_from)s and later.supersedes_id is not null
) corrected on true
left join lateral (
    select max(d.taken_at) filter (where d.status = 'taken' and d.taken_at <= %(at)s) as last_taken_at,
        count(*) filter (where d.status = 'missed' and d.due_at between %(recent)s and %(at)s) as missed,
        max(d.due_at) filter (where d.status = 'missed' and d.due_at <= %(at)s) as last_missed_at
    from tapers_dose d
    where d.patient_id = p.id and d.route = 'oral' and d.recorded_at >= %(doses_from)s
        and (corrected.doses is null or d.id <> all (corrected.doses))
) dose on true
left join lateral (
    select v.id, v.number, v.kind, v.effective_at
    from tapers_taperplan plan join tapers_planversion v on v.plan_id = plan.id
    where plan.patient_id = p.id and plan.created_at <= %(at)s
        and (plan.closed_at is null or plan.closed_at > %(at)s)
    order by plan.created_at desc, (v.effective_at <= %(at)s) desc, v.number desc limit 1
) version on true
left join lateral (
    select jsonb_agg(jsonb_build_array(route, steps, number, dose) order by route) as routes,
        max(began) filter (where number > 1) as changed_at, bool_or(waits) as waits
    from (
        select n.route, count(*) as steps,
            max(n.number) filter (where n.in_force) as number,
            (max(n.daily_dose) filter (where n.in_force))::text as dose,
            max(n.starts_at) filter (where n.in_force) as began, bool_or(n.waits) as waits
        from (
            select t.route, t.daily_dose, t.starts_at, t.is_locked and t.starts_at <= %(at)s as waits,
                row_number() over (partition by t.route order by t.starts_at) as number,
                not t.is_locked and greatest(t.starts_at, version.effective_at) <= %(at)s
                    and (t.ends_at is null or t.ends_at > %(at)s) as in_force
            from tapers_taperstep t where t.version_id = version.id
        ) n group by n.route
    ) by_route
) step on true
left join lateral (
    select e.kind, e.occurred_at, e.ended_at from tapers_pumpevent e
    where e.patient_id = p.id and e.occurred_at between %(events_from)s and %(at)s
    order by (e.ended_at is null) desc, e.occurred_at desc limit 1
) pump on p.has_pump
left join lateral (
    select e.kind, e.occurred_at from tapers_supplyevent e
    where e.patient_id = p.id and e.occurred_at between %(recent)s and %(at)s
    order by e.occurred_at desc limit 1
) supply on true
where s.ward_id = %(ward)s and (s.discharged_at is null or (
    exists (select from alerts_alert x
        where x.patient_id = p.id and x.status <> 'resolved' and x.ward_id = %(ward)s)
    and not exists (select from patients_stay n
        where n.patient_id = p.id and (n.discharged_at is null or n.admitted_at > s.admitted_at))))
"""


def read_patients(ward: Ward, at: datetime) -> list[PatientRead]:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            _PATIENTS,
            {
                "ward": ward.pk,
                "at": at,
                "recent": at - RECENT,
                "doses_from": at - DOSES_LOOKED_AT,
                "events_from": at - EVENTS_LOOKED_AT,
            },
        )
        return [_patient_read(row) for row in cursor.fetchall()]


def _patient_read(row: tuple[Any, ...]) -> PatientRead:
    # Django hands jsonb over as text.
    values = list(row)
    values[_ROUTES] = orjson.loads(values[_ROUTES])
    return PatientRead(*values)


_ROUTES = [field.name for field in fields(PatientRead)].index("plan_routes")
_ALERT_FIELDS = (
    "patient_id", "id", "pattern", "level", "raised_at", "hits",
    "acknowledged_by_id", "acknowledged_by__display_name", "acknowledged_at", "catalogue_version",
    "silenced_until", "silenced_by__display_name", "asked",
)  # fmt: skip


def read_open_alerts(ward: Ward) -> Mapping[UUID, list[dict[str, Any]]]:
    """Patient -> open alerts. One statement."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    current = Stay.objects.current()
    here = Q(patient__in=current.filter(ward=ward).values("patient"))
    left = Q(ward=ward) & ~Q(patient__in=current.values("patient"))
    # The first call of the newest round is for a person by name where somebody passed the alert on to them.
    first_calls = EscalationStep.objects.filter(alert=OuterRef("pk"), number=1).order_by("-episode")
    alerts = (
        Alert.objects.open()
        .filter(here | left)
        .annotate(asked=Subquery(first_calls.values("person__display_name")[:1]))
        .order_by("id")
        .values(*_ALERT_FIELDS)
    )
    for alert in alerts:
        found.setdefault(alert["patient_id"], []).append(alert)
    return found
