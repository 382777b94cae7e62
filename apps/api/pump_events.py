from typing import Annotated, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import model_validator
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.intake import submit_event_end, submit_pump_event
from apps.tapers.models import PumpEvent

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

LARGEST_RESERVOIR_ML = 60


class PumpEventGiven(EventGiven):
    kind: Annotated[str, one_of(PumpEvent.Kind.values)]
    tone: Annotated[str, one_of(PumpEvent.Tone.values)] | None = None
    reservoir_ml: Decimal | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "PumpEventGiven":
        if self.tone and self.kind != PumpEvent.Kind.ALARM:
            raise fault("tone_without_alarm", _("Only an alarm has a tone."))
        if self.reservoir_ml is not None and self.reservoir_ml > LARGEST_RESERVOIR_ML:
            raise fault("reservoir_too_large", _("A reservoir holds 0 to 60 ml."))
        return self


class PumpEventAnswer(EventAnswer):
    tone: str | None
    reservoir_ml: str | None


def pump_event_answer(event: PumpEvent) -> PumpEventAnswer:
    return PumpEventAnswer.model_construct(
        **event_fields(event),
        tone=event.tone or None,
        reservoir_ml=None if event.reservoir_ml is None else str(event.reservoir_ml),
    )


EXAMPLE = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca428",
    "kind": "pump_alarm",
    "tone": "two_tone",
    "occurred_at": "2026-11-23T02:15:00+01:00",
    "note": "Heard by the night nurse.",
}


class PumpEvents(ApiView):
    access: ClassVar = {"GET": Access("plans:read"), "POST": Access("plans:write", AT_WORK)}
    query = EventQuery

    @describe("List pump events, newest first", answer=paged(PumpEventAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, EventQuery)
        rows = query.narrow(of_visible_patients(request, PumpEvent.objects.all()))
        answer = page(request, rows, query, pump_event_answer, by="occurred_at")
        remember_list(request, "pump-events", {event.patient for event in answer.data["results"]})
        return answer

    @describe(
        "Report something that happened to a pump",
        answer=PumpEventAnswer,
        body=PumpEventGiven,
        created=True,
        statuses={200: "The same event had come before: the first result."},
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        given = read_body(request, PumpEventGiven)
        event = submit_pump_event(
            patient=visible_patient(request, given.patient),
            by=user_of(request),
            at=at,
            **given.model_dump(exclude={"patient", "tone"}),
            tone=given.tone or "",
        )
        answer = pump_event_answer(event)
        return stored("one-pump-event", event.pk, answer, created=event.recorded_at == at)


class OnePumpEvent(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}

    @describe("Read one pump event", answer=PumpEventAnswer)
    def get(self, request: Request, event_id: UUID) -> Response:
        rows = of_visible_patients(request, PumpEvent.objects.all())
        event = get_object_or_404(rows, pk=event_id)
        remember_view(request, event, event.patient_id)
        return Response(pump_event_answer(event))


class EndPumpEvent(ApiView):
    access: ClassVar = {"POST": Access("plans:write", AT_WORK)}

    @describe(
        "Report that what a pump event told of is mended, or was taken back",
        answer=PumpEventAnswer,
        body=EndGiven,
        example=END_EXAMPLE,
    )
    def post(self, request: Request, event_id: UUID) -> Response:
        given = read_body(request, EndGiven)
        rows = of_visible_patients(request, PumpEvent.objects.select_related("patient"))
        event = get_object_or_404(rows, pk=event_id)
        submit_event_end(event=event, by=user_of(request), at=timezone.now(), ended_at=given.ended_at)
        return Response(pump_event_answer(event))
