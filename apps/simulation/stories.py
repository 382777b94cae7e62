"""Patients of the demo who are told after published cases, so that the board shows what the literature shows.

The facts are those of the case as the replay reads them; the name is invented, and the last point of the course is
now. A dose that the source does not tell is assumed and the plan says so."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.alerts.services import acknowledge_alert
from apps.core.days import from_t, to_t
from apps.patients.models import Patient, RiskFactor
from apps.patients.services import record_risk_factor
from apps.rules.catalogue import Catalogue
from apps.rules.replay import facts_of
from apps.rules.types import Facts
from apps.simulation.assessing import Cast, assess_all
from apps.simulation.names import birthday
from apps.simulation.writing import make_log, write_change
from apps.symptoms.models import Baseline, SymptomLog
from apps.tapers.models import Dose, Route, SupplyEvent, Unit
from apps.tapers.planning import StepInput, start_plan

CASES = Path(__file__).with_name("cases.yaml")
ASSUMED_ORAL_MG, ASSUMED_PUMP_MICROGRAM = Decimal(60), Decimal(200)
ASSUMED_USE_DAYS = 365
ASSUMED_AGE = 50
TAKEN_AFTER = timedelta(minutes=7)


@dataclass(frozen=True, slots=True)
class Story:
    case_id: str
    given_name: str
    family_name: str
    minutes_ago: int
    """When the last point of the course was reported."""
    taken_by: str = ""
    """Who of the staff has taken its urgent alerts; empty: nobody yet."""


STORIES = (
    Story("bw-jpsychopharm-2001-36m", "Tomás", "Arrieta Villanueva", 6),
    Story("bw-mohammed-2004", "Kofi", "Asante-Boateng", 3),
    Story("bw-auger-2005", "Piotr", "Wiśniewski", 41),
    Story("bw-daleo-2007-p2a", "Giulio", "Ferraro", 25),
    Story("bw-epilepsybehav-2011-10f", "Noor", "van der Meer", 14),
    Story("bw-nasti-2011", "Harold", "Penhaligon-Fitzwilliam", 95, taken_by="doctor"),
    Story("bw-palliative-55m", "Jean-Baptiste", "Okonkwo", 70, taken_by="nurse"),
    Story("bw-samson-fang-2000", "Mateus", "Albuquerque", 9),
    Story("ctl-ckd-64f", "Margarethe", "Lindqvist", 55),
    Story("bw-ratnayaka-2001", "Ama", "Mensah", 18),
    Story("ctl-pocketfill-44f", "سلمى", "الحداد", 33),
)


def cases() -> dict[str, Mapping[str, Any]]:
    document = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return {case["id"]: case for case in document["cases"]}


def born(story: Story, case: Mapping[str, Any], *, ends_at: datetime, number: int, catalogue: Catalogue) -> date:
    """As old today as the case tells; a newborn, whose course begins with the birth, on the day of that."""
    course = _course(case, catalogue)
    shift = _shift(story, course, ends_at)
    birth = next((change.t for change in course[-1][1].changes if change.kind == SupplyEvent.Kind.BIRTH), None)
    if birth is not None:
        return from_t(birth + shift).date()
    age = case["context"]["age_years"]
    return birthday(ASSUMED_AGE if age is None else age, on=ends_at.date(), number=number)


def has_pump(case: Mapping[str, Any]) -> bool:
    return "intrathecal" in case["context"]["route"]


def write_story(
    story: Story, case: Mapping[str, Any], *, patient: Patient, ends_at: datetime, cast: Cast, catalogue: Catalogue
) -> list[SymptomLog]:
    """The course of a case, ending `minutes_ago`; answers its logs, assessed."""
    course = _course(case, catalogue)
    last = course[-1][1]
    shift = _shift(story, course, ends_at)
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
    # "Reviewed": that baclofen was given again is told of no case within its course.
    assess_all(
        told, patient=patient, catalogue=catalogue, ends_at=ends_at, cast=cast, outcome=Alert.Outcome.REVIEWED
    )
    return told


def take(story: Story, *, patient: Patient, by: User, ends_at: datetime) -> None:
    """Somebody has taken what is urgent, some minutes after it came up."""
    at = ends_at - timedelta(minutes=story.minutes_ago) + TAKEN_AFTER
    for alert in Alert.objects.unacknowledged().filter(patient=patient, level=Level.URGENT, opened_at__lt=at):
        acknowledge_alert(alert=alert, by=by, at=at)


def _course(case: Mapping[str, Any], catalogue: Catalogue) -> list[tuple[Mapping[str, Any], Facts]]:
    return list(facts_of(case, catalogue))


def _shift(story: Story, course: Sequence[tuple[Mapping[str, Any], Facts]], ends_at: datetime) -> float:
    """Hours from the clock of the case to ours."""
    return to_t(ends_at - timedelta(minutes=story.minutes_ago)) - course[-1][1].t


def _write_plan(case: Mapping[str, Any], facts: Facts, patient: Patient, shift: float, cast: Cast) -> None:
    routes = [] if facts.plan is None else sorted(set(facts.plan.routes) & set(Route.values))
    if facts.plan is None or not routes:
        # Nothing is prescribed to a newborn that was treated through its mother.
        return
    use_days = facts.plan.use_days or ASSUMED_USE_DAYS
    before = from_t(min([change.t for change in facts.changes] + [facts.t]) + shift) - timedelta(days=7)
    steps = []
    for route in routes:
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
