"""What is owed to whom, worked out for one patient at a time: one row says when to look, and looking, owing and
writing the next moment are one transaction, so that any number of watches owe a message once. A watch that was
down owes what is due now, and nothing that was due meanwhile."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from apps.monitoring.clock import log_asked
from apps.patients.models import Patient, Stay
from apps.reminders import times
from apps.reminders.ladder import Rung, Silence, newest_due, next_after, rungs
from apps.reminders.models import Reminder, ReminderCheck
from apps.reminders.recipients import Recipient, recipients_of

logger = logging.getLogger(__name__)
BATCH = 100
LONGEST_PAUSE = timedelta(minutes=5)

_ENROL = """
insert into reminders_remindercheck (patient_id, due_at, attempts)
select distinct s.patient_id, %(at)s::timestamptz, 0 from patients_stay s
where s.discharged_at is null
    and not exists (select from reminders_remindercheck c where c.patient_id = s.patient_id)
on conflict (patient_id) do nothing
"""
# Something was reported that the monitoring looked at: a log may now be asked for sooner.
_HURRY = """
update reminders_remindercheck as known set due_at = %(at)s
from monitoring_clockcheck as looked
where looked.patient_id = known.patient_id and looked.checked_at > known.checked_at and known.due_at > %(at)s
"""


def enrol(at: datetime) -> None:
    """Begin with whoever came into a ward's care, and look sooner at whom something changed."""
    with connection.cursor() as cursor:
        cursor.execute(_ENROL, {"at": at})
        cursor.execute(_HURRY, {"at": at})


def look_at_due(at: datetime) -> int:
    """Owe what is due now; answers how many patients were looked at."""
    due = ReminderCheck.objects.filter(due_at__lte=at).order_by("due_at").values_list("patient_id", flat=True)
    return sum(_look_safely(patient_id, at) for patient_id in list(due[:BATCH]))


def silence_of(patient: Patient, at: datetime) -> Silence | None:
    """None: no log is asked for. Three statements."""
    asked = log_asked(patient, at)
    if asked is None:
        return None
    heard_at = asked.due_at - timedelta(hours=asked.every_hours)
    # The rules count in fractions of hours; to the second, the same log gives the same moment each time.
    whole = (heard_at + timedelta(microseconds=500_000)).replace(microsecond=0)
    return Silence(whole, asked.due_at, asked.every_hours)


def _look_safely(patient_id: UUID, at: datetime) -> bool:
    try:
        with transaction.atomic():
            return _look(patient_id, at)
    except Exception as error:
        logger.error(
            "whether to remind could not be worked out",
            extra={"event": "reminder_check_failed", "job_id": str(patient_id)},
            exc_info=(type(error), error, error.__traceback__),
        )
        _postpone(patient_id, at)
        return False


def _look(patient_id: UUID, at: datetime) -> bool:
    row = (
        ReminderCheck.objects.select_for_update(skip_locked=True)
        .filter(patient_id=patient_id, due_at__lte=at)
        .first()
    )
    if row is None:
        # Another watch was first.
        return False
    if not Stay.objects.current().filter(patient_id=patient_id).exists():
        row.delete()
        return True
    patient = Patient.objects.select_related("user").get(pk=patient_id)
    following = _owe(patient, at)
    row.due_at = min([at + times.LOOK_AT_LATEST, *following])
    row.checked_at, row.attempts = at, 0
    row.save()
    return True


def _owe(patient: Patient, at: datetime) -> list[datetime]:
    """Answers when something is next due."""
    silence = silence_of(patient, at)
    if silence is None:
        return []
    following = []
    people = recipients_of(patient)
    # A carer's turn comes by the patient's morning, whether or not the patient can be reminded themself.
    own = next((one.habits for one in people if one.carer is None), None)
    for recipient in people:
        habits = own or recipient.habits
        found = rungs(silence, habits, recipient.habits if recipient.carer else None)
        rung = newest_due(found, at)
        if rung is not None and not _was_just_reminded(patient, recipient, at):
            _write(patient, recipient, silence, rung, at)
        moment = next_after(found, at)
        if moment is not None:
            following.append(moment)
    return following


def _was_just_reminded(patient: Patient, recipient: Recipient, at: datetime) -> bool:
    recent = Reminder.objects.filter(
        patient=patient, recipient=recipient.user, due_at__gt=at - times.AT_LEAST_APART
    )
    return recent.exclude(kind=Reminder.Kind.TEST).exists()


def _write(patient: Patient, recipient: Recipient, silence: Silence, rung: Rung, at: datetime) -> None:
    owed = Reminder(
        patient=patient,
        recipient=recipient.user,
        carer=recipient.carer,
        kind=rung.kind,
        heard_at=silence.heard_at,
        every_hours=silence.every_hours,
        turn=rung.turn,
        due_at=at,
        expires_at=rung.expires_at,
        created_at=at,
    )
    # Once only, whatever was worked out before: the row of an earlier look stays as it is.
    Reminder.objects.bulk_create([owed], ignore_conflicts=True)


def _postpone(patient_id: UUID, at: datetime) -> None:
    """Tried again soon, for as long as it takes. The ward's own alert of a silence does not depend on it."""
    with transaction.atomic():
        row = ReminderCheck.objects.select_for_update().filter(patient_id=patient_id).first()
        if row is not None:
            row.attempts += 1
            row.due_at = at + min(timedelta(seconds=2 ** min(row.attempts, 8)), LONGEST_PAUSE)
            row.save()
