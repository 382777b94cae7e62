"""What people choose about their own reminders, and what their phones tell of messages."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.messaging.models import PushSubscription
from apps.patients.models import Carer, Patient
from apps.reminders import times
from apps.reminders.models import CarerReminders, Reminder, ReminderAttempt, ReminderCheck, ReminderChoice


class TooManyTests(DomainError):
    code = "too_many_tests"
    status = 429


class QuietTooLong(DomainError):
    code = "quiet_too_long"
    status = 422


class MorningIsQuiet(DomainError):
    code = "morning_is_quiet"
    status = 422


@dataclass(frozen=True, slots=True)
class Times:
    morning: time
    quiet_from: time
    quiet_until: time


@transaction.atomic
def choose(*, user: User, by_email: bool, chosen: Times, language: str, at: datetime) -> ReminderChoice:
    """Errors: QuietTooLong, MorningIsQuiet (the reminder of the day would never come)."""
    if _quiet_for(chosen) > times.LONGEST_QUIET:
        raise QuietTooLong(_("The quiet time can be 12 hours at most."))
    if _falls_into(chosen.morning, chosen.quiet_from, chosen.quiet_until):
        raise MorningIsQuiet(_("The hour of the reminder lies in the quiet time."))
    choice, _is_new = ReminderChoice.objects.update_or_create(
        user=user,
        defaults={
            "by_email": by_email,
            "morning": chosen.morning,
            "quiet_from": chosen.quiet_from,
            "quiet_until": chosen.quiet_until,
            "language": language,
        },
    )
    # Another hour may have come already.
    ReminderCheck.objects.filter(patient__user=user, due_at__gt=at).update(due_at=at)
    return choice


def agree_to_reminders(*, carer: Carer, at: datetime) -> None:
    """This carer wants to be told when the person they care for does not log."""
    CarerReminders.objects.update_or_create(carer=carer, defaults={"agreed_at": at, "stopped_at": None})


def stop_reminders(*, carer: Carer, at: datetime) -> None:
    CarerReminders.objects.filter(carer=carer, stopped_at=None).update(stopped_at=at)


@transaction.atomic
def send_test(*, patient: Patient, user: User, at: datetime) -> Reminder:
    """Owe somebody a message of their own wish; the watch sends it, as any other. Errors: TooManyTests."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    recent = Reminder.objects.filter(
        recipient=user, kind=Reminder.Kind.TEST, created_at__gt=at - timedelta(hours=1)
    )
    if recent.count() >= times.TESTS_AN_HOUR:
        raise TooManyTests(_("That is enough tests for now. Try again in an hour."))
    return Reminder.objects.create(
        patient=patient,
        recipient=user,
        kind=Reminder.Kind.TEST,
        due_at=at,
        expires_at=at + times.TEST_EXPIRES,
        created_at=at,
    )


def note_shown(*, attempt_id: UUID, was_opened: bool, at: datetime) -> None:
    """A phone tells of a message it got. The id came sealed to that phone alone; the first word stands."""
    known = ReminderAttempt.objects.filter(pk=attempt_id, channel=ReminderAttempt.Channel.PUSH)
    known.filter(shown_at=None).update(shown_at=at)
    if was_opened:
        known.filter(opened_at=None).update(opened_at=at)


def forget_old(at: datetime) -> None:
    """What nobody asks about any more."""
    Reminder.objects.filter(created_at__lt=at - times.KEPT_FOR).delete()
    PushSubscription.objects.filter(gone_at__lt=at - times.KEPT_FOR).delete()


def _quiet_for(chosen: Times) -> timedelta:
    minutes = _minutes(chosen.quiet_until) - _minutes(chosen.quiet_from)
    return timedelta(minutes=minutes % (24 * 60))


def _falls_into(clock: time, begins: time, ends: time) -> bool:
    """Where begins and ends are the same, no hour does."""
    length = (_minutes(ends) - _minutes(begins)) % (24 * 60)
    return (_minutes(clock) - _minutes(begins)) % (24 * 60) < length


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
