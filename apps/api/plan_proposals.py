"""Plans that are written and not in force. A signature makes the version; where a guard rail is broken, that of a
second clinician."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import model_validator
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.intake import submit_signature
from apps.tapers.courses.writing import steps_from_json
from apps.tapers.guard_rails import Breach
from apps.tapers.models import PlanProposal, PlanVersion
from apps.tapers.proposals import find_breaches, propose_change, propose_plan, withdraw_proposal

from .base import ApiView, of_visible_patients, remember_list, remember_view, user_of, visible_patient
from .errors import breach_values
from .fields import Date, FlagInQuery, Id, Instant, fault, one_of, text
from .pagination import PageQuery, page, paged
from .permissions import PEOPLE_AT_WORK, Access
from .replies import address
from .schema import ETAG, describe
from .shapes import Answer, Given, read_body, read_query
from .taper_plan_shapes import EXAMPLE as PLAN_EXAMPLE
from .taper_plan_shapes import REVISIONS, PlanAnswer, Steps, step_inputs
from .taper_plans import tell_changed, visible_plans


class ProposalQuery(PageQuery):
    patient: Id | None = None
    open: FlagInQuery | None = None
    """true: neither signed nor withdrawn."""

    lookups: ClassVar = {"patient": "patient"}


class ProposalGiven(Given):
    patient: Id
    plan: Id | None = None
    """The plan that is to change; left out: a first plan."""
    seen_version: int | None = None
    """Of a change: the newest version that its author has read. Where there is a newer one it is refused; left
    out, nobody asks."""
    kind: Annotated[str, one_of((PlanVersion.Kind.START, *REVISIONS))] = PlanVersion.Kind.START
    indication: Annotated[str, text(200, one_line=True)] = ""
    """Of a first plan."""
    use_started_on: Date | None = None
    is_gated: bool = True
    """Of a first plan: each reduction stays locked until a named person releases it."""
    effective_at: Instant
    reason: Annotated[str, text(4000, required=True)]
    steps: Steps

    @model_validator(mode="after")
    def _is_a_start_or_a_change(self) -> Self:
        if (self.plan is None) != (self.kind == PlanVersion.Kind.START):
            message = _("A first plan names no plan; a change names the one that is to change.")
            raise fault("kind_and_plan", message)
        if self.plan is None and not self.indication.strip():
            raise fault("indication_needed", _("A first plan says why baclofen is taken."))
        return self


class BreachAnswer(Answer):
    rule: str
    title: str
    route: str
    at: datetime
    """When the plan would break it."""
    value: str
    limit: str
    source: str
    tag: str
    """published, project choice or site setting."""
    needs_second_signature: bool


class ProposedStepAnswer(Answer):
    route: str
    starts_at: datetime
    ends_at: datetime | None
    daily_dose: str
    unit: str
    times_of_day: list[str]
    amounts: list[str] | None


class ProposalAnswer(Answer):
    id: UUID
    patient: UUID
    plan: UUID | None
    kind: str
    indication: str
    use_started_on: date | None
    is_gated: bool
    effective_at: datetime
    reason: str
    author: UUID | None
    proposed_at: datetime
    state: str
    """proposed, signed or withdrawn. Only what is signed is in force."""
    version: UUID | None
    """What its signature made of it."""
    withdrawn_at: datetime | None
    steps: list[ProposedStepAnswer]
    breaches: list[BreachAnswer]
    """Guard rails that it would break if it were signed now; empty once it is signed or withdrawn."""


def proposal_answer(proposal: PlanProposal) -> ProposalAnswer:
    steps = steps_from_json(proposal.steps)
    return ProposalAnswer.model_construct(
        id=proposal.pk,
        patient=proposal.patient_id,
        plan=proposal.plan_id,
        kind=proposal.kind,
        indication=proposal.indication,
        use_started_on=proposal.use_started_on,
        is_gated=proposal.is_gated,
        effective_at=proposal.effective_at,
        reason=proposal.reason,
        author=proposal.author_id,
        proposed_at=proposal.proposed_at,
        state=_state(proposal),
        version=proposal.version_id,
        withdrawn_at=proposal.withdrawn_at,
        steps=[
            ProposedStepAnswer.model_construct(
                route=step.route,
                starts_at=step.starts_at,
                ends_at=step.ends_at,
                daily_dose=str(step.daily_dose),
                unit=step.unit,
                times_of_day=[f"{clock:%H:%M}" for clock in step.times_of_day],
                amounts=None if step.amounts is None else [str(amount) for amount in step.amounts],
            )
            for step in steps
        ],
        breaches=[breach_answer(breach) for breach in _breaches(proposal)],
    )


def breach_answer(breach: Breach) -> BreachAnswer:
    return BreachAnswer.model_construct(**breach_values(breach))


def _state(proposal: PlanProposal) -> str:
    if proposal.version_id:
        return "signed"
    return "withdrawn" if proposal.withdrawn_at else "proposed"


def _breaches(proposal: PlanProposal) -> tuple[Breach, ...]:
    if not proposal.is_open:
        return ()
    return find_breaches(
        patient=proposal.patient,
        kind=proposal.kind,
        steps=steps_from_json(proposal.steps),
        effective_at=max(proposal.effective_at, timezone.now()),
    )


EXAMPLE: dict[str, Any] = PLAN_EXAMPLE | {"is_gated": True}


class PlanProposals(ApiView):
    access: ClassVar = {"GET": Access("plans:read"), "POST": Access("plans:write")}
    query = ProposalQuery

    @describe("List proposals of plans, newest first", answer=paged(ProposalAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, ProposalQuery)
        rows = query.narrow(_visible(request))
        if query.open is not None:
            waiting = {"version": None, "withdrawn_at": None}
            rows = rows.filter(**waiting) if query.open else rows.exclude(**waiting)
        answer = page(request, rows, query, proposal_answer, by="proposed_at")
        remember_list(request, "plan-proposals", {row.patient for row in answer.data["results"]})
        return answer

    @describe(
        "Propose a plan or a change of one; nothing is in force until it is signed",
        answer=ProposalAnswer,
        body=ProposalGiven,
        created=True,
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        given = read_body(request, ProposalGiven)
        patient = visible_patient(request, given.patient)
        told: dict[str, Any] = {
            "by": user_of(request),
            "at": timezone.now(),
            "effective_at": given.effective_at,
            "reason": given.reason,
            "steps": step_inputs(given.steps),
        }
        if given.plan is None:
            proposal = propose_plan(
                patient=patient,
                indication=given.indication,
                use_started_on=given.use_started_on,
                is_gated=given.is_gated,
                **told,
            )
        else:
            plan = get_object_or_404(visible_plans(request), pk=given.plan, patient=patient)
            proposal = propose_change(plan=plan, kind=given.kind, seen=given.seen_version, **told)
        headers = {"Location": address("one-plan-proposal", proposal.pk)}
        return Response(proposal_answer(proposal), status=201, headers=headers)


class OnePlanProposal(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}

    @describe("Read one proposal with the guard rails that it would break", answer=ProposalAnswer)
    def get(self, request: Request, proposal_id: UUID) -> Response:
        proposal = get_object_or_404(_visible(request), pk=proposal_id)
        remember_view(request, proposal, proposal.patient_id)
        return Response(proposal_answer(proposal))


class SignGiven(Given):
    reason: Annotated[str, text(4000)] = ""
    """Needed where a guard rail is overridden."""


class SignProposal(ApiView):
    access: ClassVar = {"POST": Access("plans:write", PEOPLE_AT_WORK)}

    @describe(
        "Sign a proposal: it is in force. One that breaks a guard rail is signed by a second clinician",
        answer=PlanAnswer,
        body=SignGiven,
        created=True,
        parameters=(ETAG,),
        example={"reason": "Admitted and watched; agreed with the pharmacist."},
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        given = read_body(request, SignGiven)
        proposal = get_object_or_404(_visible(request), pk=proposal_id)
        version = submit_signature(proposal=proposal, by=user_of(request), at=timezone.now(), reason=given.reason)
        return tell_changed(request, version.plan_id)


class WithdrawGiven(Given):
    reason: Annotated[str, text(4000, required=True)]


class WithdrawProposal(ApiView):
    access: ClassVar = {"POST": Access("plans:write")}

    @describe(
        "Withdraw a proposal",
        answer=ProposalAnswer,
        body=WithdrawGiven,
        example={"reason": "Another plan was agreed."},
    )
    def post(self, request: Request, proposal_id: UUID) -> Response:
        given = read_body(request, WithdrawGiven)
        proposal = get_object_or_404(_visible(request), pk=proposal_id)
        withdrawn = withdraw_proposal(
            proposal=proposal, by=user_of(request), at=timezone.now(), reason=given.reason
        )
        return Response(proposal_answer(withdrawn))


def _visible(request: Request) -> QuerySet[PlanProposal]:
    return of_visible_patients(request, PlanProposal.objects.select_related("patient"))
