"""Somebody who was called does not go, and says so: to a colleague by name, or to whoever comes next. Until
another takes the alert nobody has it, and the calling goes on."""

from datetime import datetime

from django.db import transaction
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
from apps.alerts.errors import AlertAlreadyAcknowledged
from apps.alerts.escalation import call_first, hurry_when_all_decline, people_who_can_take, stop_ladder
from apps.alerts.models import Alert, AlertEvent
from apps.audit.models import AuditEvent
from apps.core.errors import InvalidInput, Problem

Kind = AlertEvent.Kind


@transaction.atomic
def pass_on_alert(*, alert: Alert, by: User, to: User, at: datetime, note: str) -> Alert:
    """Ask one colleague by name, at once; who does not take it in time is followed by the next of the ladder.

    Errors: InvalidInput (no reason; somebody who cannot take it), AlertClosed, AlertAlreadyAcknowledged (another
    has it), NotForThisRole."""
    only_staff(by)
    held = Alert.objects.select_for_update(of=("self",), no_key=True).get(pk=alert.pk)
    refuse_closed(held)
    if held.acknowledged_by_id != by.pk:
        refuse_taken(held)
    require_reason(note, _("Say why, so that your colleague knows what waits."))
    _check_taker(held, by, to)
    Alert.objects.filter(pk=held.pk).update(
        status=Alert.Status.OPEN,
        acknowledged_by=None,
        acknowledged_at=None,
        acknowledged_level=None,
        silenced_until=None,
        silenced_by=None,
        silence_reason="",
    )
    alert.refresh_from_db()
    stop_ladder(alert, at=at)
    call_first(alert, to, at=at)
    words = _("to %(name)s: %(reason)s") % {"name": to, "reason": note}
    keep_answer(alert, Kind.PASSED_ON, AuditEvent.Type.ALERT_PASSED_ON, by, at, words)
    wake_the_watch()
    return alert


@transaction.atomic
def decline_alert(*, alert: Alert, by: User, at: datetime, note: str) -> Alert:
    """ "I cannot": not called again for it before the last rung; when all who were told say so, the next is called
    at once. Said twice, it is kept once.

    Errors: InvalidInput (no reason), AlertClosed, AlertAlreadyAcknowledged, NotForThisRole."""
    only_staff(by)
    held = Alert.objects.select_for_update(of=("self",), no_key=True).get(pk=alert.pk)
    refuse_closed(held)
    if held.acknowledged_by_id == by.pk:
        raise AlertAlreadyAcknowledged(_("You have taken this alert: hand it back, or pass it on."))
    refuse_taken(held)
    require_reason(note, _("Say why you cannot go, so that your colleagues know."))
    if not held.events.filter(kind=Kind.DECLINED, by=by, note=note).exists():
        keep_answer(held, Kind.DECLINED, AuditEvent.Type.ALERT_DECLINED, by, at, note)
    hurry_when_all_decline(held, at)
    wake_the_watch()
    alert.refresh_from_db()
    return alert


def _check_taker(alert: Alert, by: User, to: User) -> None:
    if to.pk == by.pk or to not in people_who_can_take(alert):
        message = _("Choose somebody else who works on the ward.")
        raise InvalidInput(message, (Problem("/to", "invalid", message),))
