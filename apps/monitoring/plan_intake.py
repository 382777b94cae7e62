"""Everything that changes what is prescribed. It changes the facts of logs that are there already, so those are
assessed again, in the same transaction."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.models import User
from apps.assessments.window import WINDOW
from apps.monitoring.gates import gate_checklist
from apps.monitoring.supply_intake import request_reassessment
from apps.patients.models import Patient
from apps.tapers.living import hold_plan, reinstate, slow_plan, step_back, stop_plan, transfer_plan
from apps.tapers.models import PlanProposal, PlanVersion, TaperPlan, TaperStep
from apps.tapers.proposals import change_within_guard_rails, sign_proposal, start_within_guard_rails
from apps.tapers.releasing import release_step


@transaction.atomic
def submit_plan_start(
    *, patient: Patient, by: User | None, at: datetime, effective_at: datetime, **plan: Any
) -> PlanVersion:
    """As `tapers.proposals.start_within_guard_rails`."""
    version = start_within_guard_rails(patient=patient, by=by, at=at, effective_at=effective_at, **plan)
    return _reassessed(version, patient, at)


@transaction.atomic
def submit_plan_change(
    *, plan: TaperPlan, by: User | None, at: datetime, effective_at: datetime, **change: Any
) -> PlanVersion:
    """As `tapers.proposals.change_within_guard_rails`."""
    version = change_within_guard_rails(plan=plan, by=by, at=at, effective_at=effective_at, **change)
    return _reassessed(version, plan.patient, at)


@transaction.atomic
def submit_signature(*, proposal: PlanProposal, by: User, at: datetime, reason: str = "") -> PlanVersion:
    """As `tapers.proposals.sign_proposal`."""
    return _reassessed(sign_proposal(proposal=proposal, by=by, at=at, reason=reason), proposal.patient, at)


@transaction.atomic
def submit_hold(*, plan: TaperPlan, by: User | None, at: datetime, **change: Any) -> PlanVersion:
    """As `tapers.living.hold_plan`."""
    return _reassessed(hold_plan(plan=plan, by=by, at=at, **change), plan.patient, at)


@transaction.atomic
def submit_slower(*, plan: TaperPlan, by: User | None, at: datetime, **change: Any) -> PlanVersion:
    """As `tapers.living.slow_plan`."""
    return _reassessed(slow_plan(plan=plan, by=by, at=at, **change), plan.patient, at)


@transaction.atomic
def submit_step_back(*, plan: TaperPlan, by: User | None, at: datetime, **change: Any) -> PlanVersion:
    """As `tapers.living.step_back`."""
    return _reassessed(step_back(plan=plan, by=by, at=at, **change), plan.patient, at)


@transaction.atomic
def submit_reinstatement(*, plan: TaperPlan, by: User | None, at: datetime, **change: Any) -> PlanVersion:
    """As `tapers.living.reinstate`."""
    return _reassessed(reinstate(plan=plan, by=by, at=at, **change), plan.patient, at)


@transaction.atomic
def submit_stop(*, plan: TaperPlan, by: User | None, at: datetime, **change: Any) -> PlanVersion:
    """As `tapers.living.stop_plan`."""
    return _reassessed(stop_plan(plan=plan, by=by, at=at, **change), plan.patient, at)


@transaction.atomic
def submit_transfer(*, plan: TaperPlan, by: User | None, at: datetime, **change: Any) -> PlanVersion:
    """As `tapers.living.transfer_plan`."""
    return _reassessed(transfer_plan(plan=plan, by=by, at=at, **change), plan.patient, at)


@transaction.atomic
def submit_release(
    *,
    step: TaperStep,
    by: User,
    at: datetime,
    override_reason: str = "",
    starts_at: datetime | None = None,
) -> PlanVersion:
    """As `tapers.releasing.release_step`, with the checklist as it stands at this moment."""
    version = release_step(
        step=step,
        by=by,
        at=at,
        checklist=gate_checklist(step, at),
        override_reason=override_reason,
        starts_at=starts_at,
    )
    return _reassessed(version, version.plan.patient, at)


def _reassessed(version: PlanVersion, patient: Patient, at: datetime) -> PlanVersion:
    request_reassessment(patient=patient, at=at, since=version.effective_at, until=at + WINDOW)
    return version
