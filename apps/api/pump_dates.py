"""The dates that a pump clinic keeps. Each report tells all that is known; the newest one counts."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import model_validator
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.intake import submit_pump_dates
from apps.tapers.models import PumpDates

from .base import ApiView, of_visible_patients, remember_list, remember_view, user_of, visible_patient
from .fields import Date, Decimal, Id, fault
from .pagination import PageQuery, page, paged
from .permissions import AT_WORK, Access
from .pump_events import LARGEST_RESERVOIR_ML
from .replies import stored
from .schema import describe
from .shapes import Answer, Given, read_body, read_query


class PumpDatesQuery(PageQuery):
    patient: Id | None = None

    lookups: ClassVar = {"patient": "patient"}


class PumpDatesGiven(Given):
    patient: Id
    client_id: Id
    """Made by the sender, once for each report: sending the same again changes nothing."""
    refill_due_on: Date | None = None
    """Days are the patient's own. What is left out is not known."""
    low_reservoir_on: Date | None = None
    """When the reservoir is reckoned to reach its alarm volume."""
    refill_booked: bool | None = None
    service_ends_on: Date | None = None
    alarm_volume_ml: Decimal | None = None

    @model_validator(mode="after")
    def _fits_a_reservoir(self) -> Self:
        if self.alarm_volume_ml is not None and self.alarm_volume_ml > LARGEST_RESERVOIR_ML:
            raise fault("reservoir_too_large", _("A reservoir holds 0 to 60 ml."))
        return self


class PumpDatesAnswer(Answer):
    id: UUID
    patient: UUID
    client_id: UUID
    refill_due_on: date | None
    low_reservoir_on: date | None
    refill_booked: bool | None
    service_ends_on: date | None
    alarm_volume_ml: str | None
    recorded_by: UUID | None
    recorded_at: datetime


def pump_dates_answer(told: PumpDates) -> PumpDatesAnswer:
    return PumpDatesAnswer.model_construct(
        id=told.pk,
        patient=told.patient_id,
        client_id=told.client_id,
        refill_due_on=told.refill_due_on,
        low_reservoir_on=told.low_reservoir_on,
        refill_booked=told.refill_booked,
        service_ends_on=told.service_ends_on,
        alarm_volume_ml=None if told.alarm_volume_ml is None else str(told.alarm_volume_ml),
        recorded_by=told.recorded_by_id,
        recorded_at=told.recorded_at,
    )


EXAMPLE = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca430",
    "refill_due_on": "2026-12-14",
    "low_reservoir_on": "2026-12-20",
    "refill_booked": True,
    "service_ends_on": "2029-05-01",
    "alarm_volume_ml": "4",
}


class AllPumpDates(ApiView):
    access: ClassVar = {"GET": Access("plans:read"), "POST": Access("plans:write", AT_WORK)}
    query = PumpDatesQuery

    @describe("List reports of pump dates, newest first", answer=paged(PumpDatesAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, PumpDatesQuery)
        rows = query.narrow(of_visible_patients(request, PumpDates.objects.all()))
        answer = page(request, rows, query, pump_dates_answer, by="recorded_at")
        remember_list(request, "pump-dates", {told.patient for told in answer.data["results"]})
        return answer

    @describe(
        "Report when a pump is due: refill, reservoir, end of service",
        answer=PumpDatesAnswer,
        body=PumpDatesGiven,
        created=True,
        statuses={200: "The same report had come before: the first result."},
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        given = read_body(request, PumpDatesGiven)
        told = submit_pump_dates(
            patient=visible_patient(request, given.patient),
            by=user_of(request),
            at=at,
            **given.model_dump(exclude={"patient"}),
        )
        return stored("one-pump-dates", told.pk, pump_dates_answer(told), created=told.recorded_at == at)


class OnePumpDates(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}

    @describe("Read one report of pump dates", answer=PumpDatesAnswer)
    def get(self, request: Request, dates_id: UUID) -> Response:
        rows = of_visible_patients(request, PumpDates.objects.all())
        told = get_object_or_404(rows, pk=dates_id)
        remember_view(request, told, told.patient_id)
        return Response(pump_dates_answer(told))
