from http import HTTPStatus
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.http import Http404
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import DomainError

from .base import ApiView, user_of
from .errors import answer_error
from .log_reading import read_log
from .permissions import SYSTEMS, Access
from .schema import describe
from .shapes import Answer, Given, read_body
from .symptom_log_shapes import EXAMPLE, LogGiven
from .symptom_logs import take_in

MOST_LOGS = 500


class BulkGiven(Given):
    logs: Annotated[list[Any], Field(min_length=1, max_length=MOST_LOGS)]
    """Looked at one by one, so that one that is wrong spoils no other."""


class BulkDescription(Given):
    """The same for the schema: each as in POST /symptom-logs/."""

    logs: Annotated[list[LogGiven], Field(min_length=1, max_length=MOST_LOGS)]


class BulkItem(Answer):
    index: int
    status: int
    """201 stored, 200 stored before, else why not."""
    id: UUID | None
    problem: dict[str, Any] | None


class BulkAnswer(Answer):
    created: int
    replayed: int
    refused: int
    results: list[BulkItem]


class SymptomLogsBulk(ApiView):
    """Each log stands alone: one that is refused spoils no other, and sending all of them again is safe."""

    access: ClassVar = {"POST": Access("logs:write", SYSTEMS)}

    @describe(
        "Record up to 500 symptom logs",
        answer=BulkAnswer,
        body=BulkDescription,
        statuses={207: "Some were refused; `results` says which and why."},
        example={"logs": [EXAMPLE]},
    )
    def post(self, request: Request) -> Response:
        given = read_body(request, BulkGiven)
        results = [_take_one(request, index, log) for index, log in enumerate(given.logs)]
        answer = BulkAnswer.model_construct(
            created=_count(results, HTTPStatus.CREATED),
            replayed=_count(results, HTTPStatus.OK),
            refused=sum(result.problem is not None for result in results),
            results=results,
        )
        return Response(answer, status=207 if answer.refused else 200)


def _take_one(request: Request, index: int, log: Any) -> BulkItem:
    try:
        submitted = take_in(request, read_log(log, user_of(request)))
    except (DomainError, Http404) as refusal:
        problem = answer_error(refusal, {"request": request}).data
        for fault in problem["errors"]:
            fault["pointer"] = f"/logs/{index}{fault['pointer']}"
        return BulkItem.model_construct(index=index, status=problem["status"], id=None, problem=problem)
    status = HTTPStatus.CREATED if submitted.created else HTTPStatus.OK
    return BulkItem.model_construct(index=index, status=status, id=submitted.log.pk, problem=None)


def _count(results: list[BulkItem], status: HTTPStatus) -> int:
    return sum(result.status == status for result in results)
