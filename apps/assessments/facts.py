"""The only bridge from rows to rules.

A log's facts hold what was observed at or before its moment: when it was observed; and for the newest log of a
person, when something was last reported of the supply, if that was later. A pump that stops at noon is looked at
with the signs of the morning, and nobody has to log anything first.

A corrected log is left out once its correction is there, except from its own facts, where instead its correction
is left out: it is assessed as it was stated, whether the correction came before or after. Only so do logs that
arrive in another order end in the same assessments."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from apps.assessments.rows import (
    HOUR,
    age_years,
    as_list,
    dates_told,
    events,
    hours_or_none,
    instant,
    loaded,
    log_facts,
    own_facts,
    population,
    version_values,
    whereabouts,
)
from apps.assessments.window import WINDOW, read_windows
from apps.core.days import from_t, local_day, to_t
from apps.patients.models import RiskFactor
from apps.rules.types import Change, DoseFacts, Facts, LogFacts, PersonFacts, PlanFacts, PumpFacts
from apps.symptoms.models import SymptomLog
from apps.tapers.models import PlanVersion, Route
from apps.tapers.timeline import changes, due_times, stretches


def gather_facts(logs: Sequence[SymptomLog], known_at: datetime | None = None) -> dict[UUID, Facts]:
    """Facts of each log, by log id, read with one statement.

    `known_at` answers "what did we know then": rows recorded later are left out. None takes all that is stored,
    as an assessment does: a server whose clock runs behind must not overlook what another has written."""
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for log in logs:
        first, last = spans.get(log.patient_id, (log.observed_at, log.observed_at))
        spans[log.patient_id] = (min(first, log.observed_at), max(last, log.observed_at))
    rows = read_windows([(patient, *span) for patient, span in spans.items()], known_at)
    windows = {patient: _Window(row) for patient, row in rows.items()}
    return {log.pk: windows[log.patient_id].facts_of(log) for log in logs}


@dataclass(frozen=True, slots=True)
class Outlook:
    """One patient at a moment that no log belongs to, and what is known of the time after it."""

    facts: Facts
    plan_changes_ahead: tuple[datetime, ...]
    """When the prescribed dose next changes, begins or ends, in order."""
    reinstated_at: datetime | None
    """When baclofen was last given again after a stop or a cut, as the plan or a report says."""
    plan_since: datetime | None
    """When the plan in force was begun; None: no plan is open."""


def gather_outlooks(patients: Sequence[UUID], at: datetime) -> dict[UUID, Outlook]:
    """Facts of these patients at `at` and what lies ahead, by patient id, read with one statement. The facts hold
    the logs of the 14 days before; there may be none."""
    rows = read_windows([(patient, at, at) for patient in patients], None)
    return {patient: _Window(row).outlook(at) for patient, row in rows.items()}


class _Window:
    """One patient's rows, read once, cut for each log."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        (_id, self.birth_date, self.zone, self.has_pump, logs, doses, last_before, pump, supply, plans,
         risks, pump_dates, zones, baseline, self.newest) = row  # fmt: skip
        given = as_list(logs)
        self.clock = whereabouts(as_list(zones), self.zone)
        self.logs = [log_facts(each) for each in given]
        self.supersedes = {each[0]: each[5] for each in given}
        self.corrected = frozenset(each[0] for each in given if each[6])
        self.doses = as_list(doses)
        self.last_before = None if last_before is None else float(last_before) / HOUR
        self.events = events(as_list(pump), as_list(supply))
        self.plans = [_Plan(each) for each in as_list(plans)]
        self.stretches = tuple(one for plan in self.plans for one in plan.stretches)
        self.risks = [(code, hours_or_none(start), hours_or_none(end)) for code, start, end in as_list(risks)]
        self.pump_dates = [dates_told(each) for each in as_list(pump_dates)]
        self.baseline: tuple[dict[str, Any], dict[str, float]] = tuple(loaded(baseline) or ({}, {}))

    def facts_of(self, log: SymptomLog) -> Facts:
        at = self._moment(log)
        return self._facts(at, self._logs_until(log, to_t(at)))

    def outlook(self, at: datetime) -> Outlook:
        t = to_t(at)
        since = t - WINDOW.total_seconds() / HOUR
        logs = tuple(one for one in self.logs if since <= one.t <= t and one.id not in self.corrected)
        moments = {
            moment for one in self.stretches for moment in (one.starts_at, one.ends_at) if moment is not None
        }
        plan = next((plan for plan in reversed(self.plans) if plan.is_open(at)), None)
        return Outlook(
            facts=self._facts(at, logs),
            plan_changes_ahead=tuple(sorted(moment for moment in moments if moment > at)),
            reinstated_at=self._reinstated(at),
            plan_since=None if plan is None else plan.created_at,
        )

    def _reinstated(self, at: datetime) -> datetime | None:
        ordered = [
            version.effective_at
            for plan in self.plans
            for version in plan.versions
            if version.kind == PlanVersion.Kind.REINSTATE
        ]
        reported = [from_t(event.t) for event in self.events if event.kind == "baclofen_restarted"]
        return max((moment for moment in (*ordered, *reported) if moment <= at), default=None)

    def _facts(self, at: datetime, logs: tuple[LogFacts, ...]) -> Facts:
        t = to_t(at)
        return Facts(
            t=t,
            logs=logs,
            person=self._person(at, t),
            plan=self._plan(at),
            changes=self._changes(at, t),
            doses=tuple(self._doses(at, t)),
            baseline=self.baseline[0],
            baseline_vital_signs=self.baseline[1],
            pump=self._pump(at),
        )

    def _pump(self, at: datetime) -> PumpFacts | None:
        """The newest dates told by then. What was reckoned before a refill no longer holds after it."""
        told = next((dates for dates in reversed(self.pump_dates) if dates.told_at <= at), None)
        if told is None:
            return None
        told_t, t = to_t(told.told_at), to_t(at)
        if any(event.kind == "refill_done" and told_t < event.t <= t for event in self.events):
            told = replace(told, refill_due_on=None, low_reservoir_on=None, refill_booked=None)
        return told.facts(self.zone)

    def _moment(self, log: SymptomLog) -> datetime:
        if log.pk != self.newest:
            return log.observed_at
        reported = [
            *(event.t for event in self.events),
            *(event.ended_t for event in self.events),
            *(hours_or_none(taken if taken is not None else due) for _, _, due, _, taken, _ in self.doses),
            *(changed for plan in self.plans for changed in plan.changed_t),
            *(to_t(dates.told_at) for dates in self.pump_dates),
        ]
        latest = max((moment for moment in reported if moment is not None), default=0.0)
        return max(log.observed_at, from_t(latest))

    def _logs_until(self, log: SymptomLog, t: float) -> tuple[LogFacts, ...]:
        own = str(log.pk)
        since = t - WINDOW.total_seconds() / HOUR
        before = [
            one
            for one in self.logs
            if since <= one.t <= t and one.id != own and not self._is_withdrawn(one.id, own)
        ]
        return (*before, own_facts(log))

    def _is_withdrawn(self, other: str, own: str) -> bool:
        """Corrected since, or itself a correction of the log in hand."""
        if other in self.corrected:
            return True
        earlier = self.supersedes.get(other)
        while earlier is not None and earlier != own:
            earlier = self.supersedes.get(earlier)
        return earlier is not None

    def _person(self, at: datetime, t: float) -> PersonFacts:
        present = {
            code for code, start, end in self.risks if (start is None or start <= t) and (end is None or t < end)
        }
        age_days = (local_day(at, self.zone) - self.birth_date).days
        confounders = {str(code) for code in RiskFactor.CONFOUNDERS}
        return PersonFacts(
            age_years=age_years(self.birth_date, local_day(at, self.zone)),
            population=population(age_days),
            has_pump=self.has_pump,
            risk_factors=frozenset(present - confounders),
            confounders=frozenset(present & confounders),
        )

    def _plan(self, at: datetime) -> PlanFacts | None:
        plan = next((plan for plan in reversed(self.plans) if plan.is_open(at)), None)
        return None if plan is None else plan.facts(at, local_day(at, self.zone))

    def _changes(self, at: datetime, t: float) -> tuple[Change, ...]:
        planned = changes(self.stretches, at)
        happened = (_as_known_at(event, t) for event in self.events if event.t <= t)
        return tuple(sorted((*planned, *happened), key=_by_time))

    def _doses(self, at: datetime, t: float) -> Iterable[DoseFacts]:
        """Every dose due in the window, with what was said of it, and those taken outside the plan."""
        oral = {
            hours_or_none(due): (status, hours_or_none(taken), amount)
            for _, route, due, status, taken, amount in self.doses
            if due is not None and route == Route.ORAL
        }
        if self.last_before is not None and self.last_before <= t:
            yield DoseFacts(Route.ORAL, None, self.last_before, "taken")
        planned = set()
        for due in due_times(self.stretches, self.clock, at - WINDOW, at):
            t_due = to_t(due.due_at)
            planned.add(t_due)
            yield _dose(Route.ORAL, t_due, oral.get(t_due), float(due.amount), t)
        first = to_t(at - WINDOW)
        for _, route, due_s, status, taken, amount in self.doses:
            due_t, taken_t = hours_or_none(due_s), hours_or_none(taken)
            moment = taken_t if taken_t is not None else due_t
            is_told = route == Route.ORAL and due_t in planned
            if moment is not None and not is_told and first <= moment <= t:
                yield _dose(route, due_t, (status, taken_t, amount), None, t)


def _dose(
    route: str,
    due_t: float | None,
    said: tuple[str, float | None, Any] | None,
    planned_amount: float | None,
    t: float,
) -> DoseFacts:
    if said is None:
        return DoseFacts(route, due_t, None, "unknown", planned_amount)
    status, taken_t, amount = said
    if taken_t is not None and taken_t > t:
        # Taken later than the moment looked at: at that moment nobody could say more than "due".
        return DoseFacts(route, due_t, None, "unknown", planned_amount)
    given = float(amount) if amount is not None else planned_amount
    return DoseFacts(route, due_t, taken_t, status, given)


class _Plan:
    def __init__(self, row: list[Any]) -> None:
        created, closed, use_started_on, versions = row
        self.created_at = instant(created)
        self.closed_at = None if closed is None else instant(closed)
        self.use_started_on = date.fromisoformat(use_started_on) if use_started_on else None
        self.versions = [version_values(each) for each in versions or []]
        # A change that was announced ahead is not news yet.
        self.changed_t = [hours_or_none(effective) for _, _, effective, is_known, _ in versions or [] if is_known]
        self.stretches = stretches(self.versions, self.closed_at)

    def is_open(self, at: datetime) -> bool:
        return self.created_at <= at and (self.closed_at is None or at < self.closed_at)

    def facts(self, at: datetime, today: date) -> PlanFacts:
        now = {one.route: one for one in self.stretches if one.covers(at)}
        oral, pump = now.get(Route.ORAL), now.get(Route.INTRATHECAL)
        return PlanFacts(
            routes=frozenset(route for route, one in now.items() if one.daily_dose),
            daily_dose_oral_mg=float(oral.daily_dose) if oral else None,
            daily_dose_intrathecal_microgram=float(pump.daily_dose) if pump else None,
            doses_per_day=len(oral.times_of_day) if oral and oral.times_of_day else None,
            use_days=(today - self.use_started_on).days if self.use_started_on else None,
            planned_total_days=self.total_days,
        )

    @cached_property
    def total_days(self) -> int | None:
        """From the first reduction of the plan to its last dose; None where no end is planned."""
        planned = changes(self.stretches, datetime.max.replace(tzinfo=UTC))
        reductions = [change.t for change in planned if change.kind in ("dose_reduced", "stopped")]
        ends = [change.t for change in planned if change.kind == "stopped" and change.last_step_of_plan]
        return round((max(ends) - min(reductions)) / 24) if ends else None


def _as_known_at(event: Change, t: float) -> Change:
    """Its end, when that lies after the moment looked at, has not happened yet."""
    if event.ended_t is None or event.ended_t <= t:
        return event
    return replace(event, ended_t=None)


def _by_time(change: Change) -> tuple[Any, ...]:
    return (change.t, change.kind, change.route or "", json.dumps(asdict(change), sort_keys=True))
