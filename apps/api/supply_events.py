from typing import Annotated, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import model_validator
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.intake import submit_event_end, submit_supply_event
from apps.tapers.models import Route, SupplyEvent

from .base import (
    ApiView,
    of_visible_patients,
    remember_list,
    remember_view,
    user_of,
    visible_patient,
)
from .fields import Decimal, fault, one_of
from .pagination import page, paged
from .permissions import AT_WORK, Access
from .replies import stored
from .schema import describe
from .shapes import read_body, read_query
from .supply import END_EXAMPLE, EndGiven, EventAnswer, EventGiven, EventQuery, event_fields

MOST_DOSES_MISSED = 1000


class SupplyEventGiven(EventGiven):
    kind: Annotated[str, one_of(SupplyEvent.Kind.values)]
    route: Annotated[str, one_of((*Route.values, "transplacental"))] | None = None
    fraction: Decimal | None = None
    """Part of the daily dose taken away, above 0 and up to 1; null where not known."""
    planned: bool | None = None
    count: int = 1
    """How many doses were missed."""

    @model_validator(mode="after")
    def _fits_its_bounds(self) -> "SupplyEventGiven":
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise fault("fraction_out_of_range", _("A cut is a part of the dose: above 0, up to 1."))
        if not 1 <= self.count <= MOST_DOSES_MISSED:
            raise fault("count_out_of_range", _("Give a count of 1 to %d.") % MOST_DOSES_MISSED)
        return self


class SupplyEventAnswer(EventAnswer):
    route: str | None
    fraction: str | None
    planned: bool | None
    count: int


def supply_event_answer(event: SupplyEvent) -> SupplyEventAnswer:
    return SupplyEventAnswer.model_construct(
        **event_fields(event),
        route=event.route or None,
        fraction=None if event.fraction is None else str(event.fraction),
        planned=event.planned,
        count=event.count,
    )


EXAMPLE = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca429",
    "kind": "hospital_transfer",
    "occurred_at": "2026-11-22T17:00:00+01:00",
    "note": "Came from another hospital; medicines not yet reconciled.",
}


class SupplyEvents(ApiView):
    access: ClassVar = {"GET": Access("plans:read"), "POST": Access("plans:write", AT_WORK)}
    query = EventQuery

    @describe("List supply events, newest first", answer=paged(SupplyEventAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, EventQuery)
        rows = query.narrow(of_visible_patients(request, SupplyEvent.objects.all()))
        answer = page(request, rows, query, supply_event_answer, by="occurred_at")
        remember_list(request, "supply-events", {event.patient for event in answer.data["results"]})
        return answer

    @describe(
        "Report what no plan told: a stop, a cut, a transfer, surgery, a birth",
        answer=SupplyEventAnswer,
        body=SupplyEventGiven,
        created=True,
        statuses={200: "The same event had come before: the first result."},
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        given = read_body(request, SupplyEventGiven)
        event = submit_supply_event(
            patient=visible_patient(request, given.patient),
            by=user_of(request),
            at=at,
            **given.model_dump(exclude={"patient", "route"}),
            route=given.route or "",
        )
        answer = supply_event_answer(event)
        return stored("one-supply-event", event.pk, answer, created=event.recorded_at == at)


class OneSupplyEvent(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}

    @describe("Read one supply event", answer=SupplyEventAnswer)
    def get(self, request: Request, event_id: UUID) -> Response:
        rows = of_visible_patients(request, SupplyEvent.objects.all())
        event = get_object_or_404(rows, pk=event_id)
        remember_view(request, event, event.patient_id)
        return Response(supply_event_answer(event))


class EndSupplyEvent(ApiView):
    access: ClassVar = {"POST": Access("plans:write", AT_WORK)}

    @describe(
        "Report that what a supply event told of is mended, or was taken back",
        answer=SupplyEventAnswer,
        body=EndGiven,
        example=END_EXAMPLE,
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        given = read_body(request, EndGiven)
        rows = of_visible_patients(request, SupplyEvent.objects.select_related("patient"))
        event = get_object_or_404(rows, pk=event_id)
        submit_event_end(event=event, by=user_of(request), at=timezone.now(), ended_at=given.ended_at)
        return Response(supply_event_answer(event))
