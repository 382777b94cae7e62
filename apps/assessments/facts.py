"""The only bridge from rows to rules.

A log's facts hold what was observed at or before its moment: when it was observed; and for the newest log of a
person when something was last reported of the supply, if that was later. A pump that stops at noon is looked at with
the signs of the morning, and nobody has to log anything first. A corrected log is left out once its correction is
there, except from its own facts, where instead its correction is left out: it is assessed as it was stated, whether
the correction came before or after. Only so do logs that arrive in another order end in the same assessments."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from apps.assessments.window import WINDOW, read_windows
from apps.core.days import from_t, local_day, to_t
from apps.patients.models import RiskFactor
from apps.rules.types import (
    Change,
    DoseFacts,
    Facts,
    LogFacts,
    PersonFacts,
    PlanFacts,
    Reporter,
    VitalSign,
)
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Route
from apps.tapers.timeline import StepValues, VersionValues, changes, due_times, stretches

HOUR = 3600.0
NEWBORN_DAYS, INFANT_DAYS, ADULT_YEARS = 28, 365, 18
"""Up to 27 completed days, the first year, and the age of majority: usual definitions."""
_SUPPLY_KIND = {"missed_doses": "missed_dose"}


def gather_facts(logs: Sequence[SymptomLog], known_at: datetime | None = None) -> dict[UUID, Facts]:
    """Facts of each log, by log id, read with one statement.

    `known_at` answers "what did we know then": rows recorded later are left out. None takes all that is stored,
    which is what an assessment wants: a server whose clock runs behind must not overlook what another has written."""
    spans: dict[UUID, tuple[datetime, datetime]] = {}
    for log in logs:
        first, last = spans.get(log.patient_id, (log.observed_at, log.observed_at))
        spans[log.patient_id] = (min(first, log.observed_at), max(last, log.observed_at))
    rows = read_windows([(patient, *span) for patient, span in spans.items()], known_at)
    windows = {patient: _Window(row) for patient, row in rows.items()}
    return {log.pk: windows[log.patient_id].facts_of(log) for log in logs}


class _Window:
    """One patient's rows, read once, cut for each log."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        (_id, self.birth_date, self.zone, self.has_pump, logs, doses, last_before, pump, supply, plans,
         risks, baseline, self.newest) = row  # fmt: skip
        given = _list(logs)
        self.logs = [_log_row(each) for each in given]
        self.supersedes = {each[0]: each[5] for each in given}
        self.corrected = frozenset(each[0] for each in given if each[6])
        self.doses = _list(doses)
        self.last_before = None if last_before is None else float(last_before) / HOUR
        self.events = _events(_list(pump), _list(supply))
        self.plans = [_Plan(each) for each in _list(plans)]
        self.stretches = tuple(one for plan in self.plans for one in plan.stretches)
        self.risks = [(code, _t(start), _t(end)) for code, start, end in _list(risks)]
        self.baseline = _loaded(baseline) or ({}, {})

    def facts_of(self, log: SymptomLog) -> Facts:
        at = self._moment(log)
        t = to_t(at)
        return Facts(
            t=t,
            logs=self._logs_until(log, t),
            person=self._person(at, t),
            plan=self._plan(at),
            changes=self._changes(at, t),
            doses=tuple(self._doses(at, t)),
            baseline=self.baseline[0],
            baseline_vital_signs=self.baseline[1],
        )

    def _moment(self, log: SymptomLog) -> datetime:
        if log.pk != self.newest:
            return log.observed_at
        reported = [
            *(event.t for event in self.events),
            *(event.ended_t for event in self.events),
            *(_t(taken if taken is not None else due) for _, _, due, _, taken, _ in self.doses),
            *(changed for plan in self.plans for changed in plan.changed_t),
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
        return (*before, _own_facts(log))

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
            age_years=_age_years(self.birth_date, local_day(at, self.zone)),
            population=_population(age_days),
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
        reported = {_t(due): (status, _t(taken), amount) for _, route, due, status, taken, amount in self.doses
                    if due is not None and route == Route.ORAL}  # fmt: skip
        if self.last_before is not None and self.last_before <= t:
            yield DoseFacts(Route.ORAL, None, self.last_before, "taken")
        since = at - WINDOW
        for due in due_times(self.stretches, self.zone, since, at):
            due_t = to_t(due.due_at)
            yield _dose(Route.ORAL, due_t, reported.pop(due_t, None), float(due.amount), t)
        first = to_t(since)
        for _, route, due, status, taken, amount in self.doses:
            due_t, taken_t = _t(due), _t(taken)
            moment = taken_t if taken_t is not None else due_t
            is_planned = due_t is not None and route == Route.ORAL and due_t not in reported
            if moment is None or is_planned or moment > t or moment < first:
                continue
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
        self.created_at = _instant(created)
        self.closed_at = None if closed is None else _instant(closed)
        self.use_started_on = date.fromisoformat(use_started_on) if use_started_on else None
        self.versions = [_version(each) for each in versions or []]
        # A change that was announced ahead is not news yet.
        self.changed_t = [_t(effective) for _, _, effective, is_known, _ in versions or [] if is_known]
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
            planned_total_days=self._total_days(at),
        )

    def _total_days(self, at: datetime) -> int | None:
        """From the first reduction of the plan to its last dose; None where no end is planned."""
        known = [one for one in self.stretches if one.version.effective_at <= at or one.covers(at)]
        reductions = [change.t for change in changes(self.stretches, datetime.max.replace(tzinfo=UTC))
                      if change.kind in ("dose_reduced", "stopped")]  # fmt: skip
        ends = [change.t for change in changes(self.stretches, datetime.max.replace(tzinfo=UTC))
                if change.kind == "stopped" and change.last_step_of_plan]  # fmt: skip
        if not known or not reductions or not ends:
            return None
        return round((max(ends) - min(reductions)) / 24)


def _version(row: list[Any]) -> VersionValues:
    number, kind, effective, _is_known, steps = row
    return VersionValues(
        number,
        kind,
        _instant(effective),
        tuple(
            StepValues(
                step_number,
                route,
                _instant(starts),
                None if ends is None else _instant(ends),
                Decimal(daily_dose),
                tuple(time.fromisoformat(clock) for clock in times),
            )
            for step_number, route, starts, ends, daily_dose, times in steps or []
        ),
    )


def _events(pump: list[Any], supply: list[Any]) -> list[Change]:
    found = [
        Change(
            kind,
            _required_t(occurred),
            Route.INTRATHECAL,
            tone=tone or None,
            reservoir_ml=None if reservoir is None else float(reservoir),
            ended_t=_t(ended),
        )
        for kind, occurred, ended, tone, reservoir in pump
    ]
    found += [
        Change(
            _SUPPLY_KIND.get(kind, kind),
            _required_t(occurred),
            route or None,
            fraction=None if fraction is None else float(fraction),
            planned=planned,
            count=count,
            ended_t=_t(ended),
        )
        for kind, occurred, ended, route, fraction, planned, count in supply
    ]
    return found


def _as_known_at(event: Change, t: float) -> Change:
    """Its end, when that lies after the moment looked at, has not happened yet."""
    if event.ended_t is None or event.ended_t <= t:
        return event
    fields = asdict(event) | {"ended_t": None}
    return Change(**fields)


def _by_time(change: Change) -> tuple[Any, ...]:
    return (change.t, change.kind, change.route or "", json.dumps(asdict(change), sort_keys=True))


def _log_row(row: list[Any]) -> LogFacts:
    log_id, observed, reporter, answers, vital_signs, _supersedes, _corrected_by = row
    return LogFacts(log_id, _required_t(observed), Reporter(reporter), answers, _readings(vital_signs))


def _own_facts(log: SymptomLog) -> LogFacts:
    return LogFacts(
        str(log.pk),
        to_t(log.observed_at),
        Reporter(log.reporter),
        log.answers,
        _readings(log.vital_signs),
    )


def _readings(vital_signs: Mapping[str, Any]) -> dict[str, VitalSign]:
    return {code: VitalSign(float(reading["value"]), reading.get("site")) for code, reading in vital_signs.items()}


def _age_years(birth_date: date, on: date) -> float:
    days = (on - birth_date).days
    if days < 730:
        return round(days / 365.25, 4)
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return float(on.year - birth_date.year - (0 if had_birthday else 1))


def _population(age_days: int) -> str:
    if age_days < NEWBORN_DAYS:
        return "newborn"
    if age_days < INFANT_DAYS:
        return "infant"
    return "child" if age_days < ADULT_YEARS * 365.25 else "adult"


def _loaded(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _list(value: Any) -> list[Any]:
    return _loaded(value) or []


def _t(seconds: Any) -> float | None:
    return None if seconds is None else float(seconds) / HOUR


def _required_t(seconds: Any) -> float:
    return float(seconds) / HOUR


def _instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), tz=UTC)


# --- The facts as they are kept ------------------------------------------------------------------


def kept(facts: Facts) -> dict[str, Any]:
    """What is stored beside an assessment. Logs stand there by id alone: they are never edited, and holding two
    weeks of them beside every assessment would be most of the database."""
    told = asdict(facts)
    told["logs"] = [log.id for log in facts.logs]
    told["person"] |= {
        "risk_factors": sorted(facts.person.risk_factors),
        "confounders": sorted(facts.person.confounders),
    }
    if facts.plan is not None:
        told["plan"]["routes"] = sorted(facts.plan.routes)
    return told


def told_again(stored: Mapping[str, Any]) -> Facts:
    """The facts of a stored assessment, to replay it."""
    wanted = list(stored["logs"])
    rows = {str(row.pk): row for row in SymptomLog.objects.filter(pk__in=wanted)}
    person = dict(stored["person"])
    plan = stored["plan"]
    return Facts(
        t=stored["t"],
        logs=tuple(_own_facts(rows[log_id]) for log_id in wanted),
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
    )


def facts_sha256(stored: Mapping[str, Any]) -> str:
    """Of the kept form, canonical: the same facts give the same digest on every machine."""
    canonical = json.dumps(stored, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(canonical.encode()).hexdigest()
