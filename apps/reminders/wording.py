"""The words of a reminder, in the language of whoever gets it. They say that something waits, and nothing of what:
not the medicine, not the illness, not whose it is."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from apps.messaging.notices import Notice, link
from apps.reminders.models import Reminder

PATIENTS_LOG = "/my/log/"
CARERS_PEOPLE = "/my/people/"
OWN_REMINDERS = "/my/reminders/"
"""Written out, since the pages stand above us; a test holds them to the pages."""


def notice(reminder: Reminder, language: str) -> Notice:
    known = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with override(known):
        return Notice(
            title=settings.SITE_NAME,
            body=_body(Reminder.Kind(reminder.kind)),
            path=_path(reminder),
            language=known,
        )


def mail(reminder: Reminder, language: str) -> tuple[str, str]:
    """(subject, body)."""
    told = notice(reminder, language)
    with override(told.language):
        stop = link(OWN_REMINDERS)
        parts = [told.body, link(told.path) or _("Sign in to see it.")]
        if stop:
            parts.append(_("Change or stop these messages:") + f" {stop}")
        return _("Reminder"), "\n\n".join(parts)


def _body(kind: Reminder.Kind) -> str:
    if kind == Reminder.Kind.ASKED:
        return _("You have a reminder. Open it to see what is asked.")
    if kind == Reminder.Kind.GENTLE:
        return _("A reminder still waits for you.")
    if kind == Reminder.Kind.CARER:
        return _("You have a reminder about somebody else. Open it to see what is asked.")
    return _("This is a test. Reminders reach you here.")


def _path(reminder: Reminder) -> str:
    """A carer's says not whose it is: with one person the list leads straight to them."""
    if reminder.kind == Reminder.Kind.TEST:
        return OWN_REMINDERS
    return PATIENTS_LOG if reminder.carer_id is None else CARERS_PEOPLE
