from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.intake import submit_plan_change, submit_plan_start
from apps.tapers.models import TaperPlan

from .base import (
    ApiView,
    of_visible_patients,
    remember_list,
    remember_view,
    user_of,
    visible_patient,
)
from .etags import refuse_stale
from .pagination import page, paged
from .permissions import EVERYBODY, Access
from .replies import address
from .schema import ETAG, IF_MATCH, describe
from .shapes import read_body, read_query
from .taper_plan_shapes import (
    EXAMPLE,
    PlanAnswer,
    PlanGiven,
    PlanQuery,
    VersionGiven,
    plan_answer,
    plan_etag,
    step_inputs,
)


class TaperPlans(ApiView):
    access: ClassVar = {"GET": Access("plans:read", EVERYBODY), "POST": Access("plans:write")}
    query = PlanQuery

    @describe("List taper plans, newest first", answer=paged(PlanAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, PlanQuery)
        plans = query.narrow(visible_plans(request))
        if query.open is not None:
            plans = plans.filter(closed_at__isnull=query.open)
        answer = page(request, plans, query, plan_answer, by="created_at")
        remember_list(request, "taper-plans", {plan.patient for plan in answer.data["results"]})
        return answer

    @describe(
        "Start a taper plan",
        answer=PlanAnswer,
        body=PlanGiven,
        created=True,
        parameters=(ETAG,),
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        given = read_body(request, PlanGiven)
        version = submit_plan_start(
            patient=visible_patient(request, given.patient),
            by=user_of(request),
            at=timezone.now(),
            indication=given.indication,
            use_started_on=given.use_started_on,
            effective_at=given.effective_at,
            reason=given.reason,
            steps=step_inputs(given.steps),
            is_gated=given.is_gated,
        )
        return tell_changed(request, version.plan_id)


class OneTaperPlan(ApiView):
    access: ClassVar = {"GET": Access("plans:read", EVERYBODY)}

    @describe("Read one taper plan with all its versions", answer=PlanAnswer, parameters=(ETAG,))
    def get(self, request: Request, plan_id: UUID) -> Response:
        plan = get_object_or_404(visible_plans(request), pk=plan_id)
        remember_view(request, plan, plan.patient_id)
        return Response(plan_answer(plan), headers={"ETag": plan_etag(plan)})


class PlanVersions(ApiView):
    access: ClassVar = {"POST": Access("plans:write")}

    @describe(
        "Change a taper plan by a new version",
        answer=PlanAnswer,
        body=VersionGiven,
        created=True,
        parameters=(IF_MATCH, ETAG),
        example={key: EXAMPLE[key] for key in ("effective_at", "steps")}
        | {"kind": "hold", "reason": "Held after a bad night."},
    )
    def post(self, request: Request, plan_id: UUID) -> Response:
        given = read_body(request, VersionGiven)
        found = get_object_or_404(visible_plans(request), pk=plan_id)
        with transaction.atomic():  # the version is compared and made under one lock
            TaperPlan.objects.select_for_update().get(pk=found.pk)
            plan = visible_plans(request).get(pk=found.pk)
            refuse_stale(request, plan_etag(plan))
            submit_plan_change(
                plan=plan,
                by=user_of(request),
                at=timezone.now(),
                steps=step_inputs(given.steps),
                effective_at=given.effective_at,
                reason=given.reason,
                kind=given.kind,
            )
        return tell_changed(request, plan.pk)


def visible_plans(request: Request) -> QuerySet[TaperPlan]:
    plans = TaperPlan.objects.prefetch_related("versions__steps", "versions__signature")
    return of_visible_patients(request, plans)


def tell_changed(request: Request, plan_id: UUID) -> Response:
    plan = visible_plans(request).get(pk=plan_id)
    headers = {"ETag": plan_etag(plan), "Location": address("one-taper-plan", plan_id)}
    return Response(plan_answer(plan), status=201, headers=headers)
