"""What is done with a plan that runs: each change with its form, what it comes to, and the service that does it.

What a hold or a reinstatement comes to is worked out by doing it and taking it back, so the page never shows
anything but what the button then does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.dashboards.plan_change_forms import (
    BackForm,
    ChangeForm,
    HoldForm,
    ReinstateForm,
    SlowerForm,
    TransferForm,
)
from apps.dashboards.plan_editor import Preview, preview_of
from apps.monitoring.plan_intake import (
    submit_hold,
    submit_reinstatement,
    submit_slower,
    submit_step_back,
    submit_stop,
    submit_transfer,
)
from apps.tapers.courses.steps import StepInput
from apps.tapers.living import (
    hold_plan,
    reinstate,
    slow_plan,
    step_back,
    steps_to_stop,
    steps_to_transfer,
)
from apps.tapers.models import PlanProposal, PlanVersion, TaperPlan
from apps.tapers.proposals import propose_change
from apps.tapers.selectors import steps_of

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    title: Text
    lead: Text
    button: Text
    form: type[ChangeForm]
    try_out: Callable[..., PlanVersion] | None
    """The service without what follows from it; None: the steps are worked out without storing anything."""
    submit: Callable[..., PlanVersion]
    steps: Callable[..., tuple[StepInput, ...]] | None = None


CHANGES = {
    "hold": Change(
        PlanVersion.Kind.HOLD,
        _("Hold"),
        _("The present dose goes on. Nothing is reduced meanwhile."),
        _("Hold the plan"),
        HoldForm,
        hold_plan,
        submit_hold,
    ),
    "slower": Change(
        PlanVersion.Kind.SLOW,
        _("Slow down"),
        _("The present dose and each one after it last so many days longer."),
        _("Slow the plan down"),
        SlowerForm,
        slow_plan,
        submit_slower,
    ),
    "back": Change(
        PlanVersion.Kind.STEP_BACK,
        _("Back a step"),
        _("The dose before the last reduction is given again."),
        _("Go back a step"),
        BackForm,
        step_back,
        submit_step_back,
    ),
    "reinstate": Change(
        PlanVersion.Kind.REINSTATE,
        _("Baclofen given again"),
        _(
            "The dose before the last reduction or stop, or the one written here, goes on without an end. It is "
            "looked at again after 12, 24 and 48 hours. Closing an alert is a separate act."
        ),
        _("Baclofen is given again"),
        ReinstateForm,
        reinstate,
        submit_reinstatement,
    ),
    "stop": Change(
        PlanVersion.Kind.STOP,
        _("Stop"),
        _("Nothing more is given, by any route."),
        _("Stop baclofen"),
        ChangeForm,
        None,
        submit_stop,
        steps_to_stop,
    ),
    "transfer": Change(
        PlanVersion.Kind.TRANSFER,
        _("Transfer to another route"),
        _("Baclofen goes on by this route with this dose; every other route ends."),
        _("Transfer"),
        TransferForm,
        None,
        submit_transfer,
        steps_to_transfer,
    ),
}


class _TakenBack(Exception):
    pass


def what_it_comes_to(change: Change, plan: TaperPlan, by: User, at: datetime, given: dict[str, Any]) -> Preview:
    """Errors: as the service's. Nothing is left of it."""
    effective_at = given["effective_at"]
    if change.steps is not None:
        steps = change.steps(plan, effective_at, **_without(given, "reason", "effective_at", "seen"))
    else:
        steps = _tried_out(change, plan, by, at, given)
    return preview_of(
        plan.patient,
        steps,
        kind=change.kind,
        effective_at=effective_at,
        is_held_by_guard_rails=change.steps is not None,
    )


def carry_out(
    change: Change, plan: TaperPlan, by: User, at: datetime, given: dict[str, Any]
) -> PlanVersion | PlanProposal:
    """In force at once; or proposed, where a guard rail is broken. Errors: as the service's."""
    if change.steps is not None:
        seen = what_it_comes_to(change, plan, by, at, given)
        if seen.refusals:
            return propose_change(
                plan=plan,
                by=by,
                at=at,
                kind=change.kind,
                effective_at=given["effective_at"],
                reason=given["reason"],
                steps=seen.steps,
                seen=given["seen"],
            )
    return change.submit(plan=plan, by=by, at=at, **given)


def _tried_out(
    change: Change, plan: TaperPlan, by: User, at: datetime, given: dict[str, Any]
) -> tuple[StepInput, ...]:
    found: list[tuple[StepInput, ...]] = []
    try:
        with transaction.atomic():
            if change.try_out is not None:
                # A reason is asked for before it is done, not before it is looked at.
                told = given | {"reason": given["reason"] or "–"}
                found.append(steps_of(change.try_out(plan=plan, by=by, at=at, **told)))
            raise _TakenBack
    except _TakenBack:
        return found[0]


def _without(given: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in names}


def new_form(change: Change, plan: TaperPlan, at: datetime, data: Any = None, **initial: Any) -> ChangeForm:
    newest = plan.versions.order_by("-number").first()
    return change.form(
        data, plan=plan, at=at, initial={"seen": newest.number if newest else 0} | initial, auto_id="change-%s"
    )
