"""The one place where errors become answers: RFC 9457 problem details, every fault in one answer."""

import logging
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest
from django.http.request import RawPostDataException, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.core.errors import DomainError, InvalidInput, Problem
from apps.tapers.errors import GuardRailRefused
from apps.tapers.guard_rails import Breach

from .parsers import TooLarge

log = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
TYPE_PREFIX = "/api/v1/problems/"

TITLES: dict[str, Promise] = {
    "malformed": gettext_lazy("The body cannot be read"),
    "bad_query": gettext_lazy("The query cannot be answered"),
    "not_authenticated": gettext_lazy("Sign in first"),
    "permission_denied": gettext_lazy("Not allowed"),
    "not_found": gettext_lazy("Not found"),
    "method_not_allowed": gettext_lazy("No such method here"),
    "not_acceptable": gettext_lazy("No such format"),
    "conflict": gettext_lazy("Refused as things stand"),
    "cursor_too_old": gettext_lazy("The cursor is too old"),
    "stale": gettext_lazy("Changed since you read it"),
    "too_large": gettext_lazy("Too large"),
    "unsupported_media_type": gettext_lazy("Only JSON is read"),
    "invalid_input": gettext_lazy("Not taken as it is"),
    "if_match_required": gettext_lazy("If-Match is needed"),
    "throttled": gettext_lazy("Too many requests"),
    "internal_error": gettext_lazy("A fault of ours"),
    "unavailable": gettext_lazy("Not available just now"),
}
"""Codes that any route may answer. Refusals of single services add their own (`DomainError.code`)."""

_CODE_OF_STATUS = {
    400: "malformed",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "unsupported_media_type",
    429: "throttled",
}


def answer_error(error: Exception, context: dict[str, Any]) -> Response:
    """Every exception of every view under /api/v1 ends here; none becomes an HTML page."""
    request: Request = context["request"]
    set_rollback()
    match error:
        case DomainError():
            return _of_domain(request, error)
        case Http404():
            return problem(request, 404, "not_found", _("There is no such thing, or it is not yours to see."))
        case DjangoPermissionDenied():
            return problem(request, 403, "permission_denied", _("You may not do this."))
        case RequestDataTooBig():
            return problem(request, 413, "too_large", _("The body is too large."))
        case UnreadablePostError() | RawPostDataException():
            return problem(request, 400, "malformed", _("The body did not arrive whole."))
        case exceptions.APIException():
            return _of_framework(request, error)
        case OperationalError() | InterfaceError():
            log.error("the database did not answer", exc_info=error, extra={"request_id": request_id(request)})
            detail = _("The records cannot be reached. Nothing was stored; send it again.")
            return problem(request, 503, "unavailable", detail, headers={"Retry-After": "5"})
    log.error("unexpected fault", exc_info=error, extra={"request_id": request_id(request)})
    return problem(request, 500, "internal_error", _("Something went wrong on our side. Nothing was stored."))


def problem(
    request: Request | HttpRequest,
    status: int,
    code: str,
    detail: str,
    *,
    problems: Iterable[Problem] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {
        "type": f"{TYPE_PREFIX}{code}/",
        "title": str(TITLES.get(code, TITLES["conflict"])),
        "status": status,
        "detail": str(detail),
        "code": code,
        "instance": f"urn:uuid:{request_id(request)}",
        "errors": [as_error(fault) for fault in problems],
    }
    return Response(body, status=status, headers=headers, content_type=PROBLEM_JSON)


def as_error(fault: Problem) -> dict[str, str]:
    # A pointer holds a key as it was sent, which may be no text at all (half of a surrogate pair).
    pointer = fault.pointer.encode("utf-8", "backslashreplace").decode()
    return {"pointer": pointer, "code": fault.code, "detail": str(fault.detail)}


def request_id(request: Request | HttpRequest) -> str:
    """The id under which this request is in our logs, as given by the middleware; else one made here."""
    inner = getattr(request, "_request", request)
    known = getattr(inner, "request_id", None)
    if known is None:
        known = str(uuid.uuid4())
        setattr(inner, "request_id", known)  # noqa: B010 - the type of a request does not know it
    return str(known)


def _of_domain(request: Request, error: DomainError) -> Response:
    problems = error.problems if isinstance(error, InvalidInput) else ()
    answer = problem(request, error.status, error.code, error.message, problems=problems)
    if isinstance(error, GuardRailRefused):
        answer.data["breaches"] = [breach_values(breach) for breach in error.breaches]
    return answer


def breach_values(breach: Breach) -> dict[str, Any]:
    """A guard rail that a plan breaks, as values: which, by how much, what the limit is and who says so."""
    return {
        "rule": breach.code,
        "title": breach.title,
        "route": breach.route,
        "at": breach.at,
        "value": breach.value,
        "limit": breach.limit,
        "source": breach.source,
        "tag": breach.tag,
        "needs_second_signature": breach.is_refusal,
    }


def _of_framework(request: Request, error: exceptions.APIException) -> Response:
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, round(wait)))
    code = _CODE_OF_STATUS.get(error.status_code, error.default_code)
    return problem(request, error.status_code, code, str(error.detail), headers=headers)


__all__ = ["TITLES", "TooLarge", "answer_error", "as_error", "problem", "request_id"]
