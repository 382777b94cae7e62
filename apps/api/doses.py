from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.monitoring.intake import submit_dose
from apps.tapers.models import Dose, Route

from .base import (
    ApiView,
    of_visible_patients,
    remember_list,
    remember_view,
    user_of,
    visible_patient,
)
from .fields import Decimal, Id, Instant, one_of, text
from .pagination import PageQuery, page, paged
from .permissions import EVERYBODY, Access
from .replies import stored
from .schema import describe
from .shapes import Answer, Given, read_body, read_query


class DoseQuery(PageQuery):
    patient: Id | None = None
    route: Annotated[str, one_of(Route.values)] | None = None
    recorded_from: Instant | None = None
    recorded_before: Instant | None = None

    lookups: ClassVar = {
        "patient": "patient",
        "route": "route",
        "recorded_from": "recorded_at__gte",
        "recorded_before": "recorded_at__lt",
    }


class DoseGiven(Given):
    patient: Id
    client_id: Id
    """Made by the sender, once for each dose: sending the same again changes nothing."""
    route: Annotated[str, one_of(Route.values)]
    status: Annotated[str, one_of(Dose.Status.values)]
    due_at: Instant | None = None
    """The planned dose that is meant; null for one taken outside the plan."""
    taken_at: Instant | None = None
    amount: Decimal | None = None
    """mg by mouth, microgram by pump."""
    reason: Annotated[str, text(300)] = ""
    """Why it was not as planned."""
    supersedes: Id | None = None
    """The report that this one corrects."""


class DoseAnswer(Answer):
    id: UUID
    patient: UUID
    client_id: UUID
    route: str
    status: str
    due_at: datetime | None
    taken_at: datetime | None
    amount: str | None
    reason: str
    reporter: str
    recorded_by: UUID | None
    recorded_at: datetime
    supersedes: UUID | None
    superseded_by: UUID | None


def dose_answer(dose: Dose) -> DoseAnswer:
    return DoseAnswer.model_construct(
        id=dose.pk,
        patient=dose.patient_id,
        client_id=dose.client_id,
        route=dose.route,
        status=dose.status,
        due_at=dose.due_at,
        taken_at=dose.taken_at,
        amount=None if dose.amount is None else str(dose.amount),
        reason=dose.reason,
        reporter=dose.reporter,
        recorded_by=dose.recorded_by_id,
        recorded_at=dose.recorded_at,
        supersedes=dose.supersedes_id,
        superseded_by=getattr(dose, "correction_id", None),
    )


EXAMPLE = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "route": "oral",
    "status": "taken",
    "due_at": "2026-11-23T08:00:00+01:00",
    "taken_at": "2026-11-23T08:10:00+01:00",
    "amount": "10.000",
}


class Doses(ApiView):
    access: ClassVar = {
        "GET": Access("plans:read", EVERYBODY),
        "POST": Access("plans:write", EVERYBODY),
    }
    query = DoseQuery

    @describe("List reports of doses, newest first", answer=paged(DoseAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, DoseQuery)
        answer = page(request, query.narrow(_visible(request)), query, dose_answer, by="recorded_at")
        remember_list(request, "doses", {dose.patient for dose in answer.data["results"]})
        return answer

    @describe(
        "Report a dose taken, missed or not known",
        answer=DoseAnswer,
        body=DoseGiven,
        created=True,
        statuses={200: "The same report had come before: the first result."},
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        given = read_body(request, DoseGiven)
        patient = visible_patient(request, given.patient)
        dose = submit_dose(
            patient=patient,
            by=user_of(request),
            at=at,
            **given.model_dump(exclude={"patient", "supersedes"}),
            supersedes=_corrected(request, given),
        )
        return stored("one-dose", dose.pk, dose_answer(dose), created=dose.recorded_at == at)


class OneDose(ApiView):
    access: ClassVar = {"GET": Access("plans:read", EVERYBODY)}

    @describe("Read one report of a dose", answer=DoseAnswer)
    def get(self, request: Request, dose_id: UUID) -> Response:
        dose = get_object_or_404(_visible(request), pk=dose_id)
        remember_view(request, dose, dose.patient_id)
        return Response(dose_answer(dose))


def _corrected(request: Request, given: DoseGiven) -> Dose | None:
    if given.supersedes is None:
        return None
    return get_object_or_404(_visible(request), pk=given.supersedes, patient=given.patient)


def _visible(request: Request) -> Any:
    doses = Dose.objects.annotate(correction_id=F("superseded_by__id"))
    return of_visible_patients(request, doses)
