"""Puts simulated people and published cases into the records, and has the real rules assess every log.

No alert is made up here: each comes from the engine, and staff of the demo answer those that lie back."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.alerts.services import acknowledge_alert, resolve_alert
from apps.assessments.facts import gather_facts
from apps.assessments.services import refresh_latest
from apps.core.days import local_day, local_instant
from apps.monitoring.pipeline import assess_and_alert
from apps.patients.models import Patient
from apps.patients.services import record_risk_factor
from apps.rules.catalogue import Catalogue
from apps.simulation.generator import STEP_DAYS, SimulatedDose, SimulatedPatient
from apps.symptoms.models import Baseline, SymptomLog
from apps.symptoms.services import body_sha256
from apps.tapers.models import Dose, PumpEvent, Route, SupplyEvent, Unit
from apps.tapers.planning import StepInput, start_plan

CLOCKS = {2: (8, 20), 3: (8, 14, 20), 4: (8, 12, 16, 20)}
ANSWERED_IF_OLDER_THAN = timedelta(hours=4)
"""What fired within the last hours is left for whoever tries the demo."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who reports and who answers."""

    nurse: User
    patient: User | None = None
    carer: User | None = None

    def who(self, reporter: str) -> User | None:
        return {"patient": self.patient, "carer": self.carer, "staff": self.nurse}.get(reporter)


def write_taper(
    person: SimulatedPatient, *, patient: Patient, days: int, ends_at: datetime, cast: Cast, catalogue: Catalogue
) -> list[SymptomLog]:
    """The course of one simulated person, the last of its days today; what lies ahead is left out. Answers its
    logs, assessed."""
    zone = patient.time_zone
    first_day = local_day(ends_at, zone) - timedelta(days=days - 1)
    starts_at = local_instant(first_day, time(0), zone)
    _write_plan(person, patient, first_day, cast)
    for code in person.risk_factors:
        record_risk_factor(patient=patient, code=code, by=cast.nurse, present_from=starts_at - timedelta(days=30))
    Baseline.objects.create(
        patient=patient, answers=dict(person.baseline), recorded_at=starts_at, recorded_by=cast.nurse
    )
    Dose.objects.bulk_create(_doses(person, patient, first_day, ends_at, cast))
    for event in person.events:
        if starts_at + timedelta(hours=event.hours) > ends_at:
            continue
        _write_event(patient, event.door, starts_at + timedelta(hours=event.hours), cast, kind=event.kind,
                     ended_at=_after(starts_at, event.ended_hours))  # fmt: skip
    logs = [
        make_log(
            patient=patient,
            observed_at=starts_at + timedelta(hours=log.hours),
            reporter=log.reporter,
            by=cast.who(log.reporter),
            answers=log.answers,
            vital_signs=log.vital_signs,
            catalogue=catalogue,
        )
        for log in person.logs
        if starts_at + timedelta(hours=log.hours) <= ends_at
    ]
    assess_all(logs, patient=patient, catalogue=catalogue, ends_at=ends_at, cast=cast)
    return logs


def _after(start: datetime, hours: float | None) -> datetime | None:
    return None if hours is None else start + timedelta(hours=hours)


def _write_plan(person: SimulatedPatient, patient: Patient, first_day: date, cast: Cast) -> None:
    route = Route.INTRATHECAL if person.has_pump else Route.ORAL
    starts = [
        local_instant(first_day + timedelta(days=STEP_DAYS * number), time(0), patient.time_zone)
        for number in range(len(person.daily_doses))
    ]
    steps = [
        StepInput(
            route=route,
            starts_at=begins,
            ends_at=ends,
            daily_dose=Decimal(dose),
            unit=Unit.MICROGRAM_PER_DAY if person.has_pump else Unit.MG_PER_DAY,
            times_of_day=() if person.has_pump else tuple(time(hour) for hour in CLOCKS[person.doses_a_day]),
        )
        for dose, begins, ends in zip(person.daily_doses, starts, [*starts[1:], None], strict=True)
    ]
    start_plan(
        patient=patient,
        by=cast.nurse,
        at=starts[0],
        indication="Spasticity",
        use_started_on=first_day - timedelta(days=person.use_days),
        steps=steps,
        effective_at=starts[0],
        reason="Made for the demo.",
    )


def _doses(
    person: SimulatedPatient, patient: Patient, first_day: date, ends_at: datetime, cast: Cast
) -> Iterable[Dose]:
    for told in person.doses:
        row = _dose(told, person, patient, first_day, cast)
        if row.recorded_at <= ends_at:
            yield row


def _dose(told: SimulatedDose, person: SimulatedPatient, patient: Patient, first_day: date, cast: Cast) -> Dose:
    day = first_day + timedelta(days=told.day)
    due_at = local_instant(day, time(CLOCKS[person.doses_a_day][told.place]), patient.time_zone)
    said_at = due_at + timedelta(minutes=told.late_minutes)
    is_taken = told.status == Dose.Status.TAKEN
    step = min(told.day // STEP_DAYS, len(person.daily_doses) - 1)
    amount = Decimal(person.daily_doses[step]) / person.doses_a_day
    return Dose(
        patient=patient,
        route=Route.ORAL,
        due_at=due_at,
        status=told.status,
        taken_at=said_at if is_taken else None,
        amount=round(amount, 3) if is_taken else None,
        reporter="patient",
        recorded_by=cast.patient,
        recorded_at=said_at if is_taken else due_at + timedelta(hours=2),
        client_id=uuid.uuid4(),
    )


def _write_event(patient: Patient, door: str, occurred_at: datetime, cast: Cast, **words: Any) -> None:
    """As known when it happened: what a ward finds out later is not modelled here."""
    model: type[PumpEvent | SupplyEvent] = PumpEvent if door == "pump" else SupplyEvent
    extra: dict[str, str] = {}
    if words["kind"] == PumpEvent.Kind.ALARM and "tone" not in words:
        extra = {"tone": PumpEvent.Tone.TWO}
    if door == "supply" and "route" not in words:
        extra = {"route": Route.INTRATHECAL if patient.has_pump else Route.ORAL}
    model.objects.create(
        patient=patient,
        occurred_at=occurred_at,
        recorded_at=occurred_at,
        recorded_by=cast.nurse,
        client_id=uuid.uuid4(),
        **extra,
        **words,
    )


def write_change(patient: Patient, cast: Cast, *, occurred_at: datetime, kind: str, **words: Any) -> None:
    """One event of a published case, through the door its kind belongs to."""
    if kind in PumpEvent.Kind.values:
        kept = {name: words[name] for name in ("tone", "reservoir_ml") if words.get(name) is not None}
        _write_event(patient, "pump", occurred_at, cast, kind=kind, **({"tone": ""} | kept))
        return
    kept = {name: words[name] for name in ("route", "fraction", "planned", "count") if words.get(name) is not None}
    kind = SupplyEvent.Kind.MISSED if kind == "missed_dose" else kind
    _write_event(patient, "supply", occurred_at, cast, kind=kind, **({"route": ""} | kept))


def make_log(
    *,
    patient: Patient,
    observed_at: datetime,
    reporter: str,
    by: User | None,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, float],
    catalogue: Catalogue,
    note: str = "",
) -> SymptomLog:
    """A row as the intake would have written it, not saved yet."""
    readings = {
        code: {
            "value": value,
            "site": "mouth" if code == "temperature_c" else None,
            "entered": {"value": value, "unit": catalogue.vital_signs[code].unit},
        }
        for code, value in vital_signs.items()
    }
    return SymptomLog(
        patient=patient,
        client_id=uuid.uuid4(),
        body_sha256=body_sha256(
            observed_at=observed_at,
            reporter=reporter,
            answers=answers,
            vital_signs=readings,
            note=note,
            supersedes_id=None,
        ),
        observed_at=observed_at,
        recorded_at=observed_at,
        reporter=reporter,
        recorded_by=by,
        catalogue_version=catalogue.version,
        answers=dict(answers),
        vital_signs=readings,
        note=note,
        channel="simulation",
    )


def assess_all(
    logs: Sequence[SymptomLog], *, patient: Patient, catalogue: Catalogue, ends_at: datetime, cast: Cast
) -> None:
    """Store the logs and assess each as of the moment it came in, oldest first, by the product's own pipeline."""
    SymptomLog.objects.bulk_create(logs)
    facts = gather_facts(logs)
    for log in sorted(logs, key=lambda one: one.observed_at):
        _, alerts = assess_and_alert(log, catalogue, log.recorded_at, facts=facts[log.pk])
        if log.recorded_at < ends_at - ANSWERED_IF_OLDER_THAN:
            _answer(alerts, cast.nurse, log.recorded_at)
    refresh_latest(patient.pk)


def _answer(alerts: Iterable[Alert], nurse: User, at: datetime) -> None:
    for alert in alerts:
        if alert.status != Alert.Status.OPEN:
            continue
        if alert.level >= Level.URGENT:
            acknowledge_alert(alert=alert, by=nurse, at=at + timedelta(minutes=4))
        resolve_alert(
            alert=alert,
            by=nurse,
            at=at + timedelta(minutes=35),
            outcome=Alert.Outcome.REINSTATED if alert.level == Level.EMERGENCY else Alert.Outcome.REVIEWED,
            note="Seen at the bedside.",
        )
