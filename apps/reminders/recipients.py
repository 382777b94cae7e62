"""Whom to remind about a patient's log, and how they want it."""

from dataclasses import dataclass

from apps.accounts.models import User
from apps.patients.models import Carer, Patient
from apps.reminders.ladder import Habits
from apps.reminders.models import CarerReminders, ReminderChoice


@dataclass(frozen=True, slots=True)
class Recipient:
    user: User
    carer: Carer | None
    """None: it is the patient."""
    habits: Habits


def recipients_of(patient: Patient) -> list[Recipient]:
    """The patient first. Nobody who cannot sign in, and no carer who did not agree or whose consent has ended.
    Three statements at most."""
    people: list[tuple[User, Carer | None]] = []
    if patient.user is not None and patient.user.is_active:
        people.append((patient.user, None))
    agreed = CarerReminders.objects.filter(
        carer__patient=patient, carer__withdrawn_at=None, carer__user__is_active=True, stopped_at=None
    )
    found = agreed.select_related("carer__user").order_by("agreed_at")
    people += [(row.carer.user, row.carer) for row in found]
    choices = ReminderChoice.objects.in_bulk([user.pk for user, _carer in people])
    return [Recipient(user, carer, habits_of(choices.get(user.pk), patient)) for user, carer in people]


def habits_of(choice: ReminderChoice | None, patient: Patient) -> Habits:
    """Of a carer too by the patient's clock: where carers live is not known here."""
    if choice is None:
        return Habits(patient.time_zone)
    return Habits(patient.time_zone, choice.morning, choice.quiet_from, choice.quiet_until)
