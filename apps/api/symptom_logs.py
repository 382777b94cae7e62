from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.alerts.models import Level
from apps.monitoring.intake import SubmittedLog, submit_symptom_log
from apps.symptoms.models import SymptomLog

from .base import (
    ApiView,
    of_visible_patients,
    remember_list,
    remember_view,
    user_of,
    visible_patient,
)
from .log_reading import read_log
from .pagination import page, paged
from .permissions import EVERYBODY, Access
from .replies import stored
from .reporters import reporter_of
from .schema import describe
from .shapes import json_body, read_query
from .symptom_log_shapes import (
    EXAMPLE,
    AlertBrief,
    LogAnswer,
    LogGiven,
    LogQuery,
    LogStored,
    log_answer,
    log_fields,
)


class SymptomLogs(ApiView):
    access: ClassVar = {
        "GET": Access("logs:read", EVERYBODY),
        "POST": Access("logs:write", EVERYBODY),
    }
    query = LogQuery
    brake = "logs"

    @describe("List symptom logs, newest observation first", answer=paged(LogAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, LogQuery)
        answer = page(request, query.narrow(visible_logs(request)), query, log_answer, by="observed_at")
        remember_list(request, "symptom-logs", {log.patient for log in answer.data["results"]})
        return answer

    @describe(
        "Record a symptom log",
        answer=LogStored,
        body=LogGiven,
        created=True,
        statuses={200: "The same log had come before: the first result."},
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        given = read_log(json_body(request), user_of(request))
        wait = getattr(self, "seconds_to_wait", None)
        submitted = take_in(request, given) if wait is None else self._take_in_if_emergency(request, given, wait)
        answer = LogStored.model_construct(
            **log_fields(submitted.log), alerts=[_brief(alert) for alert in submitted.alerts]
        )
        return stored("one-symptom-log", submitted.log.pk, answer, created=submitted.created)

    def throttled(self, request: Request, wait: float) -> None:  # type: ignore[override]
        """A report of an emergency is never refused for being one too many, and only the rules can tell
        which it is: so a POST is refused after the floor has spoken."""
        if request.method != "POST":
            super().throttled(request, wait)
        self.seconds_to_wait = wait

    def _take_in_if_emergency(self, request: Request, given: LogGiven, wait: float) -> SubmittedLog:
        with transaction.atomic():
            submitted = take_in(request, given)
            if not any(alert.level == Level.EMERGENCY for alert in submitted.alerts):
                super().throttled(request, wait)  # undoes what was taken in
        return submitted


class OneSymptomLog(ApiView):
    access: ClassVar = {"GET": Access("logs:read", EVERYBODY)}

    @describe("Read one symptom log", answer=LogAnswer)
    def get(self, request: Request, log_id: UUID) -> Response:
        log = get_object_or_404(visible_logs(request), pk=log_id)
        remember_view(request, log, log.patient_id)
        return Response(log_answer(log))


def take_in(request: Request, given: LogGiven) -> SubmittedLog:
    user = user_of(request)
    return submit_symptom_log(
        patient=visible_patient(request, given.patient),
        by=user,
        reporter=reporter_of(user, given.reporter),
        at=timezone.now(),
        client_id=given.client_id,
        observed_at=given.observed_at,
        answers=given.answers,
        vital_signs={code: reading.model_dump(exclude_none=True) for code, reading in given.vital_signs.items()},
        note=given.note,
        channel="api",
        supersedes=_corrected(request, given),
    )


def visible_logs(request: Request) -> QuerySet[SymptomLog]:
    logs = SymptomLog.objects.annotate(correction_id=F("superseded_by__id"))
    return of_visible_patients(request, logs)


def _corrected(request: Request, given: LogGiven) -> SymptomLog | None:
    if given.supersedes is None:
        return None
    return get_object_or_404(visible_logs(request), pk=given.supersedes, patient=given.patient)


def _brief(alert: Any) -> AlertBrief:
    return AlertBrief.model_construct(id=alert.pk, pattern=alert.pattern, level=alert.level)
