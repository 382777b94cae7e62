"""Plans that are proposed and signed. Until somebody signs, nothing is in force; and what breaks a guard rail is
signed by a second clinician, who says why."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.tapers.courses.editing import gated
from apps.tapers.courses.steps import StepInput
from apps.tapers.courses.writing import steps_as_json, steps_from_json
from apps.tapers.errors import (
    MayNotSign,
    PlanAlreadyOpen,
    PlanClosed,
    ProposalClosed,
    ProposalOutOfDate,
    SecondSignatureNeeded,
)
from apps.tapers.guard_rails import Breach
from apps.tapers.living import lock_plan
from apps.tapers.models import PlanProposal, PlanVersion, TaperPlan
from apps.tapers.planning import check_steps, revise_plan, start_plan
from apps.tapers.selectors import present_steps
from apps.tapers.signing import find_breaches as find_breaches
from apps.tapers.signing import may_override, refuse_breaches, sign_version

ENDING_KINDS = frozenset({PlanVersion.Kind.STOP, PlanVersion.Kind.TRANSFER})
"""A stop or a transfer that two people have signed for is not held back again by a gate."""
KINDS_THAT_LOWER_NOTHING = frozenset(
    {PlanVersion.Kind.HOLD, PlanVersion.Kind.SLOW, PlanVersion.Kind.STEP_BACK, PlanVersion.Kind.REINSTATE}
)


@transaction.atomic
def propose_plan(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    indication: str,
    use_started_on: date | None,
    effective_at: datetime,
    reason: str,
    steps: Sequence[StepInput],
    is_gated: bool = True,
) -> PlanProposal:
    """A first plan, not in force. Errors: PlanAlreadyOpen, InvalidInput (each fault of each step)."""
    if TaperPlan.objects.filter(patient=patient, closed_at=None).exists():
        raise PlanAlreadyOpen(_("This patient has a plan already: revise it."))
    check_steps(steps, reason, PlanVersion.Kind.START)
    proposal = PlanProposal.objects.create(
        patient=patient,
        kind=PlanVersion.Kind.START,
        indication=indication,
        use_started_on=use_started_on,
        is_gated=is_gated,
        reason=reason,
        effective_at=effective_at,
        steps=steps_as_json(steps),
        author=by,
        proposed_at=at,
    )
    return _noted(proposal, by, at, "proposed")


@transaction.atomic
def propose_change(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    kind: str,
    effective_at: datetime,
    reason: str,
    steps: Sequence[StepInput],
    seen: int | None = None,
) -> PlanProposal:
    """A change of a plan, not in force. `seen`: the newest version that its author has read.

    Errors: InvalidInput, PlanClosed, PlanChanged (there is a newer version)."""
    plan = lock_plan(plan, seen)
    if plan.closed_at is not None:
        raise PlanClosed(_("This plan is closed."))
    check_steps(steps, reason, kind)
    _refuse_lower(plan, kind, steps, effective_at)
    proposal = PlanProposal.objects.create(
        patient=plan.patient,
        plan=plan,
        based_on=plan.versions.order_by("-number").first(),
        kind=kind,
        is_gated=plan.is_gated,
        reason=reason,
        effective_at=effective_at,
        steps=steps_as_json(steps),
        author=by,
        proposed_at=at,
    )
    return _noted(proposal, by, at, "proposed")


@transaction.atomic
def sign_proposal(*, proposal: PlanProposal, by: User, at: datetime, reason: str = "") -> PlanVersion:
    """Put it into force, from when it says, or from now where that has passed.

    Errors: ProposalClosed, ProposalOutOfDate, MayNotSign, SecondSignatureNeeded (names each guard rail),
    PlanAlreadyOpen, PlanClosed."""
    proposal = PlanProposal.objects.select_for_update(of=("self",)).select_related("plan").get(pk=proposal.pk)
    if not proposal.is_open:
        raise ProposalClosed(_("This proposal was signed or withdrawn before."))
    _refuse_stranger(by, proposal.patient)
    if proposal.plan is not None:
        # Nobody changes the plan between the look at its newest version and the next one.
        TaperPlan.objects.select_for_update(no_key=True).get(pk=proposal.plan.pk)
    steps = steps_from_json(proposal.steps)
    effective_at = max(proposal.effective_at, at)
    _refuse_out_of_date(proposal, steps, at)
    breaches = find_breaches(patient=proposal.patient, kind=proposal.kind, steps=steps, effective_at=effective_at)
    refusals = tuple(breach for breach in breaches if breach.is_refusal)
    if refusals:
        _refuse_sole_signature(proposal, by, reason, refusals)
    if proposal.is_gated:
        is_ended_by_two = bool(refusals) and proposal.kind in ENDING_KINDS
        present = {} if is_ended_by_two else present_steps(proposal.patient, effective_at)
        steps = gated(steps, effective_at, present)
    version = _into_force(proposal, steps, effective_at, at)
    sign_version(version, by, at, reason, refusals)
    proposal.version = version
    proposal.save(update_fields=["version"])
    _noted(proposal, by, at, "signed")
    return version


@transaction.atomic
def withdraw_proposal(*, proposal: PlanProposal, by: User | None, at: datetime, reason: str) -> PlanProposal:
    """It will not be signed. Errors: ProposalClosed, InvalidInput (without a reason)."""
    if not reason.strip():
        raise InvalidInput(_("Say why."), (Problem("/reason", "required", _("Say why.")),))
    changed = PlanProposal.objects.filter(pk=proposal.pk, version=None, withdrawn_at=None).update(
        withdrawn_at=at, withdrawn_by=by, withdrawn_reason=reason
    )
    if not changed:
        raise ProposalClosed(_("This proposal was signed or withdrawn before."))
    proposal.refresh_from_db()
    return _noted(proposal, by, at, "withdrawn")


@transaction.atomic
def start_within_guard_rails(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    effective_at: datetime,
    steps: Sequence[StepInput],
    is_gated: bool = False,
    **plan: Any,
) -> PlanVersion:
    """As `planning.start_plan`, signed by its author. Errors: as there, and GuardRailRefused."""
    check_steps(steps, plan["reason"], PlanVersion.Kind.START)
    refuse_breaches(patient, PlanVersion.Kind.START, steps, effective_at)
    if is_gated:
        steps = gated(steps, effective_at, present_steps(patient, effective_at))
    version = start_plan(
        patient=patient, by=by, at=at, effective_at=effective_at, steps=steps, is_gated=is_gated, **plan
    )
    sign_version(version, by, at)
    return version


@transaction.atomic
def change_within_guard_rails(
    *,
    plan: TaperPlan,
    by: User | None,
    at: datetime,
    kind: str,
    effective_at: datetime,
    steps: Sequence[StepInput],
    reason: str,
) -> PlanVersion:
    """As `planning.revise_plan`, signed by its author. Errors: as there, and GuardRailRefused."""
    check_steps(steps, reason, kind)
    _refuse_lower(plan, kind, steps, effective_at)
    refuse_breaches(plan.patient, kind, steps, effective_at)
    if plan.is_gated:
        steps = gated(steps, effective_at, present_steps(plan.patient, effective_at))
    version = revise_plan(
        plan=plan, by=by, at=at, kind=kind, effective_at=effective_at, steps=steps, reason=reason
    )
    sign_version(version, by, at)
    return version


def _into_force(
    proposal: PlanProposal, steps: Sequence[StepInput], effective_at: datetime, at: datetime
) -> PlanVersion:
    if proposal.plan is not None:
        return revise_plan(
            plan=proposal.plan,
            by=proposal.author,
            at=at,
            steps=steps,
            effective_at=effective_at,
            reason=proposal.reason,
            kind=proposal.kind,
            over_announced=True,
        )
    return start_plan(
        patient=proposal.patient,
        by=proposal.author,
        at=at,
        indication=proposal.indication,
        use_started_on=proposal.use_started_on,
        is_gated=proposal.is_gated,
        steps=steps,
        effective_at=effective_at,
        reason=proposal.reason,
    )


def _refuse_lower(plan: TaperPlan, kind: str, steps: Sequence[StepInput], effective_at: datetime) -> None:
    """What is called a hold and lowers the dose would be read, by people and by rules, as what it is not."""
    if kind not in KINDS_THAT_LOWER_NOTHING:
        return
    message = _("A change of this kind never lowers the dose: revise the plan instead.")
    problems = []
    for route, now in present_steps(plan.patient, effective_at).items():
        given = [place for place, step in enumerate(steps) if step.route == route and step.covers(effective_at)]
        if not given and now.daily_dose:
            problems.append(Problem("/steps", "lowers_the_dose", message))
        problems += [
            Problem(f"/steps/{place}/daily_dose", "lowers_the_dose", message)
            for place in given
            if steps[place].daily_dose < now.daily_dose
        ]
    if problems:
        raise InvalidInput(message, tuple(problems))


def _refuse_stranger(by: User, patient: Patient) -> None:
    if by.role != User.Role.STAFF or not Patient.objects.visible_to(by).filter(pk=patient.pk).exists():
        raise MayNotSign(_("Only staff of the ward that cares for this patient sign a plan."))


def _refuse_sole_signature(proposal: PlanProposal, by: User, reason: str, refusals: tuple[Breach, ...]) -> None:
    if by.pk == proposal.author_id or not may_override(by, proposal.patient):
        message = _(
            "This breaks a guard rail, so a second person signs: a doctor, a pharmacist or the nurse in charge, "
            "who did not write it. %(first)s"
        )
    elif not reason.strip():
        message = _("This breaks a guard rail: say why it is right all the same. %(first)s")
    else:
        return
    raise SecondSignatureNeeded(message % {"first": refusals[0].text}, refusals)


def _refuse_out_of_date(proposal: PlanProposal, steps: Sequence[StepInput], at: datetime) -> None:
    """A later version would be undone unseen, and two steps whose time has passed would be taken as one."""
    if proposal.plan is not None:
        newest = proposal.plan.versions.order_by("-number").first()
        if newest is not None and newest.pk != proposal.based_on_id:
            raise ProposalOutOfDate(_("The plan has changed since this was proposed: propose it anew."))
    for route in {step.route for step in steps}:
        starts = sorted(step.starts_at for step in steps if step.route == route)
        if len(starts) > 1 and starts[1] <= at:
            raise ProposalOutOfDate(_("A step of this proposal should have begun already: propose it anew."))


def _noted(proposal: PlanProposal, by: User | None, at: datetime, what: str) -> PlanProposal:
    record_event(
        AuditEvent.Type.PLAN_CHANGED,
        subject=proposal,
        by=by,
        at=at,
        patient_id=proposal.patient_id,
        detail={"proposal": what, "kind": proposal.kind},
    )
    return proposal
