"""For a while nobody is called: a person's decision, with a reason and an end. The alert stays on the board, what
is worse breaks through, and some alerts can never be silenced. Every number and the floor are choices of this
project, to be signed off by the ward."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

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
from apps.alerts.errors import AlertCannotBeSilenced, AlertNotSilenced
from apps.alerts.escalation import start_ladder, stop_ladder
from apps.alerts.models import Alert, AlertEvent, Level
from apps.alerts.patterns import NOT_ASSESSED
from apps.audit.models import AuditEvent
from apps.core.errors import InvalidInput, Problem

TAG = "project choice"
LONGEST: Mapping[int, timedelta] = {Level.URGENT: timedelta(hours=4), Level.WATCH: timedelta(hours=12)}
"""An emergency has none."""
FLOOR: Mapping[str, int] = {"seizure_risk": Level.URGENT, "hyperthermia": Level.URGENT, NOT_ASSESSED: Level.WATCH}
"""Pattern -> the level from which it is never silent, below the emergencies, which never are. What a log says that
nobody has read cannot be known to be like the last."""
UNSILENCED: Mapping[str, Any] = {"silenced_until": None, "silenced_by": None, "silence_reason": ""}
Kind = AlertEvent.Kind


def longest_silence(alert: Alert) -> timedelta | None:
    """None: this alert cannot be silenced."""
    if alert.level >= FLOOR.get(alert.pattern, Level.EMERGENCY):
        return None
    return LONGEST.get(alert.level)


@transaction.atomic
def silence_alert(*, alert: Alert, by: User, at: datetime, until: datetime, note: str) -> Alert:
    """Nobody is called for it until then. `until`: aware, after `at`, within `longest_silence`.

    Errors: InvalidInput (no reason, end not in time), AlertCannotBeSilenced, AlertClosed, AlertAlreadyAcknowledged
    (whoever has it answers it), NotForThisRole."""
    only_staff(by)
    held = Alert.objects.select_for_update(of=("self",), no_key=True).get(pk=alert.pk)
    refuse_closed(held)
    refuse_taken(held)
    _check_floor(held)
    require_reason(note, _("Say why nobody needs to be called."))
    _check_end(held, at, until)
    held.silenced_until, held.silenced_by, held.silence_reason = until, by, note
    held.save(update_fields=list(UNSILENCED))
    stop_ladder(held, at=at)
    keep_answer(held, Kind.SILENCED, AuditEvent.Type.ALERT_SILENCED, by, at, note)
    alert.refresh_from_db()
    return alert


@transaction.atomic
def end_silence(*, alert: Alert, by: User, at: datetime) -> Alert:
    """Earlier than it was said: the calling begins anew. Errors: AlertNotSilenced, AlertClosed, NotForThisRole."""
    only_staff(by)
    ended = Alert.objects.filter(pk=alert.pk, silenced_until__isnull=False).update(**UNSILENCED)
    alert.refresh_from_db()
    if not ended:
        refuse_closed(alert)
        raise AlertNotSilenced(_("This alert is not silenced."))
    start_ladder(alert, at=at)
    keep_answer(alert, Kind.UNSILENCED, AuditEvent.Type.ALERT_UNSILENCED, by, at)
    wake_the_watch()
    return alert


def end_due_silences(at: datetime, limit: int = 50) -> int:
    """Silences whose time is over: the calling begins anew. Answers how many."""
    due = Alert.objects.filter(silenced_until__lte=at).values_list("pk", flat=True)[:limit]
    return sum(_end(pk, at) for pk in due)


@transaction.atomic
def _end(alert_id: UUID, at: datetime) -> bool:
    if not Alert.objects.filter(pk=alert_id, silenced_until__lte=at).update(**UNSILENCED):
        return False
    alert = Alert.objects.get(pk=alert_id)
    start_ladder(alert, at=at)
    AlertEvent.objects.create(alert=alert, kind=Kind.UNSILENCED, at=at, level=alert.level)
    return True


def _check_floor(alert: Alert) -> None:
    if longest_silence(alert) is None:
        raise AlertCannotBeSilenced(
            _("An alert of this kind and level is never silenced. Take it, or pass it on.")
        )


def _check_end(alert: Alert, at: datetime, until: datetime) -> None:
    longest = longest_silence(alert) or timedelta(0)
    if not at < until <= at + longest:
        message = _("A silence of this alert ends after now and within %(hours)d hours.") % {
            "hours": longest.total_seconds() // 3600
        }
        raise InvalidInput(message, (Problem("/until", "out_of_range", message),))
