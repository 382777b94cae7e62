"""What Celery beat wakes: housekeeping, and a look whether the watch lives. No alert needs any of it; when beat
is dead, tables grow, and the watch tells the duty contact so."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from apps.monitoring import duty
from apps.monitoring.beats import beat
from apps.reminders.services import forget_old

SIGN_INS_KEPT_DAYS = 30


@shared_task(name="apps.config.tasks.clear_sessions")
def clear_sessions() -> None:
    """Sessions that ran out."""
    call_command("clearsessions")


@shared_task(name="apps.config.tasks.clear_tokens")
def clear_tokens() -> None:
    """Tokens of connected systems that ran out."""
    call_command("cleartokens")


@shared_task(name="apps.config.tasks.clear_sign_ins")
def clear_sign_ins() -> None:
    """The lock-out's own list of who signed in from where; the audit trail is kept apart from it."""
    call_command("axes_reset_logs", age=SIGN_INS_KEPT_DAYS)


@shared_task(name="apps.config.tasks.clear_messages")
def clear_messages() -> None:
    """Reminders of long ago, and browsers that were turned off long ago."""
    forget_old(timezone.now())


@shared_task(name="apps.config.tasks.watch_the_watch")
def watch_the_watch() -> None:
    """Beat and a worker live; and if the watch does not, the duty contact is told from here."""
    at = timezone.now()
    beat(duty.BEAT, at)
    duty.look(at)
    duty.send(timezone.now)
