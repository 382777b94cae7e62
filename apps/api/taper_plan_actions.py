"""What is done with a plan that runs: each is a new version. None works out which dose is right for whom."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.gates import gate_checklist
from apps.monitoring.intake import (
    submit_hold,
    submit_reinstatement,
    submit_release,
    submit_slower,
    submit_step_back,
    submit_stop,
    submit_transfer,
)
from apps.tapers.models import PlanVersion, Route, TaperPlan, TaperStep
from apps.tapers.selectors import gates_of, plan_as_known, version_in_force
from apps.tapers.wording import ARITHMETIC_ONLY

from .base import ApiView, remember_view, user_of
from .etags import refuse_stale
from .fields import Instant, one_of, text
from .permissions import PEOPLE_AT_WORK, Access
from .schema import ETAG, IF_MATCH, describe
from .shapes import Answer, Given, read_body, read_query
from .taper_plan_shapes import PlanAnswer, StepAnswer, Steps, plan_etag, step_answer, step_inputs
from .taper_plans import tell_changed, visible_plans

Reason = Annotated[str, text(4000, required=True)]


class ChangeGiven(Given):
    effective_at: Instant
    reason: Reason


class HoldGiven(ChangeGiven):
    days: int | None = None
    """1 to 366; left out: until the next step is released."""


class SlowGiven(ChangeGiven):
    days_longer: int
    """1 to 366: so much longer each dose lasts from now on."""


class StepBackGiven(ChangeGiven):
    days: int | None = None
    """1 to 366; left out, and in a gated plan: until the next step is released."""
    route: Annotated[str, one_of(Route.values)] | None = None
    """Left out: the route that was reduced last."""


class ReinstateGiven(ChangeGiven):
    steps: Steps | None = None
    """One for each route that is given again; left out: the dose before the last reduction or stop."""


class TransferGiven(ChangeGiven):
    steps: Steps
    """By the routes by which baclofen goes on; any other ends."""


class PlanAction(ApiView):
    """A change of one plan by whoever has seen its newest version, or says `*`."""

    access: ClassVar = {"POST": Access("plans:write")}

    def change(self, request: Request, plan_id: UUID, submit: Callable[..., PlanVersion], given: Any) -> Response:
        found = get_object_or_404(visible_plans(request), pk=plan_id)
        told = {name: getattr(given, name) for name in type(given).model_fields}
        if told.get("steps") is not None:
            told["steps"] = step_inputs(told["steps"])
        with transaction.atomic():  # the version is compared and made under one lock
            TaperPlan.objects.select_for_update().get(pk=found.pk)
            plan = visible_plans(request).get(pk=found.pk)
            refuse_stale(request, plan_etag(plan))
            version = submit(plan=plan, by=user_of(request), at=timezone.now(), **told)
        return tell_changed(request, version.plan_id)


def _described(summary: str, body: type[Given], **example: Any) -> Callable[[Any], Any]:
    return describe(
        summary,
        answer=PlanAnswer,
        body=body,
        created=True,
        parameters=(IF_MATCH, ETAG),
        example={"effective_at": "2026-11-23T14:00:00+01:00", "reason": "New itching since noon."} | example,
    )


class HoldPlan(PlanAction):
    @_described("Keep the present doses for longer", HoldGiven, days=7)
    def post(self, request: Request, plan_id: UUID) -> Response:
        return self.change(request, plan_id, submit_hold, read_body(request, HoldGiven))


class SlowPlan(PlanAction):
    @_described("Let each dose last longer from now on", SlowGiven, days_longer=3)
    def post(self, request: Request, plan_id: UUID) -> Response:
        return self.change(request, plan_id, submit_slower, read_body(request, SlowGiven))


class StepBackPlan(PlanAction):
    @_described("Go back to the dose before the last reduction; no guard rail holds it up", StepBackGiven)
    def post(self, request: Request, plan_id: UUID) -> Response:
        return self.change(request, plan_id, submit_step_back, read_body(request, StepBackGiven))


class ReinstatePlan(PlanAction):
    @_described("Give baclofen again; no guard rail and no gate holds it up", ReinstateGiven)
    def post(self, request: Request, plan_id: UUID) -> Response:
        return self.change(request, plan_id, submit_reinstatement, read_body(request, ReinstateGiven))


class StopPlan(PlanAction):
    @_described("Stop; from any dose it is refused: propose it, and a second clinician signs", ChangeGiven)
    def post(self, request: Request, plan_id: UUID) -> Response:
        return self.change(request, plan_id, submit_stop, read_body(request, ChangeGiven))


class TransferPlan(PlanAction):
    @_described(
        "Go on by another route; a route that ends needs a second signature",
        TransferGiven,
        steps=[
            {
                "route": "intrathecal",
                "starts_at": "2026-11-23T14:00:00+01:00",
                "daily_dose": "100.000",
                "unit": "microgram/day",
            }
        ],
    )
    def post(self, request: Request, plan_id: UUID) -> Response:
        return self.change(request, plan_id, submit_transfer, read_body(request, TransferGiven))


class ItemAnswer(Answer):
    code: str
    label: str
    is_met: bool
    detail: str


class GateAnswer(Answer):
    step: StepAnswer
    is_waiting: bool
    """Its time has come and nobody has released it: the dose before it goes on."""
    is_met: bool
    checklist: list[ItemAnswer]


class GatesAnswer(Answer):
    at: datetime
    gates: list[GateAnswer]
    """The next locked step of each route."""


class PlanGates(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}

    @describe("Read the next locked steps with their checklists as they stand now", answer=GatesAnswer)
    def get(self, request: Request, plan_id: UUID) -> Response:
        at = timezone.now()
        plan = get_object_or_404(visible_plans(request), pk=plan_id)
        remember_view(request, plan, plan.patient_id)
        version = version_in_force(plan, at)
        gates = gates_of(version, at) if version and plan.closed_at is None else []
        return Response(
            GatesAnswer.model_construct(at=at, gates=[_gate(gate.step, gate.is_waiting, at) for gate in gates])
        )


def _gate(step: TaperStep, is_waiting: bool, at: datetime) -> GateAnswer:
    checklist = gate_checklist(step, at)
    return GateAnswer.model_construct(
        step=step_answer(step),
        is_waiting=is_waiting,
        is_met=checklist.is_met,
        checklist=[
            ItemAnswer.model_construct(code=item.code, label=item.label, is_met=item.is_met, detail=item.detail)
            for item in checklist.items
        ],
    )


class ReleaseGiven(Given):
    override_reason: Annotated[str, text(4000)] = ""
    """Why it is released although its checklist is not met."""
    starts_at: Instant | None = None
    """Later than foreseen; left out: as foreseen, or now if that has passed."""


class ReleaseStep(ApiView):
    access: ClassVar = {"POST": Access("plans:write", PEOPLE_AT_WORK)}

    @describe(
        "Release the next locked step: a named person does, once its checklist is met",
        answer=PlanAnswer,
        body=ReleaseGiven,
        created=True,
        parameters=(ETAG,),
        example={},
    )
    def post(self, request: Request, plan_id: UUID, step_id: UUID) -> Response:
        given = read_body(request, ReleaseGiven)
        plan = get_object_or_404(visible_plans(request), pk=plan_id)
        steps = TaperStep.objects.select_related("version__plan__patient")
        submit_release(
            step=get_object_or_404(steps, pk=step_id, version__plan=plan),
            by=user_of(request),
            at=timezone.now(),
            override_reason=given.override_reason,
            starts_at=given.starts_at,
        )
        return tell_changed(request, plan.pk)


class AsKnownQuery(Given):
    at: Instant | None = None
    """The moment asked about; left out: now."""
    known_at: Instant | None = None
    """Leaves out what was recorded later: what was believed then. Left out: what is known now."""


class AsKnownAnswer(Answer):
    at: datetime
    known_at: datetime
    version: int | None
    """null: no plan was known."""
    daily_doses: dict[str, str]
    """By route: mg a day by mouth, microgram a day by pump."""
    next_change_at: datetime | None
    notice: str


class PlanAsKnown(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}
    query = AsKnownQuery

    @describe(
        "Read what was prescribed at a moment, as it was known then or as it is known now", answer=AsKnownAnswer
    )
    def get(self, request: Request, plan_id: UUID) -> Response:
        query = read_query(request, AsKnownQuery)
        plan = get_object_or_404(visible_plans(request).select_related("patient"), pk=plan_id)
        remember_view(request, plan, plan.patient_id)
        now = timezone.now()
        at, known_at = query.at or now, query.known_at or now
        known = plan_as_known(plan.patient, at, known_at)
        view = known if known and known.plan.pk == plan.pk else None
        doses = view.daily_doses.items() if view else ()
        return Response(
            AsKnownAnswer.model_construct(
                at=at,
                known_at=known_at,
                version=view.version.number if view else None,
                daily_doses={route: str(dose) for route, dose in doses},
                next_change_at=view.next_change_at if view else None,
                notice=str(ARITHMETIC_ONLY),
            )
        )
