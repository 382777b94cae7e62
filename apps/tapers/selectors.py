from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from apps.core.days import day_bounds
from apps.patients.models import Patient
from apps.tapers.models import Dose, PlanVersion, PumpDates, Route, TaperPlan, TaperStep
from apps.tapers.timeline import (
    StepValues,
    Stretch,
    VersionValues,
    due_times,
    stretches,
)

MG = "mg"


@dataclass(frozen=True, slots=True)
class PlanView:
    """What is prescribed at one moment. Doses in mg a day by mouth, microgram a day by pump."""

    plan: TaperPlan
    version: PlanVersion
    steps: Mapping[str, TaperStep]
    """Route -> the step in force."""
    step_number: int
    """Of the route that is tapered; 0 before the first step begins."""
    step_count: int
    next_change_at: datetime | None
    daily_doses: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class DueDose:
    due_at: datetime
    route: str
    amount: Decimal
    unit: str
    """mg: it is one dose, not a day's."""
    dose: Dose | None
    """What was reported of it; None = nobody has said, which is not "missed"."""


def version_values(version: PlanVersion) -> VersionValues:
    return VersionValues(
        version.number,
        version.kind,
        version.effective_at,
        tuple(
            StepValues(
                step.number,
                step.route,
                step.starts_at,
                step.ends_at,
                step.daily_dose,
                tuple(step.times_of_day),
                None if step.amounts is None else tuple(step.amounts),
            )
            for step in version.steps.all()
            if not step.is_locked
        ),
    )


def plan_stretches(patient: Patient, known_at: datetime | None = None) -> tuple[Stretch, ...]:
    """Everything ever prescribed, over all plans, as it was in force; with `known_at`, as known then."""
    plans = TaperPlan.objects.filter(patient=patient).prefetch_related("versions__steps")
    return tuple(
        stretch
        for plan in plans.order_by("created_at")
        for stretch in stretches(
            (
                version_values(version)
                for version in plan.versions.all()
                if known_at is None or version.recorded_at <= known_at
            ),
            plan.closed_at,
        )
    )


def plan_at(patient: Patient, at: datetime, known_at: datetime | None = None) -> PlanView | None:
    """The plan in force at a moment, or None. Two queries and one for the versions."""
    plan = (
        TaperPlan.objects.filter(patient=patient, created_at__lte=at)
        .exclude(closed_at__lte=at)
        .prefetch_related("versions__steps")
        .order_by("-created_at")
        .first()
    )
    if plan is None:
        return None
    versions = [v for v in plan.versions.all() if known_at is None or v.recorded_at <= known_at]
    in_force = [version for version in versions if version.effective_at <= at]
    version = max(in_force or versions, key=lambda one: one.number, default=None)
    if version is None:
        return None
    return _view(plan, version, versions, at)


def _view(plan: TaperPlan, version: PlanVersion, versions: list[PlanVersion], at: datetime) -> PlanView:
    line = stretches(version_values(one) for one in versions)
    now = {one.route: one for one in line if one.covers(at)}
    by_number = {(step.route, step.number): step for step in version.steps.all()}
    steps = {
        route: by_number[route, one.step.number]
        for route, one in now.items()
        if (route, one.step.number) in by_number
    }
    tapered = _tapered_route(version)
    later = [
        moment for one in line for moment in (one.starts_at, one.ends_at) if moment is not None and moment > at
    ]
    current = steps.get(tapered)
    of_route = sorted((step for step in version.steps.all() if step.route == tapered), key=lambda s: s.starts_at)
    return PlanView(
        plan=plan,
        version=version,
        steps=steps,
        step_number=of_route.index(current) + 1 if current in of_route else 0,
        step_count=len(of_route),
        next_change_at=min(later, default=None),
        daily_doses={route: one.daily_dose for route, one in now.items()},
    )


def _tapered_route(version: PlanVersion) -> str:
    """The route with the most steps; by mouth where both have as many."""
    routes = [step.route for step in version.steps.all()]
    return max(Route.values, key=lambda route: (routes.count(route), route == Route.ORAL))


def due_doses(patient: Patient, day: date) -> list[DueDose]:
    """The oral doses of one day of the patient's own, with what was reported of each."""
    starts, ends = day_bounds(day, patient.time_zone)
    # Due in (since, until]: a dose at 00:00 belongs to the day that begins then.
    tick = timedelta(microseconds=1)
    due = due_times(plan_stretches(patient), patient.time_zone, starts - tick, ends - tick)
    reported = {
        dose.due_at: dose
        for dose in Dose.objects.in_force().filter(
            patient=patient, route=Route.ORAL, due_at__gte=starts, due_at__lt=ends
        )
    }
    return [DueDose(one.due_at, Route.ORAL, one.amount, MG, reported.get(one.due_at)) for one in due]


def last_taken(patient: Patient, at: datetime) -> Dose | None:
    """The last oral dose reported as taken up to then."""
    return (
        Dose.objects.in_force()
        .filter(patient=patient, route=Route.ORAL, status=Dose.Status.TAKEN, taken_at__lte=at)
        .order_by("-taken_at")
        .first()
    )


def hours_since_last_dose(patient: Patient, at: datetime) -> float | None:
    """None when no dose was ever reported as taken: unknown, not "long ago"."""
    dose = last_taken(patient, at)
    if dose is None or dose.taken_at is None:
        return None
    return (at - dose.taken_at).total_seconds() / 3600


def pump_dates(patient: Patient, known_at: datetime | None = None) -> PumpDates | None:
    """What is known of the dates of this patient's pump; with `known_at`, what was known then. None: nothing."""
    told = PumpDates.objects.filter(patient=patient)
    if known_at is not None:
        told = told.filter(recorded_at__lte=known_at)
    return told.order_by("-recorded_at", "-id").first()
