"""Plans and their versions. A plan is never edited; each change is a version with a reason."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.tapers.courses.steps import StepInput as StepInput
from apps.tapers.errors import PlanAlreadyOpen, PlanClosed
from apps.tapers.models import PlanVersion, Route, TaperPlan, TaperStep, Unit

UNIT_OF = {Route.ORAL: Unit.MG_PER_DAY, Route.INTRATHECAL: Unit.MICROGRAM_PER_DAY}


@transaction.atomic
def start_plan(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    indication: str,
    use_started_on: date | None,
    steps: Sequence[StepInput],
    effective_at: datetime,
    reason: str,
    kind: str = PlanVersion.Kind.START,
    is_gated: bool = False,
) -> PlanVersion:
    """Errors: PlanAlreadyOpen, InvalidInput (each fault of each step)."""
    check_steps(steps, reason, kind)
    try:
        with transaction.atomic():
            plan = TaperPlan.objects.create(
                patient=patient,
                indication=indication,
                use_started_on=use_started_on,
                created_at=min(at, effective_at),
                created_by=by,
                is_gated=is_gated,
            )
    except IntegrityError as error:
        raise PlanAlreadyOpen(_("This patient has a plan already: revise it.")) from error
    return _add_version(plan, 1, kind, by, at, steps, effective_at, reason)


@transaction.atomic
def revise_plan(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    steps: Sequence[StepInput],
    effective_at: datetime,
    reason: str,
    kind: str,
    over_announced: bool = False,
) -> PlanVersion:
    """A new version, in force from `effective_at`, which may lie in the past but not before the version before.
    With `over_announced`, one that was announced for later and is not in force yet gives way to it.

    Errors: PlanClosed, InvalidInput."""
    plan = TaperPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if plan.closed_at is not None:
        raise PlanClosed(_("This plan is closed."))
    check_steps(steps, reason, kind)
    newest = plan.versions.order_by("-number").first()
    last = plan.versions.filter(effective_at__lte=at).order_by("-number").first() if over_announced else newest
    if last is not None and effective_at < last.effective_at:
        message = _("A version cannot take effect before the one that it replaces.")
        raise InvalidInput(message, (Problem("/effective_at", "before_last_version", message),))
    number = newest.number + 1 if newest else 1
    return _add_version(plan, number, kind, by, at, steps, effective_at, reason)


@transaction.atomic
def close_plan(*, plan: TaperPlan, by: User | None, at: datetime) -> TaperPlan:
    """Nothing is planned any more. Errors: PlanClosed."""
    if not TaperPlan.objects.filter(pk=plan.pk, closed_at=None).update(closed_at=at):
        raise PlanClosed(_("This plan is closed."))
    plan.refresh_from_db()
    record_event(
        AuditEvent.Type.PLAN_CHANGED,
        subject=plan,
        by=by,
        at=at,
        patient_id=plan.patient_id,
        detail={"closed": True},
    )
    return plan


def _add_version(
    plan: TaperPlan,
    number: int,
    kind: str,
    by: User | None,
    at: datetime,
    steps: Sequence[StepInput],
    effective_at: datetime,
    reason: str,
) -> PlanVersion:
    version = PlanVersion.objects.create(
        plan=plan,
        number=number,
        kind=kind,
        reason=reason,
        author=by,
        effective_at=effective_at,
        recorded_at=at,
    )
    counted: dict[str, int] = {}
    rows = []
    for step in sorted(steps, key=lambda one: one.starts_at):
        counted[step.route] = counted.get(step.route, 0) + 1
        rows.append(
            TaperStep(
                version=version,
                number=counted[step.route],
                route=step.route,
                starts_at=step.starts_at,
                ends_at=step.ends_at,
                daily_dose=step.daily_dose,
                unit=step.unit,
                asked_dose=step.asked_dose,
                is_locked=step.is_locked,
                **_day_of(step),
            )
        )
    TaperStep.objects.bulk_create(rows)
    record_event(
        AuditEvent.Type.PLAN_CHANGED,
        subject=version,
        by=by,
        at=at,
        patient_id=plan.patient_id,
        detail={"plan": str(plan.pk), "number": number, "kind": kind},
    )
    return version


def _day_of(step: StepInput) -> dict[str, Any]:
    """Times in order, each with its own amount and what it is made of where those are told."""
    if step.amounts is None:
        made = {"made_of": step.made_of} if step.made_of and not step.times_of_day else {}
        return {"times_of_day": sorted(set(step.times_of_day)), **made}
    order = sorted(range(len(step.times_of_day)), key=lambda place: step.times_of_day[place])
    return {
        "times_of_day": [step.times_of_day[place] for place in order],
        "amounts": [step.amounts[place] for place in order],
        "made_of": step.made_of and [step.made_of[place] for place in order],
    }


def check_steps(steps: Sequence[StepInput], reason: str, kind: str) -> None:
    problems = []
    if not reason.strip():
        problems.append(Problem("/reason", "required", _("Say why.")))
    if not steps and kind != PlanVersion.Kind.STOP:
        problems.append(Problem("/steps", "required", _("A plan has at least one step.")))
    for index, step in enumerate(steps):
        problems += _step_problems(f"/steps/{index}", step)
    problems += _overlaps(steps)
    if problems:
        raise InvalidInput(problems[0].detail, tuple(problems))


def _step_problems(pointer: str, step: StepInput) -> list[Problem]:
    problems = []
    if step.route not in Route.values:
        return [Problem(f"{pointer}/route", "unknown_route", _("There is no such route."))]
    if step.unit != UNIT_OF[Route(step.route)]:
        problems.append(
            Problem(
                f"{pointer}/unit", "unit_of_other_route", _("By mouth is in mg/day, by pump in microgram/day.")
            )
        )
    if not step.daily_dose.is_finite() or step.daily_dose < 0:
        problems.append(Problem(f"{pointer}/daily_dose", "negative", _("A dose is never negative.")))
    if step.ends_at is not None and step.ends_at <= step.starts_at:
        problems.append(Problem(f"{pointer}/ends_at", "ends_before_it_starts", _("A step ends after it starts.")))
    if step.route == Route.ORAL and step.daily_dose and not step.times_of_day:
        problems.append(Problem(f"{pointer}/times_of_day", "required", _("An oral dose has its times.")))
    if step.amounts is not None:
        problems += _amount_problems(f"{pointer}/amounts", step, step.amounts)
    if step.made_of and not problems:
        problems += _made_problems(f"{pointer}/made_of", step)
    return problems


def _made_problems(pointer: str, step: StepInput) -> list[Problem]:
    """The tablets of each time are its dose, to the thousandth."""
    wanted = [step.daily_dose] if step.route == Route.INTRATHECAL else step.amounts
    made = [
        sum((Decimal(count["strength"]) * Decimal(count["quantity"]) for count in dose), Decimal(0))
        for dose in step.made_of
    ]
    if wanted is None or list(wanted) != made:
        return [Problem(pointer, "do_not_add_up", _("What a dose is made of adds up to that dose."))]
    return []


def _amount_problems(pointer: str, step: StepInput, amounts: Sequence[Decimal]) -> list[Problem]:
    if step.route != Route.ORAL:
        return [Problem(pointer, "unit_of_other_route", _("Only doses by mouth have times of day."))]
    if len(amounts) != len(step.times_of_day) or len(set(step.times_of_day)) != len(step.times_of_day):
        return [Problem(pointer, "one_for_each_time", _("Each time of day has its amount."))]
    if not all(amount.is_finite() and amount > 0 for amount in amounts):
        return [Problem(pointer, "amount_of_nothing", _("Each dose is more than nothing."))]
    if sum(amounts) != step.daily_dose:
        return [Problem(pointer, "do_not_add_up", _("The doses of a day add up to the daily dose."))]
    return []


def _overlaps(steps: Sequence[StepInput]) -> list[Problem]:
    problems = []
    for index, step in enumerate(steps):
        for other in steps[:index]:
            is_foreseen = step.is_locked or other.is_locked
            if other.route == step.route and not is_foreseen and _overlap(step, other):
                problems.append(Problem(f"/steps/{index}", "overlaps", _("Steps of a route never overlap.")))
                break
    return problems


def _overlap(one: StepInput, other: StepInput) -> bool:
    return (one.ends_at is None or other.starts_at < one.ends_at) and (
        other.ends_at is None or one.starts_at < other.ends_at
    )
