"""A locked step begins only when somebody lets it. What is on the checklist is worked out in `monitoring.gates`,
which may see alerts and logs; here it is judged and kept."""

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import Problem
from apps.patients.models import Patient
from apps.tapers.courses import editing
from apps.tapers.courses.steps import StepInput
from apps.tapers.errors import GateNotMet, MayNotSign, NotTheNextStep
from apps.tapers.living import add_version, lock_plan
from apps.tapers.models import PlanVersion, StepRelease, TaperPlan, TaperStep
from apps.tapers.selectors import steps_of, version_in_force
from apps.tapers.signing import may_override, refuse_breaches

JUDGED_KINDS = (
    PlanVersion.Kind.START,
    PlanVersion.Kind.REVISE,
    PlanVersion.Kind.TRANSFER,
)
"""Versions whose falls were held against the guard rails when they were signed."""


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    code: str
    label: str
    is_met: bool
    detail: str
    """What was found, in words a nurse can check."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """What has to be so before a reduction begins."""

    items: tuple[ChecklistItem, ...]

    @property
    def is_met(self) -> bool:
        return all(item.is_met for item in self.items)

    @property
    def unmet(self) -> tuple[ChecklistItem, ...]:
        return tuple(item for item in self.items if not item.is_met)


@transaction.atomic
def release_step(
    *,
    step: TaperStep,
    by: User,
    at: datetime,
    checklist: Checklist,
    override_reason: str = "",
    starts_at: datetime | None = None,
) -> PlanVersion:
    """A named person lets the next reduction begin: when it was foreseen, or now if that has passed, or at
    `starts_at`, which is later. Those after it move by as many days, and wait in their turn where the plan is
    gated.

    Errors: NotTheNextStep, MayNotSign, GateNotMet (every item that is not met; a doctor, a pharmacist or the
    nurse in charge may give a reason all the same), GuardRailRefused (a fall that no plan foresaw: back to a stop
    after a step back), InvalidInput."""
    plan = lock_plan(step.version.plan)
    if by.role != User.Role.STAFF or not Patient.objects.visible_to(by).filter(pk=plan.patient_id).exists():
        raise MayNotSign(_("Only staff of the ward that cares for this patient release a step."))
    base = version_in_force(plan, at)
    known = steps_of(base) if base is not None and base.pk == step.version_id else ()
    line = editing.lines(known, at).get(step.route)
    following = line.ahead[0] if line and line.ahead else None
    if following is None or not following.is_locked or following.starts_at != step.starts_at:
        raise NotTheNextStep(_("This is not the next step of the plan in force."))
    _refuse_unmet(checklist, by, plan.patient, override_reason)
    begins = max(starts_at or step.starts_at, step.starts_at, at)
    steps = editing.release(known, following, at, begins, plan.patient.time_zone, next_waits=plan.is_gated)
    if not _was_planned(plan, line.now if line else None, following):
        refuse_breaches(plan.patient, PlanVersion.Kind.RELEASE, steps, at)
    reason = override_reason.strip() or _("Checklist met.")
    version = add_version(plan, by, at, PlanVersion.Kind.RELEASE, reason, at, steps)
    StepRelease.objects.create(
        version=version,
        step=step,
        by=by,
        at=at,
        checklist=[{"code": item.code, "is_met": item.is_met, "detail": item.detail} for item in checklist.items],
        override_reason=override_reason.strip(),
    )
    return version


def _was_planned(plan: TaperPlan, now: StepInput | None, following: StepInput) -> bool:
    """Whether a plan that was held against the guard rails has this very fall in it."""
    wanted = (following.route, now.daily_dose if now else None, following.daily_dose)
    for version in plan.versions.filter(kind__in=JUDGED_KINDS).prefetch_related("steps"):
        steps = sorted(version.steps.all(), key=lambda step: (step.route, step.starts_at, step.is_locked))
        if any((one.route, one.daily_dose, two.daily_dose) == wanted for one, two in pairwise(steps)):
            return True
    return False


def _refuse_unmet(checklist: Checklist, by: User, patient: Patient, reason: str) -> None:
    if checklist.is_met or (reason.strip() and may_override(by, patient)):
        return
    problems = [Problem("/checklist", item.code, f"{item.label}: {item.detail}") for item in checklist.unmet]
    raise GateNotMet(_("Not everything on the checklist is met: the present dose goes on."), tuple(problems))
