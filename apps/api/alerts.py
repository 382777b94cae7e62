"""Alerts: read by whoever watches; answered by a named person of the ward, never by a connected system."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.alerts.escalation import people_who_can_take
from apps.alerts.models import Alert
from apps.alerts.services import (
    acknowledge_alert,
    decline_alert,
    end_silence,
    note_alert,
    pass_on_alert,
    release_alert,
    resolve_alert,
    silence_alert,
)
from apps.patients.models import Stay

from .alert_shapes import (
    AlertAnswer,
    AlertQuery,
    DeclineGiven,
    FullAlert,
    NoteGiven,
    PassOnGiven,
    ReleaseGiven,
    ResolveGiven,
    SilenceGiven,
    alert_answer,
    alert_etag,
    full_alert,
)
from .base import ApiView, of_visible_patients, remember_list, remember_view, user_of
from .etags import is_fresh, refuse_stale
from .pagination import page, paged
from .permissions import PEOPLE_AT_WORK, Access
from .schema import ETAG, IF_MATCH, describe
from .shapes import Given, read_body, read_query


class Nothing(Given):
    pass


class Alerts(ApiView):
    access: ClassVar = {"GET": Access("alerts:read")}
    query = AlertQuery

    @describe("List alerts, most recently raised first", answer=paged(AlertAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, AlertQuery)
        answer = page(request, _matching(request, query), query, alert_answer, by="raised_at")
        remember_list(request, "alerts", {alert.patient for alert in answer.data["results"]})
        return answer


class OneAlert(ApiView):
    access: ClassVar = {"GET": Access("alerts:read")}

    @describe("Read one alert with every reason", answer=FullAlert, parameters=(ETAG,))
    def get(self, request: Request, alert_id: UUID) -> Response:
        alert = get_object_or_404(_visible(request), pk=alert_id)
        remember_view(request, alert, alert.patient_id)
        return _tell(alert)


class AcknowledgeAlert(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK)}

    @describe("Take an alert", answer=FullAlert, body=Nothing, parameters=(IF_MATCH, ETAG))
    def post(self, request: Request, alert_id: UUID) -> Response:
        read_body(request, Nothing)

        def take(alert: Alert, by: User, at: datetime) -> Alert:
            # Whoever comes second is told by name who was first, which helps more than "stale".
            taken = alert.status == Alert.Status.ACKNOWLEDGED
            if not is_fresh(request, alert_etag(alert)) and not taken:
                refuse_stale(request, alert_etag(alert))
            return acknowledge_alert(alert=alert, by=by, at=at)

        return _change(request, alert_id, take)


class ReleaseAlert(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK)}

    @describe("Hand an alert back", answer=FullAlert, body=ReleaseGiven, parameters=(IF_MATCH, ETAG))
    def post(self, request: Request, alert_id: UUID) -> Response:
        given = read_body(request, ReleaseGiven)

        def release(alert: Alert, by: User, at: datetime) -> Alert:
            refuse_stale(request, alert_etag(alert))
            return release_alert(alert=alert, by=by, at=at, note=given.note)

        return _change(request, alert_id, release)


class PassOnAlert(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK)}

    @describe(
        "Ask one colleague by name to take an alert",
        answer=FullAlert,
        body=PassOnGiven,
        parameters=(IF_MATCH, ETAG),
    )
    def post(self, request: Request, alert_id: UUID) -> Response:
        """Nobody has it until that colleague takes it; the ladder goes on meanwhile."""
        given = read_body(request, PassOnGiven)

        def pass_on(alert: Alert, by: User, at: datetime) -> Alert:
            refuse_stale(request, alert_etag(alert))
            to = next((one for one in people_who_can_take(alert) if str(one.pk) == str(given.to)), by)
            return pass_on_alert(alert=alert, by=by, to=to, at=at, note=given.note)

        return _change(request, alert_id, pass_on)


class DeclineAlert(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK)}

    @describe("Say that you cannot go to an alert", answer=FullAlert, body=DeclineGiven, parameters=(ETAG,))
    def post(self, request: Request, alert_id: UUID) -> Response:
        """It overwrites nothing, so it needs no If-Match."""
        given = read_body(request, DeclineGiven)

        def decline(alert: Alert, by: User, at: datetime) -> Alert:
            return decline_alert(alert=alert, by=by, at=at, note=given.note)

        return _change(request, alert_id, decline)


class SilenceAlert(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK), "DELETE": Access("", PEOPLE_AT_WORK)}

    @describe(
        "Let nobody be called for an alert until a time",
        answer=FullAlert,
        body=SilenceGiven,
        parameters=(IF_MATCH, ETAG),
    )
    def post(self, request: Request, alert_id: UUID) -> Response:
        given = read_body(request, SilenceGiven)

        def silence(alert: Alert, by: User, at: datetime) -> Alert:
            refuse_stale(request, alert_etag(alert))
            return silence_alert(alert=alert, by=by, at=at, until=given.until, note=given.note)

        return _change(request, alert_id, silence)

    @describe("End an alert's silence", answer=FullAlert, parameters=(IF_MATCH, ETAG))
    def delete(self, request: Request, alert_id: UUID) -> Response:
        def end(alert: Alert, by: User, at: datetime) -> Alert:
            refuse_stale(request, alert_etag(alert))
            return end_silence(alert=alert, by=by, at=at)

        return _change(request, alert_id, end)


class AlertNotes(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK)}

    @describe("Add a note to an alert", answer=FullAlert, body=NoteGiven, parameters=(ETAG,))
    def post(self, request: Request, alert_id: UUID) -> Response:
        """A note overwrites nothing, so it needs no If-Match."""
        given = read_body(request, NoteGiven)

        def add_note(alert: Alert, by: User, at: datetime) -> Alert:
            note_alert(alert=alert, by=by, at=at, note=given.note)
            return alert

        return _change(request, alert_id, add_note)


class ResolveAlert(ApiView):
    access: ClassVar = {"POST": Access("", PEOPLE_AT_WORK)}

    @describe(
        "Close an alert with its outcome",
        answer=FullAlert,
        body=ResolveGiven,
        parameters=(IF_MATCH, ETAG),
        example={"outcome": "reinstated", "note": "Seen by Dr Kaya at 07:10."},
    )
    def post(self, request: Request, alert_id: UUID) -> Response:
        given = read_body(request, ResolveGiven)

        def resolve(alert: Alert, by: User, at: datetime) -> Alert:
            refuse_stale(request, alert_etag(alert))
            return resolve_alert(alert=alert, by=by, at=at, outcome=given.outcome, note=given.note)

        return _change(request, alert_id, resolve)


def _change(request: Request, alert_id: UUID, change: Callable[[Alert, User, datetime], Any]) -> Response:
    """The version is compared and the change made under one lock: nobody comes in between."""
    with transaction.atomic():
        found = get_object_or_404(_visible(request), pk=alert_id)
        alert = Alert.objects.select_for_update().get(pk=found.pk)
        change(alert, user_of(request), timezone.now())
    return _tell(_with_people(Alert.objects.all()).get(pk=alert_id))


def _tell(alert: Alert) -> Response:
    return Response(full_alert(alert), headers={"ETag": alert_etag(alert)})


def _with_people(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    return alerts.select_related("acknowledged_by", "resolved_by", "silenced_by")


def _visible(request: Request) -> QuerySet[Alert]:
    return of_visible_patients(request, _with_people(Alert.objects.all()))


def _matching(request: Request, query: AlertQuery) -> QuerySet[Alert]:
    alerts = query.narrow(_visible(request))
    if query.ward:
        here = Stay.objects.current().filter(ward=query.ward)
        alerts = alerts.filter(patient__in=here.values("patient"))
    if query.open is not None:
        closed = Q(status=Alert.Status.RESOLVED)
        alerts = alerts.filter(~closed if query.open else closed)
    return alerts
