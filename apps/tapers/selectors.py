from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from apps.core.days import day_bounds
from apps.patients.models import Patient
from apps.patients.selectors import whereabouts
from apps.tapers.courses.steps import StepInput
from apps.tapers.guard_rails import WEEK, Before, DoseChange, GuardRail, with_site_limits
from apps.tapers.models import (
    Dose,
    GuardRailSetting,
    PlanProposal,
    PlanVersion,
    PumpDates,
    Route,
    TaperPlan,
    TaperStep,
    Unit,
)
from apps.tapers.timeline import (
    StepValues,
    Stretch,
    VersionValues,
    due_times,
    stretches,
)

MG = "mg"


@dataclass(frozen=True, slots=True)
class Gate:
    """A locked step, the next of its route."""

    step: TaperStep
    at: datetime
    """When it was looked at."""

    @property
    def is_waiting(self) -> bool:
        """Its time has come, nobody has released it, and the dose before it goes on."""
        return self.step.starts_at <= self.at


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
    """A change that comes by itself; a locked one does not."""
    daily_doses: Mapping[str, Decimal]
    next_gate: Gate | None = None
    """The next reduction that waits to be released, if one does."""


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
                step.made_of,
            )
            for step in version.steps.all()
            if not step.is_locked
        ),
    )


def plan_stretches(patient: Patient, known_at: datetime | None = None) -> tuple[Stretch, ...]:
    """Everything ever prescribed, over all plans, as it was in force; with `known_at`, as known then."""
    return tuple(stretch for line in _lines(patient, known_at) for stretch in line)


def _lines(patient: Patient, known_at: datetime | None = None) -> Iterator[tuple[Stretch, ...]]:
    """Of each plan, the oldest first."""
    plans = TaperPlan.objects.filter(patient=patient).prefetch_related("versions__steps")
    for plan in plans.order_by("created_at"):
        yield stretches(
            (
                version_values(version)
                for version in plan.versions.all()
                if known_at is None or version.recorded_at <= known_at
            ),
            _closed_at(plan, known_at),
        )


def _closed_at(plan: TaperPlan, known_at: datetime | None) -> datetime | None:
    """When it was closed, as known then: nobody foresees a closing."""
    is_known = plan.closed_at is not None and (known_at is None or plan.closed_at <= known_at)
    return plan.closed_at if is_known else None


def plan_at(patient: Patient, at: datetime, known_at: datetime | None = None) -> PlanView | None:
    """The plan in force at a moment, or None. Two queries and one for the versions."""
    plans = TaperPlan.objects.filter(patient=patient, created_at__lte=at).prefetch_related("versions__steps")
    for plan in plans.order_by("-created_at"):
        closed_at = _closed_at(plan, known_at)
        versions = [v for v in plan.versions.all() if known_at is None or v.recorded_at <= known_at]
        if versions and (closed_at is None or closed_at > at):
            in_force = [version for version in versions if version.effective_at <= at]
            return _view(plan, max(in_force or versions, key=lambda one: one.number), versions, at)
    return None


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
        next_gate=min(gates_of(version, at), key=lambda gate: gate.step.starts_at, default=None),
    )


def gates_of(version: PlanVersion, at: datetime) -> list[Gate]:
    """The next locked step of each route of this version."""
    first: dict[str, TaperStep] = {}
    for step in sorted(version.steps.all(), key=lambda one: one.starts_at):
        if step.is_locked:
            first.setdefault(step.route, step)
    return [Gate(step, at) for step in first.values()]


def plan_as_known(patient: Patient, at: datetime, known_at: datetime) -> PlanView | None:
    """What was believed at `known_at` to be prescribed at `at`: "what did the ward believe at 03:00"."""
    return plan_at(patient, at, known_at)


def version_in_force(plan: TaperPlan, at: datetime) -> PlanVersion | None:
    """The version that rules at that moment."""
    in_force = plan.versions.filter(effective_at__lte=at).prefetch_related("steps")
    return in_force.order_by("-number").first()


def steps_of(version: PlanVersion) -> tuple[StepInput, ...]:
    """A version's steps as they were given, locked ones too."""
    return tuple(
        StepInput(
            step.route,
            step.starts_at,
            step.ends_at,
            step.daily_dose,
            step.unit,
            tuple(step.times_of_day),
            None if step.amounts is None else tuple(step.amounts),
            step.made_of,
            step.asked_dose,
            step.is_locked,
        )
        for step in version.steps.all()
    )


def as_step(stretch: Stretch) -> StepInput:
    step = stretch.step
    return StepInput(
        stretch.route,
        stretch.starts_at,
        stretch.ends_at,
        stretch.daily_dose,
        Unit.MG_PER_DAY if stretch.route == Route.ORAL else Unit.MICROGRAM_PER_DAY,
        step.times_of_day,
        step.amounts,
        step.made_of,
    )


def present_steps(patient: Patient, at: datetime) -> dict[str, StepInput]:
    """What is given by each route at that moment."""
    return {one.route: as_step(one) for one in plan_stretches(patient) if one.covers(at)}


def doses_before(patient: Patient, at: datetime) -> dict[str, Before]:
    """By route, what is prescribed up to that moment, in which plan and how fast it came to that."""
    found = {}
    for line in _lines(patient):
        for route in Route.values:
            begun = [one for one in line if one.route == route and one.starts_at <= at]
            # Where one dose ends and the next begins then, both count: neither hides what is taken away.
            doses = [one.daily_dose for one in begun if _reaches(one, at)]
            if doses:
                highest = max(one.daily_dose for one in begun)
                found[route] = Before(max(doses), highest, _changes_within_a_week(begun, at))
    return found


def _reaches(stretch: Stretch, at: datetime) -> bool:
    return (stretch.ends_at is None or at <= stretch.ends_at) and not stretch.is_cut_by_closing


def _changes_within_a_week(line: Sequence[Stretch], at: datetime) -> tuple[DoseChange, ...]:
    return tuple(
        (after.starts_at, before.daily_dose, after.daily_dose)
        for before, after in pairwise(line)
        if at - WEEK < after.starts_at < at and before.daily_dose != after.daily_dose
    )


def guard_rails_here() -> dict[str, GuardRail]:
    """The guard rails with what this site has set for itself."""
    own = GuardRailSetting.objects.values_list("code", "limit", "source")
    return with_site_limits({code: (limit, source) for code, limit, source in own})


def open_proposals(patient: Patient) -> list[PlanProposal]:
    """Proposed and neither signed nor withdrawn, newest first."""
    waiting = PlanProposal.objects.filter(patient=patient, version=None, withdrawn_at=None)
    return list(waiting.select_related("author", "plan").order_by("-proposed_at"))


def _tapered_route(version: PlanVersion) -> str:
    """The route with the most steps; by mouth where both have as many."""
    routes = [step.route for step in version.steps.all()]
    return max(Route.values, key=lambda route: (routes.count(route), route == Route.ORAL))


def due_doses(patient: Patient, day: date) -> list[DueDose]:
    """The oral doses of one day of the patient's own, with what was reported of each."""
    starts, ends = day_bounds(day, patient.time_zone)
    # Due in (since, until]: a dose at 00:00 belongs to the day that begins then.
    tick = timedelta(microseconds=1)
    due = due_times(plan_stretches(patient), whereabouts(patient), starts - tick, ends - tick)
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
