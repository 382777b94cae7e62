"""Housekeeping by Celery beat. Nothing here matters to a patient: when beat is dead, tables grow, no more."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

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
