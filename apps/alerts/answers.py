"""What every answer of a person to an alert has in common: who may, what a refusal says, and what is kept."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.errors import AlertAlreadyAcknowledged, AlertClosed, NotForThisRole
from apps.alerts.models import Alert, AlertEvent
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem


def only_staff(by: User) -> None:
    if by.role != User.Role.STAFF or not by.is_active:
        raise NotForThisRole(_("Only ward staff can answer an alert."))


def refuse_closed(alert: Alert) -> None:
    if alert.status == Alert.Status.RESOLVED:
        raise AlertClosed(
            _("%(name)s has closed this alert at %(time)s.")
            % {"name": alert.resolved_by, "time": clock_on_ward(alert, alert.resolved_at)}
        )


def refuse_taken(alert: Alert) -> None:
    if alert.status == Alert.Status.ACKNOWLEDGED:
        raise AlertAlreadyAcknowledged(
            _("%(name)s has taken this alert at %(time)s.")
            % {"name": alert.acknowledged_by, "time": clock_on_ward(alert, alert.acknowledged_at)}
        )


def require_reason(note: str, message: str) -> None:
    """Not to act needs a reason: elsewhere fewer than one alarm in five is answered in writing."""
    if not note.strip():
        raise InvalidInput(message, (Problem("/note", "required", message),))


def clock_on_ward(alert: Alert, moment: datetime | None) -> str:
    """By the clock on the ward's wall."""
    zone = ZoneInfo(alert.ward.time_zone if alert.ward else alert.patient.time_zone)
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""


def keep_answer(
    alert: Alert,
    kind: AlertEvent.Kind,
    audit: AuditEvent.Type,
    by: User,
    at: datetime,
    note: str = "",
) -> AlertEvent:
    record_event(audit, subject=alert, by=by, at=at, patient_id=alert.patient_id)
    return AlertEvent.objects.create(alert=alert, kind=kind, at=at, by=by, level=alert.level, note=note)


def wake_the_watch() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('taperwatch_due', '')")
