"""Patients of the demo who are told after published cases, so that the board shows what the literature shows.

The facts are those of the case as the replay reads them; the name is invented, and the last point of the course is
now. A dose that the source does not tell is assumed and the plan says so."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from apps.core.days import from_t, to_t
from apps.patients.models import Patient, RiskFactor
from apps.patients.services import record_risk_factor
from apps.rules.catalogue import Catalogue
from apps.rules.replay import facts_of
from apps.rules.types import Facts
from apps.simulation.writing import Cast, assess_all, make_log, write_change
from apps.symptoms.models import Baseline, SymptomLog
from apps.tapers.models import Dose, Route, Unit
from apps.tapers.planning import StepInput, start_plan

CASES = Path(__file__).with_name("cases.yaml")
ASSUMED_ORAL_MG, ASSUMED_PUMP_MICROGRAM = Decimal(60), Decimal(200)
ASSUMED_USE_DAYS = 365
ASSUMED_AGE = 50


@dataclass(frozen=True, slots=True)
class Story:
    case_id: str
    given_name: str
    family_name: str
    minutes_ago: int
    """When the last point of the course was reported."""


STORIES = (
    Story("bw-jpsychopharm-2001-36m", "Tomás", "Arrieta Villanueva", 6),
    Story("bw-mohammed-2004", "Kofi", "Asante-Boateng", 3),
    Story("bw-auger-2005", "Piotr", "Wiśniewski", 41),
    Story("bw-daleo-2007-p2b", "Giulia", "Ferraro", 25),
    Story("bw-epilepsybehav-2011-10f", "Noor", "van der Meer", 14),
    Story("bw-nasti-2011", "Harold", "Penhaligon-Fitzwilliam", 95),
    Story("bw-palliative-55m", "Jean-Baptiste", "Okonkwo", 70),
    Story("ctl-ckd-64f", "Margarethe", "Lindqvist", 55),
    Story("ctl-pocketfill-44f", "سلمى", "الحداد", 33),
)


def cases() -> dict[str, Mapping[str, Any]]:
    document = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


def age_of(case: Mapping[str, Any]) -> int:
    age = case["context"]["age_years"]
    return ASSUMED_AGE if age is None else int(age)


def has_pump(case: Mapping[str, Any]) -> bool:
    return "intrathecal" in case["context"]["route"]


def write_story(
    story: Story, case: Mapping[str, Any], *, patient: Patient, ends_at: datetime, cast: Cast, catalogue: Catalogue
) -> list[SymptomLog]:
    """The course of a case, ending `minutes_ago`; answers its logs, assessed."""
    course = list(facts_of(case, catalogue))
    last = course[-1][1]
    shift = to_t(ends_at - timedelta(minutes=story.minutes_ago)) - last.t
    _write_plan(case, last, patient, shift, cast)
    _write_risks(last, patient, from_t(course[0][1].t + shift) - timedelta(days=30), cast)
    Baseline.objects.create(
        patient=patient,
        answers=dict(last.baseline),
        recorded_at=from_t(course[0][1].t + shift),
        recorded_by=cast.nurse,
    )
    for change in last.changes:
        write_change(
            patient,
            cast,
            occurred_at=from_t(change.t + shift),
            kind=change.kind,
            route=change.route,
            fraction=None if change.fraction is None else round(Decimal(change.fraction), 3),
            planned=change.planned,
            count=change.count,
            tone=change.tone,
            reservoir_ml=None if change.reservoir_ml is None else Decimal(str(change.reservoir_ml)),
        )
    _write_doses(last, patient, shift, ends_at, cast)
    logs = [
        make_log(
            patient=patient,
            observed_at=from_t(facts.t + shift),
            reporter="staff",
            by=cast.nurse,
            answers=facts.logs[-1].answers,
            vital_signs={code: sign.value for code, sign in facts.logs[-1].vital_signs.items()},
            catalogue=catalogue,
            note=f"After a published case: {case['citation']['text']}",
        )
        for _, facts in course
    ]
    told = [log for log in logs if log.answers or log.vital_signs]
    assess_all(told, patient=patient, catalogue=catalogue, ends_at=ends_at, cast=cast)
    return told


def _write_plan(case: Mapping[str, Any], facts: Facts, patient: Patient, shift: float, cast: Cast) -> None:
    if facts.plan is None or not facts.plan.routes:
        return
    use_days = facts.plan.use_days or ASSUMED_USE_DAYS
    before = from_t(min([change.t for change in facts.changes] + [facts.t]) + shift) - timedelta(days=7)
    steps = []
    for route in sorted(facts.plan.routes):
        is_oral = route == Route.ORAL
        told = facts.plan.daily_dose_oral_mg if is_oral else facts.plan.daily_dose_intrathecal_microgram
        steps.append(
            StepInput(
                route=route,
                starts_at=before,
                ends_at=None,
                daily_dose=Decimal(str(told)) if told else ASSUMED_ORAL_MG if is_oral else ASSUMED_PUMP_MICROGRAM,
                unit=Unit.MG_PER_DAY if is_oral else Unit.MICROGRAM_PER_DAY,
                times_of_day=(time(8), time(14), time(20)) if is_oral else (),
            )
        )
    is_known = facts.plan.daily_dose_oral_mg or facts.plan.daily_dose_intrathecal_microgram
    start_plan(
        patient=patient,
        by=cast.nurse,
        at=before,
        indication="Spasticity",
        use_started_on=(before - timedelta(days=use_days)).date(),
        steps=steps,
        effective_at=before,
        reason=f"After {case['citation']['text']}."
        + ("" if is_known else " The dose is not told there; assumed."),
    )


def _write_risks(facts: Facts, patient: Patient, since: datetime, cast: Cast) -> None:
    for code in sorted(facts.person.risk_factors | facts.person.confounders):
        if code in RiskFactor.Code.values:
            record_risk_factor(patient=patient, code=code, by=cast.nurse, present_from=since)


def _write_doses(facts: Facts, patient: Patient, shift: float, ends_at: datetime, cast: Cast) -> None:
    Dose.objects.bulk_create(
        Dose(
            patient=patient,
            route=dose.route,
            due_at=None,
            status=Dose.Status.TAKEN,
            taken_at=from_t(dose.taken_t + shift),
            reporter="staff",
            recorded_by=cast.nurse,
            recorded_at=from_t(dose.taken_t + shift),
            client_id=uuid.uuid4(),
        )
        for dose in facts.doses
        if dose.taken_t is not None and from_t(dose.taken_t + shift) <= ends_at
    )
