"""How a person answers an alert. Each is a conditional change: of two people one wins, the other is told who."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.answers import (
    keep_answer,
    only_staff,
    refuse_closed,
    refuse_taken,
    require_reason,
    wake_the_watch,
)
from apps.alerts.errors import AlertNotTaken
from apps.alerts.escalation import start_ladder, stop_ladder
from apps.alerts.models import Alert, AlertEvent
from apps.alerts.passing_on import decline_alert as decline_alert
from apps.alerts.passing_on import pass_on_alert as pass_on_alert
from apps.alerts.raising import note_withdrawn_reason as note_withdrawn_reason
from apps.alerts.raising import raise_alerts as raise_alerts
from apps.alerts.raising import raise_by_clock as raise_by_clock
from apps.alerts.raising import raise_not_assessed as raise_not_assessed
from apps.alerts.reminding import plan_reminder
from apps.alerts.silences import UNSILENCED
from apps.alerts.silences import end_silence as end_silence
from apps.alerts.silences import silence_alert as silence_alert
from apps.audit.models import AuditEvent
from apps.core.errors import InvalidInput, Problem

Kind = AlertEvent.Kind
NEEDS_NOTE = frozenset({Alert.Outcome.FALSE, Alert.Outcome.NOT_ACTIONABLE, Alert.Outcome.OTHER_CAUSE})
"""Outcomes that say the alarm was not needed: whoever tunes the rules has to read why."""


@transaction.atomic
def acknowledge_alert(*, alert: Alert, by: User, at: datetime) -> Alert:
    """Take it: whoever does is named, and nobody else is called.

    Errors: AlertAlreadyAcknowledged (names who), AlertClosed, NotForThisRole."""
    only_staff(by)
    taken = (
        Alert.objects.unacknowledged()
        .filter(pk=alert.pk)
        .update(
            status=Alert.Status.ACKNOWLEDGED,
            acknowledged_by=by,
            acknowledged_at=at,
            # As the row has it when it is changed, not as the caller read it earlier.
            acknowledged_level=F("level"),
            **UNSILENCED,
        )
    )
    alert.refresh_from_db()
    if not taken:
        refuse_closed(alert)
        refuse_taken(alert)
    stop_ladder(alert, at=at)
    plan_reminder(alert, at=at)
    keep_answer(alert, Kind.ACKNOWLEDGED, AuditEvent.Type.ALERT_ACKNOWLEDGED, by, at)
    return alert


@transaction.atomic
def release_alert(*, alert: Alert, by: User, at: datetime, note: str) -> Alert:
    """Hand it back: the calling begins anew. Any member of staff may, since the one who took it may be gone.

    Errors: InvalidInput (no reason), AlertNotTaken, AlertClosed, NotForThisRole."""
    only_staff(by)
    require_reason(note, _("Say why you hand it back, so that whoever comes next knows."))
    released = Alert.objects.filter(pk=alert.pk, status=Alert.Status.ACKNOWLEDGED).update(
        status=Alert.Status.OPEN, acknowledged_by=None, acknowledged_at=None, acknowledged_level=None
    )
    alert.refresh_from_db()
    if not released:
        refuse_closed(alert)
        raise AlertNotTaken(_("Nobody has taken this alert."))
    stop_ladder(alert, at=at)
    start_ladder(alert, at=at)
    keep_answer(alert, Kind.RELEASED, AuditEvent.Type.ALERT_RELEASED, by, at, note)
    wake_the_watch()
    return alert


@transaction.atomic
def note_alert(*, alert: Alert, by: User, at: datetime, note: str) -> AlertEvent:
    """Write something beside it, open or closed. Errors: InvalidInput (empty), NotForThisRole."""
    only_staff(by)
    require_reason(note, _("Write something."))
    return keep_answer(alert, Kind.NOTED, AuditEvent.Type.ALERT_NOTED, by, at, note)


@transaction.atomic
def resolve_alert(*, alert: Alert, by: User, at: datetime, outcome: str, note: str = "") -> Alert:
    """Close it with what became of it.

    Errors: InvalidInput (no outcome; no note where one is needed), AlertClosed, NotForThisRole."""
    only_staff(by)
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
            **UNSILENCED,
        )
    )
    alert.refresh_from_db()
    if not closed:
        refuse_closed(alert)
    stop_ladder(alert, at=at)
    keep_answer(alert, Kind.RESOLVED, AuditEvent.Type.ALERT_RESOLVED, by, at, note)
    return alert


def _check_outcome(outcome: str, note: str) -> None:
    if outcome not in Alert.Outcome.values:
        message = _("Say what became of it.")
        raise InvalidInput(message, (Problem("/outcome", "required", message),))
    if outcome in NEEDS_NOTE:
        require_reason(note, _("Say why, so that the rules can be made better."))
