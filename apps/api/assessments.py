from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.assessments.models import Assessment

from .base import ApiView, of_visible_patients, remember_list, remember_view
from .fields import Id, Instant
from .pagination import PageQuery, page, paged
from .permissions import Access
from .schema import describe
from .shapes import Answer, read_query


class AssessmentQuery(PageQuery):
    patient: Id | None = None
    log: Id | None = None
    assessed_from: Instant | None = None
    assessed_before: Instant | None = None

    lookups: ClassVar = {
        "patient": "patient",
        "log": "log",
        "assessed_from": "assessed_at__gte",
        "assessed_before": "assessed_at__lt",
    }


class AssessmentAnswer(Answer):
    id: UUID
    log: UUID | None
    """Null where the patient was looked at by the clock, with no log coming in."""
    patient: UUID
    catalogue_version: str
    assessed_at: datetime
    level: int
    """0 no rule fired, 1 watch, 2 urgent, 3 emergency. 0 does not mean that the person is well."""
    score: int | None
    """Null where no domain of the score was answered: unknown, not zero."""
    score_complete: bool
    exposed: bool | None


class FullAssessment(AssessmentAnswer):
    result: dict[str, Any]
    """The whole evaluation: rules that fired with what matched and what was missing, and those undecided."""
    facts: dict[str, Any]
    """What the rules were told."""


def _fields(row: Assessment) -> dict[str, Any]:
    return {
        "id": row.pk,
        "log": row.log_id,
        "patient": row.patient_id,
        "catalogue_version": row.catalogue_version,
        "assessed_at": row.assessed_at,
        "level": row.level,
        "score": row.score,
        "score_complete": row.score_complete,
        "exposed": row.exposed,
    }


def _brief(row: Assessment) -> AssessmentAnswer:
    return AssessmentAnswer.model_construct(**_fields(row))


class Assessments(ApiView):
    access: ClassVar = {"GET": Access("logs:read")}
    query = AssessmentQuery

    @describe("List assessments, newest first", answer=paged(AssessmentAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, AssessmentQuery)
        rows = of_visible_patients(request, Assessment.objects.defer("result", "facts"))
        answer = page(request, query.narrow(rows), query, _brief, by="assessed_at")
        remember_list(request, "assessments", {row.patient for row in answer.data["results"]})
        return answer


class OneAssessment(ApiView):
    access: ClassVar = {"GET": Access("logs:read")}

    @describe("Read one assessment with all its reasons", answer=FullAssessment)
    def get(self, request: Request, assessment_id: UUID) -> Response:
        row = get_object_or_404(of_visible_patients(request, Assessment.objects.all()), pk=assessment_id)
        remember_view(request, row, row.patient_id)
        return Response(FullAssessment.model_construct(**_fields(row), result=row.result, facts=row.facts))
