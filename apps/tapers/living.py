"""What is done with a plan that runs. Each is a new version with its reason and its author; none is ever edited.

Whatever gives baclofen back is never held up by a guard rail or a gate. `seen` is the number of the newest version
that the person has looked at: pressed twice, "back a step" is one step. Called through `monitoring.intake`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import InvalidInput, Problem
from apps.tapers.courses import editing
from apps.tapers.courses.steps import StepInput
from apps.tapers.errors import NothingToChange, PlanChanged
from apps.tapers.models import PlanVersion, TaperPlan
from apps.tapers.planning import revise_plan, start_plan
from apps.tapers.restoring import check_restored, doses_to_restore
from apps.tapers.selectors import present_steps, steps_of, version_in_force
from apps.tapers.signing import find_breaches, refuse_breaches, sign_version

Kind = PlanVersion.Kind
LONGEST_DAYS = 366


@transaction.atomic
def hold_plan(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    days: int | None = None,
    seen: int | None = None,
) -> PlanVersion:
    """The present doses go on for so many days, and everything ahead moves by as many; None: until the next step
    is released. Errors: NothingToChange, PlanClosed, InvalidInput."""
    _check_days("/days", days)
    plan = lock_plan(plan, seen)
    steps = steps_of(_base(plan, effective_at))
    if not _ahead(steps, effective_at):
        raise NothingToChange(_("Nothing is ahead that could be held."))
    held = editing.hold(steps, effective_at, days, plan.patient.time_zone)
    return add_version(plan, by, at, Kind.HOLD, reason, effective_at, held)


@transaction.atomic
def slow_plan(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    days_longer: int,
    seen: int | None = None,
) -> PlanVersion:
    """The present dose and each one after it last so many days longer.

    Errors: NothingToChange, PlanClosed, InvalidInput."""
    _check_days("/days_longer", days_longer)
    plan = lock_plan(plan, seen)
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
    seen: int | None = None,
) -> PlanVersion:
    """The dose before the last reduction is given again, of this route or of the one that was reduced last. After
    so many days the plan goes on from there; None, in a gated plan, and where that would be too large a step to
    come by itself: once the next step is released.

    Errors: NothingToChange (there is no higher dose before), PlanClosed, InvalidInput."""
    _check_days("/days", days)
    plan = lock_plan(plan, seen)
    effective_at = _not_before_version_in_force(plan, effective_at, at)
    earlier = doses_to_restore(plan.patient, effective_at, route)
    base, zone = steps_of(_base(plan, effective_at)), plan.patient.time_zone
    back = editing.step_back(base, effective_at, earlier, None if plan.is_gated else days, zone)
    if _falls_too_far(plan, back, effective_at, earlier):
        back = editing.step_back(base, effective_at, earlier, None, zone)
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
    seen: int | None = None,
) -> PlanVersion:
    """Baclofen is given again: the doses in `steps` (one for each route), or the one before the last reduction or
    stop, without an end. Nothing is ahead any more. A plan that was closed meanwhile is no hindrance.

    Errors: NothingToChange (no dose is known to go back to: give one), InvalidInput."""
    plan = lock_plan(plan, seen)
    effective_at = _not_before_version_in_force(plan, effective_at, at)
    given = {step.route: step for step in steps or ()}
    if steps:
        check_restored(plan.patient, effective_at, steps)
    else:
        given = dict(doses_to_restore(plan.patient, effective_at, None))
    if plan.closed_at is not None:
        return _reopened(plan, by, at, reason, effective_at, given)
    base = version_in_force(plan, effective_at)
    restored = editing.reinstate(steps_of(base) if base else (), effective_at, given)
    return add_version(plan, by, at, Kind.REINSTATE, reason, effective_at, restored)


@transaction.atomic
def stop_plan(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    reason: str,
    effective_at: datetime,
    seen: int | None = None,
) -> PlanVersion:
    """Nothing more is given. Errors: GuardRailRefused (from any dose: propose it, a second clinician signs),
    PlanClosed, InvalidInput."""
    plan = lock_plan(plan, seen)
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
    seen: int | None = None,
) -> PlanVersion:
    """Baclofen goes on by another route, with these steps; the routes that are not among them end.

    Errors: GuardRailRefused (a route that ends is an abrupt stop of that route), PlanClosed, InvalidInput."""
    plan = lock_plan(plan, seen)
    whole = steps_to_transfer(plan, effective_at, steps)
    refuse_breaches(plan.patient, Kind.TRANSFER, whole, effective_at)
    if plan.is_gated:
        # Nothing ends, so this is a reduction under another name.
        whole = editing.gated(whole, effective_at, present_steps(plan.patient, effective_at))
    return add_version(plan, by, at, Kind.TRANSFER, reason, effective_at, whole)


def steps_to_stop(plan: TaperPlan, effective_at: datetime) -> tuple[StepInput, ...]:
    """What a version that stops everything consists of, to be proposed: from then on."""
    return _from(effective_at, editing.stop(steps_of(_base(plan, effective_at)), effective_at))


def steps_to_transfer(
    plan: TaperPlan, effective_at: datetime, steps: Sequence[StepInput]
) -> tuple[StepInput, ...]:
    """What a version consists of that goes on with these steps and ends every other route, to be proposed: from
    then on."""
    wanted = {step.route for step in steps}
    known = steps_of(_base(plan, effective_at))
    others = [step for step in known if step.route not in wanted]
    return (*_from(effective_at, editing.stop(others, effective_at)), *steps)


def _from(effective_at: datetime, steps: Sequence[StepInput]) -> tuple[StepInput, ...]:
    """What is over needs no signature, and would make a proposal look out of date."""
    return tuple(step for step in steps if step.ends_at is None or step.ends_at > effective_at)


def lock_plan(plan: TaperPlan, seen: int | None = None) -> TaperPlan:
    """Nobody else changes it until the transaction ends. Errors: PlanChanged (there is a newer version)."""
    locked = TaperPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if seen is not None and locked.versions.filter(number__gt=seen).exists():
        raise PlanChanged(_("Somebody has changed this plan since you read it. Look at it again."))
    return locked


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


def _falls_too_far(
    plan: TaperPlan, steps: Sequence[StepInput], at: datetime, restored: Mapping[str, StepInput]
) -> bool:
    """Whether the first fall from a restored dose, such as back to a stop, breaks a guard rail. What comes after
    it was judged when it was planned."""
    by_route = editing.lines(steps, at)
    first = {(route, by_route[route].ahead[0].starts_at) for route in restored if by_route[route].ahead}
    breaches = find_breaches(patient=plan.patient, kind=Kind.STEP_BACK, steps=steps, effective_at=at)
    return any(breach.is_refusal and (breach.route, breach.at) in first for breach in breaches)


def _check_days(pointer: str, days: int | None) -> None:
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        message = _("Give 1 to %d days.") % LONGEST_DAYS
        raise InvalidInput(message, (Problem(pointer, "out_of_range", message),))
