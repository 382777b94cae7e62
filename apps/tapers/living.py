"""What is done with a plan that runs. Each is a new version with its reason and its author; none is ever edited.

Whatever gives baclofen back is never held up by a guard rail or a gate. Called through `monitoring.intake`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.tapers.courses import editing
from apps.tapers.courses.steps import StepInput
from apps.tapers.errors import NothingToChange
from apps.tapers.models import PlanVersion, TaperPlan
from apps.tapers.planning import revise_plan, start_plan
from apps.tapers.proposals import refuse_breaches, sign_version
from apps.tapers.selectors import as_step, plan_stretches, steps_of, version_in_force
from apps.tapers.timeline import Stretch

Kind = PlanVersion.Kind
LONGEST_DAYS = 366


@transaction.atomic
def hold_plan(
    *, plan: TaperPlan, by: User | None, at: datetime, reason: str, effective_at: datetime, days: int | None = None
) -> PlanVersion:
    """The present doses go on for so many days, and everything ahead moves by as many; None: until the next step
    is released. Errors: NothingToChange, PlanClosed, InvalidInput."""
    _check_days("/days", days)
    base = _base(plan, effective_at)
    steps = steps_of(base)
    if not _ahead(steps, effective_at):
        raise NothingToChange(_("Nothing is ahead that could be held."))
    held = editing.hold(steps, effective_at, days, plan.patient.time_zone)
    return add_version(plan, by, at, Kind.HOLD, reason, effective_at, held)


@transaction.atomic
def slow_plan(
    *, plan: TaperPlan, by: User | None, at: datetime, reason: str, effective_at: datetime, days_longer: int
) -> PlanVersion:
    """The present dose and each one after it last so many days longer.

    Errors: NothingToChange, PlanClosed, InvalidInput."""
    _check_days("/days_longer", days_longer)
    steps = steps_of(_base(plan, effective_at))
    if not _ahead(steps, effective_at):
        raise NothingToChange(_("Nothing is ahead that could be slowed down."))
    slowed = editing.slower(steps, effective_at, days_longer, plan.patient.time_zone)
    return add_version(plan, by, at, Kind.SLOW, reason, effective_at, slowed)


@transaction.atomic
def step_back(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    days: int | None = None,
    route: str | None = None,
) -> PlanVersion:
    """The dose before the last reduction is given again, of this route or of the one that was reduced last. After
    so many days the plan goes on from there; None, or in a gated plan: once the next step is released.

    Errors: NothingToChange (there is no higher dose before), PlanClosed, InvalidInput."""
    _check_days("/days", days)
    effective_at = _not_before_version_in_force(plan, effective_at, at)
    earlier = _doses_to_restore(plan.patient, effective_at, route)
    back = editing.step_back(
        steps_of(_base(plan, effective_at)),
        effective_at,
        earlier,
        None if plan.is_gated else days,
        plan.patient.time_zone,
    )
    return add_version(plan, by, at, Kind.STEP_BACK, reason, effective_at, back)


@transaction.atomic
def reinstate(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    steps: Sequence[StepInput] | None = None,
) -> PlanVersion:
    """Baclofen is given again: the doses in `steps` (one for each route), or the one before the last reduction or
    stop, without an end. Nothing is ahead any more. A plan that was closed meanwhile is no hindrance.

    Errors: NothingToChange (no dose is known to go back to: give one), InvalidInput."""
    effective_at = _not_before_version_in_force(plan, effective_at, at)
    given = {step.route: step for step in steps or ()}
    if not given:
        given = dict(_doses_to_restore(plan.patient, effective_at, None))
    if plan.closed_at is not None:
        return _reopened(plan, by, at, reason, effective_at, given)
    base = version_in_force(plan, effective_at)
    restored = editing.reinstate(steps_of(base) if base else (), effective_at, given)
    return add_version(plan, by, at, Kind.REINSTATE, reason, effective_at, restored)


@transaction.atomic
def stop_plan(
    *, plan: TaperPlan, by: User | None, at: datetime, reason: str, effective_at: datetime
) -> PlanVersion:
    """Nothing more is given. Errors: GuardRailRefused (from any dose: propose it, a second clinician signs),
    PlanClosed, InvalidInput."""
    steps = steps_to_stop(plan, effective_at)
    refuse_breaches(plan.patient, Kind.STOP, steps, effective_at)
    return add_version(plan, by, at, Kind.STOP, reason, effective_at, steps)


@transaction.atomic
def transfer_plan(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    steps: Sequence[StepInput],
) -> PlanVersion:
    """Baclofen goes on by another route, with these steps; the routes that are not among them end.

    Errors: GuardRailRefused (a route that ends is an abrupt stop of that route), PlanClosed, InvalidInput."""
    whole = steps_to_transfer(plan, effective_at, steps)
    refuse_breaches(plan.patient, Kind.TRANSFER, whole, effective_at)
    return add_version(plan, by, at, Kind.TRANSFER, reason, effective_at, whole)


def steps_to_stop(plan: TaperPlan, effective_at: datetime) -> tuple[StepInput, ...]:
    """What a version that stops everything consists of, to be proposed."""
    return editing.stop(steps_of(_base(plan, effective_at)), effective_at)


def steps_to_transfer(
    plan: TaperPlan, effective_at: datetime, steps: Sequence[StepInput]
) -> tuple[StepInput, ...]:
    """What a version consists of that goes on with these steps and ends every other route, to be proposed."""
    wanted = {step.route for step in steps}
    known = steps_of(_base(plan, effective_at))
    others = [step for step in known if step.route not in wanted]
    return (*editing.stop(others, effective_at), *steps)


def add_version(
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    kind: str,
    reason: str,
    effective_at: datetime,
    steps: Sequence[StepInput],
) -> PlanVersion:
    """The next version, signed by its author: a change that no guard rail holds up."""
    version = revise_plan(
        plan=plan,
        by=by,
        at=at,
        steps=steps,
        effective_at=effective_at,
        reason=reason,
        kind=kind,
        over_announced=True,
    )
    sign_version(version, by, at)
    return version


def _reopened(
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    given: Mapping[str, StepInput],
) -> PlanVersion:
    """Into the plan that is open now, or a new one like the closed one."""
    is_open = TaperPlan.objects.filter(patient=plan.patient_id, closed_at=None).first()
    if is_open is not None:
        return reinstate(
            plan=is_open, by=by, at=at, reason=reason, effective_at=effective_at, steps=list(given.values())
        )
    version = start_plan(
        patient=plan.patient,
        by=by,
        at=at,
        indication=plan.indication,
        use_started_on=plan.use_started_on,
        steps=editing.reinstate((), effective_at, given),
        effective_at=effective_at,
        reason=reason,
        kind=Kind.REINSTATE,
        is_gated=plan.is_gated,
    )
    sign_version(version, by, at)
    return version


def _base(plan: TaperPlan, effective_at: datetime) -> PlanVersion:
    version = version_in_force(plan, effective_at)
    if version is None:
        raise NothingToChange(_("No version of this plan is in force at that time."))
    return version


def _ahead(steps: Sequence[StepInput], at: datetime) -> bool:
    by_route = editing.lines(steps, at).values()
    return any(line.ahead or (line.now and line.now.ends_at is not None) for line in by_route)


def _not_before_version_in_force(plan: TaperPlan, effective_at: datetime, at: datetime) -> datetime:
    """Giving baclofen back is never refused for a time: a report of it that reaches behind the version in force
    takes effect with that version."""
    version = version_in_force(plan, at)
    return effective_at if version is None else max(effective_at, version.effective_at)


def _doses_to_restore(patient: Patient, at: datetime, route: str | None) -> dict[str, StepInput]:
    """The dose before the last fall that has not been made good since, of one route: where both routes have
    fallen, of the one that fell last. What both together would do is for a clinician to say."""
    falls = [
        found
        for one_route, line in _by_route(plan_stretches(patient), at).items()
        if route in (None, one_route) and (found := _last_fall(line, at))
    ]
    if not falls:
        raise NothingToChange(_("No higher dose is known to go back to."))
    _fell_at, earlier = max(falls, key=lambda fall: fall[0])
    return {earlier.route: as_step(earlier)}


def _by_route(plan: Sequence[Stretch], at: datetime) -> dict[str, list[Stretch]]:
    found: dict[str, list[Stretch]] = {}
    for stretch in plan:
        if stretch.starts_at <= at:
            found.setdefault(stretch.route, []).append(stretch)
    return found


def _last_fall(line: Sequence[Stretch], at: datetime) -> tuple[datetime, Stretch] | None:
    """When the dose last was higher than it is now, and what it was."""
    now = next((stretch.daily_dose for stretch in line if stretch.covers(at)), 0)
    higher = [stretch for stretch in line if stretch.daily_dose > now]
    if not higher or higher[-1].ends_at is None:
        return None
    return higher[-1].ends_at, higher[-1]


def _check_days(pointer: str, days: int | None) -> None:
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        message = _("Give 1 to %d days.") % LONGEST_DAYS
        raise InvalidInput(message, (Problem(pointer, "out_of_range", message),))
