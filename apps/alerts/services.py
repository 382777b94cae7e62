"""How a person answers an alert. Each is a conditional change: of two people one wins, the other is told who."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.errors import (
    AlertAlreadyAcknowledged,
    AlertClosed,
    AlertNotTaken,
    NotForThisRole,
)
from apps.alerts.escalation import start_ladder, stop_ladder
from apps.alerts.models import Alert, AlertEvent
from apps.alerts.raising import note_withdrawn_reason as note_withdrawn_reason
from apps.alerts.raising import raise_alerts as raise_alerts
from apps.alerts.raising import raise_by_clock as raise_by_clock
from apps.alerts.raising import raise_not_assessed as raise_not_assessed
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem

Kind = AlertEvent.Kind
NEEDS_NOTE = frozenset({Alert.Outcome.FALSE, Alert.Outcome.NOT_ACTIONABLE, Alert.Outcome.OTHER_CAUSE})
"""Outcomes that say the alarm was not needed: whoever tunes the rules has to read why."""


@transaction.atomic
def acknowledge_alert(*, alert: Alert, by: User, at: datetime) -> Alert:
    """Take it: whoever does is named, and nobody else is called.

    Errors: AlertAlreadyAcknowledged (names who), AlertClosed, NotForThisRole."""
    _only_staff(by)
    taken = (
        Alert.objects.unacknowledged()
        .filter(pk=alert.pk)
        .update(
            status=Alert.Status.ACKNOWLEDGED,
            acknowledged_by=by,
            acknowledged_at=at,
            # As the row has it when it is changed, not as the caller read it earlier.
            acknowledged_level=F("level"),
        )
    )
    alert.refresh_from_db()
    if not taken:
        _refuse_closed(alert)
        raise AlertAlreadyAcknowledged(
            _("%(name)s has taken this alert at %(time)s.")
            % {"name": alert.acknowledged_by, "time": _clock(alert, alert.acknowledged_at)}
        )
    stop_ladder(alert, at=at)
    _record(alert, Kind.ACKNOWLEDGED, AuditEvent.Type.ALERT_ACKNOWLEDGED, by, at)
    return alert


@transaction.atomic
def release_alert(*, alert: Alert, by: User, at: datetime, note: str = "") -> Alert:
    """Hand it back: the calling begins anew. Any member of staff may, since the one who took it may be gone.

    Errors: AlertNotTaken, AlertClosed, NotForThisRole."""
    _only_staff(by)
    released = Alert.objects.filter(pk=alert.pk, status=Alert.Status.ACKNOWLEDGED).update(
        status=Alert.Status.OPEN, acknowledged_by=None, acknowledged_at=None, acknowledged_level=None
    )
    alert.refresh_from_db()
    if not released:
        _refuse_closed(alert)
        raise AlertNotTaken(_("Nobody has taken this alert."))
    start_ladder(alert, at=at)
    _record(alert, Kind.RELEASED, AuditEvent.Type.ALERT_RELEASED, by, at, note)
    _wake_the_watch()
    return alert


@transaction.atomic
def note_alert(*, alert: Alert, by: User, at: datetime, note: str) -> AlertEvent:
    """Write something beside it, open or closed. Errors: InvalidInput (empty), NotForThisRole."""
    _only_staff(by)
    if not note.strip():
        message = _("Write something.")
        raise InvalidInput(message, (Problem("/note", "required", message),))
    return _record(alert, Kind.NOTED, AuditEvent.Type.ALERT_NOTED, by, at, note)


@transaction.atomic
def resolve_alert(*, alert: Alert, by: User, at: datetime, outcome: str, note: str = "") -> Alert:
    """Close it with what became of it.

    Errors: InvalidInput (no outcome; no note where one is needed), AlertClosed, NotForThisRole."""
    _only_staff(by)
    _check_outcome(outcome, note)
    closed = (
        Alert.objects.open()
        .filter(pk=alert.pk)
        .update(
            status=Alert.Status.RESOLVED,
            resolved_by=by,
            resolved_at=at,
            outcome=outcome,
            outcome_note=note,
        )
    )
    alert.refresh_from_db()
    if not closed:
        _refuse_closed(alert)
    stop_ladder(alert, at=at)
    _record(alert, Kind.RESOLVED, AuditEvent.Type.ALERT_RESOLVED, by, at, note)
    return alert


def _only_staff(by: User) -> None:
    if by.role != User.Role.STAFF or not by.is_active:
        raise NotForThisRole(_("Only ward staff can answer an alert."))


def _refuse_closed(alert: Alert) -> None:
    if alert.status == Alert.Status.RESOLVED:
        raise AlertClosed(
            _("%(name)s has closed this alert at %(time)s.")
            % {"name": alert.resolved_by, "time": _clock(alert, alert.resolved_at)}
        )


def _clock(alert: Alert, moment: datetime | None) -> str:
    """By the clock on the ward's wall."""
    zone = ZoneInfo(alert.ward.time_zone if alert.ward else alert.patient.time_zone)
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""


def _check_outcome(outcome: str, note: str) -> None:
    if outcome not in Alert.Outcome.values:
        message = _("Say what became of it.")
        raise InvalidInput(message, (Problem("/outcome", "required", message),))
    if outcome in NEEDS_NOTE and not note.strip():
        message = _("Say why, so that the rules can be made better.")
        raise InvalidInput(message, (Problem("/note", "required", message),))


def _record(
    alert: Alert,
    kind: AlertEvent.Kind,
    audit: AuditEvent.Type,
    by: User,
    at: datetime,
    note: str = "",
) -> AlertEvent:
    record_event(audit, subject=alert, by=by, at=at, patient_id=alert.patient_id)
    return AlertEvent.objects.create(alert=alert, kind=kind, at=at, by=by, level=alert.level, note=note)


def _wake_the_watch() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('taperwatch_due', '')")
