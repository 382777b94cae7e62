"""What every view of the API shares. A view does four things: who may, what shape, hand over, answer."""

from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils import timezone
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.patients.models import Patient

from .authentication import BearerAuthentication, BrowserAuthentication
from .errors import answer_error, request_id
from .parsers import StrictJSONParser
from .patient_lookup import find_visible_patient
from .permissions import Access, MayCall
from .renderers import JSONRenderer
from .schema import ApiSchema
from .shapes import Answer, Given, read_query
from .throttling import ClientBrake, rate_limit_headers

M = TypeVar("M", bound=Model)


class Negotiation(DefaultContentNegotiation):
    """By the Accept header only; `?format=` is a parameter like any other, and unknown."""

    settings: Any = SimpleNamespace(URL_FORMAT_OVERRIDE=None)


class NoQuery(Given):
    pass


class Person(Answer):
    id: UUID
    name: str


class ApiView(APIView):
    authentication_classes: Any = (BearerAuthentication, BrowserAuthentication)
    permission_classes: Any = (MayCall,)
    parser_classes = (StrictJSONParser,)
    renderer_classes: Any = (JSONRenderer,)
    throttle_classes = (ClientBrake,)
    content_negotiation_class = Negotiation
    metadata_class = None  # OPTIONS tells nothing; the schema does
    schema = ApiSchema()

    access: ClassVar[dict[str, Access]] = {}
    query: ClassVar[type[Given]] = NoQuery
    """The query parameters of GET; no other method has any."""
    brake: ClassVar[str] = "requests"

    def get_exception_handler(self) -> Any:
        return answer_error

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in {"GET", "HEAD"} and request.META.get("QUERY_STRING"):
            read_query(request, NoQuery)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["X-Request-ID"] = request_id(request)
        answer["Cache-Control"] = "no-store"
        if limit := getattr(request, "rate_limit", None):
            for name, value in rate_limit_headers(*limit).items():
                answer[name] = value
        return answer


def user_of(request: Request) -> User:
    """The caller; `MayCall` has turned away whoever is nobody."""
    return cast(User, request.user)


def visible_patient(request: Request, patient_id: UUID) -> Patient:
    """Somebody else's patient is not there (404), exactly like one that never was."""
    return find_visible_patient(user_of(request), patient_id)


def of_visible_patients(request: Request, rows: QuerySet[M]) -> QuerySet[M]:
    return rows.filter(patient__in=Patient.objects.visible_to(user_of(request)))


def remember_view(request: Request, shown: Model, patient_id: UUID) -> None:
    """Who has seen what of whom goes into the record."""
    record_event(
        AuditEvent.Type.PATIENT_VIEWED,
        subject=shown,
        by=user_of(request),
        at=timezone.now(),
        patient_id=patient_id,
        detail={"door": "api"},
        request_id=request_id(request),
    )


def remember_list(request: Request, kind: str, patient_ids: set[UUID]) -> None:
    """One line for a page: whose data was on it. An empty page shows nobody."""
    if not patient_ids:
        return
    record_event(
        AuditEvent.Type.PATIENT_VIEWED,
        subject=user_of(request),
        by=user_of(request),
        at=timezone.now(),
        detail={"door": "api", "list": kind, "patients": sorted(map(str, patient_ids))},
        request_id=request_id(request),
    )
