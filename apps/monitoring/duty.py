"""Whoever is on duty for the machines is written to when a part that watches is silent. The watches look, and a
worker that Celery beat wakes looks too: whichever lives tells of the other. Nothing about a patient leaves."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.messaging.errors import CannotSend
from apps.messaging.mail import send_mail
from apps.monitoring.models import Heartbeat, Trouble
from apps.monitoring.selectors import LATE, STALE, PipelineState, pipeline_state

logger = logging.getLogger(__name__)
BEAT = "beat"
GRACE = timedelta(seconds=15)
"""Nobody is written to about less: what has just been started has not spoken yet."""
SETTLED = timedelta(seconds=60)
"""Over when not seen for this long, so that what comes and goes is one trouble."""
REPEAT = timedelta(hours=1)
RETRY = timedelta(seconds=60)
LEASE = timedelta(seconds=30)
"""Longer than a mail server may take."""
BEAT_SILENT = timedelta(minutes=3)
"""Six of its turns. The lengths of this file are choices of the project."""


def look(at: datetime) -> None:
    """Write down what is silent now, and what is so no more. Database only; any number of processes may."""
    if not settings.DUTY_CONTACT:
        return
    found = _found(at)
    with transaction.atomic():
        known = list(Trouble.objects.select_for_update().filter(ended_at=None).order_by("pk"))
        for trouble in known:
            _see_again(trouble, at, is_there=trouble.kind in found)
        new = found - {trouble.kind for trouble in known}
        # Another process may be first: one open row of a kind is all there can be.
        Trouble.objects.bulk_create(
            [Trouble(kind=kind, began_at=at, last_seen_at=at) for kind in sorted(new)], ignore_conflicts=True
        )


def _found(at: datetime) -> set[str]:
    state = pipeline_state(at)
    beaten = Heartbeat.objects.filter(part=BEAT).values_list("at", flat=True).first()
    signs = {
        Trouble.Kind.NOT_ASSESSED: not state.live,
        Trouble.Kind.WORKER: state.live and not _worker_lives(state),
        Trouble.Kind.BACKLOG: (state.oldest_owed_s or 0) > LATE.total_seconds(),
        Trouble.Kind.WATCH: not state.watches_alive,
        # A silent worker runs nothing for beat: that is told already. Never heard of: this site runs none.
        Trouble.Kind.BEAT: _worker_lives(state) and beaten is not None and at - beaten > BEAT_SILENT,
    }
    return {str(kind) for kind, is_there in signs.items() if is_there}


def _worker_lives(state: PipelineState) -> bool:
    return state.queue_canary_age_s is not None and state.queue_canary_age_s <= STALE.total_seconds()


def _see_again(trouble: Trouble, at: datetime, *, is_there: bool) -> None:
    if is_there:
        trouble.last_seen_at = max(at, trouble.last_seen_at)
        if trouble.told_at is None and trouble.due_at is None and at - trouble.began_at >= GRACE:
            trouble.due_at = at
    elif at - trouble.last_seen_at >= SETTLED:
        trouble.ended_at = at
        # Of what nobody was told, nobody is told that it is over.
        trouble.due_at = at if trouble.told_at or trouble.due_at else None
    trouble.save(update_fields=("last_seen_at", "due_at", "ended_at"))


def waits_to_send(at: datetime) -> bool:
    return bool(settings.DUTY_CONTACT) and Trouble.objects.due(at).exists()


def send(now: Callable[[], datetime]) -> None:
    """Every message that is due, each by one process; one that fails stops no other and is tried again soon."""
    for trouble in _claim(now()):
        try:
            send_mail(
                address=settings.DUTY_CONTACT,
                subject=_subject(trouble),
                body=_body(trouble),
                reference=f"duty-{trouble.pk}-{trouble.tries}",
            )
        except CannotSend as error:
            _failed(trouble, now(), error.reason)
        else:
            _sent(trouble, now())


@transaction.atomic
def _claim(at: datetime) -> list[Trouble]:
    due = list(Trouble.objects.select_for_update(skip_locked=True).due(at).order_by("began_at"))
    Trouble.objects.filter(pk__in=[trouble.pk for trouble in due]).update(leased_until=at + LEASE)
    return due


def _sent(trouble: Trouble, at: datetime) -> None:
    again = None if trouble.ended_at else at + REPEAT
    mine = Trouble.objects.filter(pk=trouble.pk)
    mine.update(told_at=at, leased_until=None, last_error="", tries=trouble.tries + 1)
    # It may have ended while the mail was on its way: that is still to be told.
    mine.filter(due_at=trouble.due_at).update(due_at=again)


def _failed(trouble: Trouble, at: datetime, reason: str) -> None:
    logger.error("duty could not be told", extra={"event": "duty_not_told", "kind": trouble.kind})
    Trouble.objects.filter(pk=trouble.pk).update(due_at=at + RETRY, leased_until=None, last_error=reason[:200])


def _subject(trouble: Trouble) -> str:
    if trouble.ended_at:
        return _("%(site)s: over: %(what)s") % {"site": settings.SITE_NAME, "what": trouble.get_kind_display()}
    return _("%(site)s: %(what)s") % {"site": settings.SITE_NAME, "what": trouble.get_kind_display()}


def _body(trouble: Trouble) -> str:
    since = _("Since %(time)s UTC.") % {"time": f"{trouble.began_at:%Y-%m-%d %H:%M}"}
    if trouble.ended_at:
        end = _("Not seen any more at %(time)s UTC.") % {"time": f"{trouble.ended_at:%Y-%m-%d %H:%M}"}
        return f"{since} {end}\n" + _("Make sure on the boards that nothing was missed meanwhile.") + "\n"
    ask = _(
        "Tell the wards to look after their patients themselves, then mend it. This is sent hourly until then."
    )
    return f"{since}\n{ask}\n"
