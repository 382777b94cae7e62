"""Puts simulated people into the records: plan, doses, events and logs, as the doors would have written them."""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.core.days import local_day, local_instant
from apps.patients.models import Patient
from apps.patients.services import record_risk_factor
from apps.rules.catalogue import Catalogue
from apps.simulation.assessing import Cast, SupplyReport, assess_all
from apps.simulation.people import CLOCKS, STEP_DAYS, SimulatedDose, SimulatedPatient, doses_of
from apps.symptoms.models import Baseline, SymptomLog
from apps.symptoms.services import body_sha256
from apps.tapers.models import Dose, PumpEvent, Route, SupplyEvent, Unit
from apps.tapers.planning import StepInput, start_plan

SAID_MISSED_AFTER = timedelta(hours=2)


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
        patient=patient,
        answers=dict(person.baseline),
        vital_signs=dict(person.baseline_vital_signs),
        recorded_at=starts_at,
        recorded_by=cast.nurse,
    )
    doses = Dose.objects.bulk_create(_doses(person, patient, first_day, ends_at, cast))
    reports = list(_write_events(person, patient, starts_at, ends_at, cast))
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
    # What a dose that was taken changes is seen with the next log; the reports below call somebody by themselves.
    reports += [SupplyReport(dose.recorded_at) for dose in doses if dose.status == Dose.Status.MISSED]
    assess_all(logs, patient=patient, catalogue=catalogue, ends_at=ends_at, cast=cast, reports=reports)
    return logs


def _write_events(
    person: SimulatedPatient, patient: Patient, starts_at: datetime, ends_at: datetime, cast: Cast
) -> Iterator[SupplyReport]:
    """What was reported, and when; what lies ahead is left out, an end too."""
    for event in person.events:
        occurred_at, ended_at = starts_at + timedelta(hours=event.hours), _after(starts_at, event.ended_hours)
        if occurred_at > ends_at:
            continue
        is_over = ended_at is not None and ended_at <= ends_at
        row = _write_event(
            patient, event.door, occurred_at, cast, kind=event.kind, ended_at=ended_at if is_over else None
        )
        yield SupplyReport(occurred_at)
        if is_over and ended_at is not None:
            yield SupplyReport(ended_at, ends=row)


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
            times_of_day=() if person.has_pump else _clocks(dose, person.doses_a_day),
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


def _clocks(daily_mg: int, most: int) -> tuple[time, ...]:
    return tuple(time(hour) for hour in CLOCKS[doses_of(daily_mg, most)])


def _doses(
    person: SimulatedPatient, patient: Patient, first_day: date, ends_at: datetime, cast: Cast
) -> Iterable[Dose]:
    for told in person.doses:
        row = _dose(told, person, patient, first_day, cast)
        if row.recorded_at <= ends_at:
            yield row


def _dose(told: SimulatedDose, person: SimulatedPatient, patient: Patient, first_day: date, cast: Cast) -> Dose:
    day = first_day + timedelta(days=told.day)
    doses = person.doses_on(told.day)
    due_at = local_instant(day, time(CLOCKS[doses][told.place]), patient.time_zone)
    said_at = due_at + timedelta(minutes=told.late_minutes)
    is_taken = told.status == Dose.Status.TAKEN
    amount = Decimal(person.daily_dose_on(told.day)) / doses
    return Dose(
        patient=patient,
        route=Route.ORAL,
        due_at=due_at,
        status=told.status,
        taken_at=said_at if is_taken else None,
        amount=round(amount, 3) if is_taken else None,
        reporter="patient",
        recorded_by=cast.patient,
        recorded_at=said_at if is_taken else due_at + SAID_MISSED_AFTER,
        client_id=uuid.uuid4(),
    )


def _write_event(
    patient: Patient, door: str, occurred_at: datetime, cast: Cast, **words: Any
) -> PumpEvent | SupplyEvent:
    """As known when it happened: what a ward finds out later is not modelled here."""
    model: type[PumpEvent | SupplyEvent] = PumpEvent if door == "pump" else SupplyEvent
    extra: dict[str, str] = {}
    if words["kind"] == PumpEvent.Kind.ALARM and "tone" not in words:
        extra = {"tone": PumpEvent.Tone.TWO}
    if door == "supply" and "route" not in words:
        extra = {"route": Route.INTRATHECAL if patient.has_pump else Route.ORAL}
    return model.objects.create(
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
