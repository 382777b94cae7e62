"""Send what is owed: to every phone of the person, else by e-mail. Looked at again right before: whoever has
logged since is not reminded. Each try is a row before it is made; what was cut short is made again, and takes the
place of the first on the phone."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from apps.messaging.errors import CannotSend, SubscriptionGone
from apps.messaging.mail import send_mail
from apps.messaging.models import PushSubscription
from apps.messaging.push import LONGEST_TOPIC, send_push
from apps.patients.models import Carer
from apps.reminders import times
from apps.reminders.asking import silence_of
from apps.reminders.models import CarerReminders, Reminder, ReminderAttempt, ReminderChoice
from apps.reminders.wording import mail, notice

logger = logging.getLogger(__name__)
A_SECOND = timedelta(seconds=1)
Outcome = Reminder.Outcome
Tried = ReminderAttempt.Outcome
Channel = ReminderAttempt.Channel


def waits_to_send(at: datetime) -> bool:
    return Reminder.objects.filter(done_at=None, due_at__lte=at).exclude(leased_until__gt=at).exists()


def send_due(now: Callable[[], datetime]) -> int:
    """One after the other until none is due; answers how many were sent."""
    sent = 0
    while (claimed := claim_one(now())) is not None:
        sent += send(claimed, now())
    return sent


@transaction.atomic
def claim_one(at: datetime) -> UUID | None:
    """For a while: a claimer that dies holds nothing."""
    row = (
        Reminder.objects.select_for_update(skip_locked=True)
        .filter(done_at=None, due_at__lte=at)
        .exclude(leased_until__gt=at)
        .order_by("due_at", "created_at")
        .first()
    )
    if row is None:
        return None
    row.leased_until = at + times.LEASE
    row.save(update_fields=["leased_until"])
    return row.pk


def send(reminder_id: UUID, at: datetime) -> bool:
    """Whether it went out. May run twice."""
    reminder = _read(reminder_id)
    if reminder is None:
        return False
    if reminder.expires_at <= at:
        _finish(reminder, Outcome.EXPIRED, at)
        return False
    if not _is_wanted(reminder, at):
        _finish(reminder, Outcome.OVERTAKEN, at)
        return False
    reminder.attempts.filter(outcome="").update(outcome=Tried.UNKNOWN, ended_at=at)
    return _send(reminder, at)


def _read(reminder_id: UUID) -> Reminder | None:
    rows = Reminder.objects.select_related("recipient", "patient", "carer")
    return rows.filter(pk=reminder_id, done_at=None).first()


def _is_wanted(reminder: Reminder, at: datetime) -> bool:
    """The same silence still, and the same consent."""
    if not reminder.recipient.is_active:
        return False
    if reminder.kind == Reminder.Kind.TEST:
        return True
    if reminder.carer is not None and not _still_agrees(reminder.carer):
        return False
    silence = silence_of(reminder.patient, at)
    return (
        silence is not None and reminder.heard_at is not None and silence.heard_at <= reminder.heard_at + A_SECOND
    )


def _still_agrees(carer: Carer) -> bool:
    return CarerReminders.objects.filter(carer=carer, stopped_at=None, carer__withdrawn_at=None).exists()


@dataclass(frozen=True, slots=True)
class _Pushed:
    reached: bool
    may_be_tried_again: bool
    wait: timedelta | None


def _send(reminder: Reminder, at: datetime) -> bool:
    choice = ReminderChoice.objects.filter(pk=reminder.recipient_id).first()
    pushed = _push(reminder, at)
    if pushed.reached and not _wants_mail_too(reminder):
        return _finish(reminder, Outcome.SENT, at)
    if not pushed.reached and pushed.may_be_tried_again and reminder.push_tries < len(times.PUSH_PAUSES):
        pause = max(times.PUSH_PAUSES[reminder.push_tries], pushed.wait or timedelta(0))
        reminder.push_tries += 1
        return _put_off(reminder, at + pause)
    wants_mail = bool(reminder.recipient.email) and (choice is None or choice.by_email)
    if wants_mail and not _mail(reminder, choice, at) and not pushed.reached:
        return _put_off(reminder, at + times.MAIL_PAUSE)
    if not pushed.reached and not wants_mail:
        if pushed.may_be_tried_again:
            return _put_off(reminder, at + times.MAIL_PAUSE)
        return _finish(reminder, Outcome.UNREACHABLE, at)
    return _finish(reminder, Outcome.SENT, at)


def _wants_mail_too(reminder: Reminder) -> bool:
    """A test goes every way there is. The second reminder does when no phone said that it showed the first."""
    if reminder.kind == Reminder.Kind.TEST:
        return True
    if reminder.kind != Reminder.Kind.GENTLE:
        return False
    first = ReminderAttempt.objects.filter(
        reminder__patient=reminder.patient_id,
        reminder__recipient=reminder.recipient_id,
        reminder__heard_at=reminder.heard_at,
        reminder__kind=Reminder.Kind.ASKED,
    )
    return not first.filter(shown_at__isnull=False).exists()


def _push(reminder: Reminder, at: datetime) -> _Pushed:
    reached, again, waits = False, False, [timedelta(0)]
    for subscription in _phones(reminder):
        attempt = _begin(reminder, Channel.PUSH, at, subscription)
        try:
            send_push(
                subscription,
                notice(reminder, subscription.language),
                ttl=reminder.expires_at - at,
                topic=_topic(reminder),
                receipt=attempt.pk,
                at=at,
            )
        except SubscriptionGone as error:
            _end(attempt, Tried.GONE, at, error.reason)
        except CannotSend as error:
            _end(attempt, Tried.FAILED, at, error.reason)
            again = True
            waits.append(error.wait or timedelta(0))
        except Exception as error:
            # One browser with keys that a library stumbles over keeps no other, and no mail, from being tried.
            _end(attempt, Tried.FAILED, at, type(error).__name__)
            again = True
        else:
            _end(attempt, Tried.SENT, at)
            reached = True
    return _Pushed(reached, again, max(waits))


def _phones(reminder: Reminder) -> Iterable[PushSubscription]:
    return list(PushSubscription.objects.live().filter(user=reminder.recipient_id).order_by("created_at"))


def _topic(reminder: Reminder) -> str:
    """One for each patient that somebody is reminded of, so that a phone that was off shows the newest alone. Push
    services read it, so it tells nobody apart outside."""
    whose = f"{reminder.recipient_id} {reminder.patient_id}"
    return salted_hmac("apps.reminders.topic", whose, algorithm="sha256").hexdigest()[:LONGEST_TOPIC]


def _mail(reminder: Reminder, choice: ReminderChoice | None, at: datetime) -> bool:
    attempt = _begin(reminder, Channel.EMAIL, at)
    subject, body = mail(reminder, (choice.language if choice else "") or reminder.patient.language)
    try:
        send_mail(address=reminder.recipient.email, subject=subject, body=body, reference=reminder.pk)
    except CannotSend as error:
        _end(attempt, Tried.FAILED, at, error.reason)
        return False
    except Exception as error:
        # Its own words may hold an address.
        _end(attempt, Tried.FAILED, at, type(error).__name__)
        return False
    _end(attempt, Tried.SENT, at)
    return True


def _begin(
    reminder: Reminder, channel: Channel, at: datetime, subscription: PushSubscription | None = None
) -> ReminderAttempt:
    return ReminderAttempt.objects.create(
        reminder=reminder, channel=channel, subscription=subscription, started_at=at
    )


def _end(attempt: ReminderAttempt, outcome: Tried, at: datetime, error: str = "") -> None:
    ReminderAttempt.objects.filter(pk=attempt.pk).update(outcome=outcome, ended_at=at, error=error[:100])
    if outcome != Tried.SENT:
        logger.warning(
            "a reminder could not be sent",
            extra={"event": "reminder_failed", "job_id": str(attempt.reminder_id)},
        )


def _finish(reminder: Reminder, outcome: Outcome, at: datetime) -> bool:
    open_still = Reminder.objects.filter(pk=reminder.pk, done_at=None)
    open_still.update(outcome=outcome, done_at=at, leased_until=None)
    return outcome == Outcome.SENT


def _put_off(reminder: Reminder, until: datetime) -> bool:
    Reminder.objects.filter(pk=reminder.pk, done_at=None).update(
        due_at=until, leased_until=None, push_tries=reminder.push_tries
    )
    return False
