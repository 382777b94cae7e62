"""What the pages show of reminders."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import models

from apps.accounts.models import User
from apps.messaging.models import PushSubscription
from apps.patients.models import Carer, Patient
from apps.reminders.models import CarerReminders, Reminder, ReminderAttempt, ReminderChoice

LAST_MESSAGES = 5
SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Phone:
    id: UUID
    label: str
    since: datetime
    reached_at: datetime | None
    digest: str
    """Of its address, by which the phone itself knows which of these it is."""


@dataclass(frozen=True, slots=True)
class CarerLine:
    name: str
    is_reminded: bool


@dataclass(frozen=True, slots=True)
class MyReminders:
    choice: ReminderChoice
    phones: tuple[Phone, ...]
    messages: tuple[Reminder, ...]
    """The newest first, with their attempts."""
    carers: tuple[CarerLine, ...]


def my_reminders(user: User, patient: Patient, at: datetime) -> MyReminders:
    messages = (
        Reminder.objects.filter(recipient=user, patient=patient, created_at__gt=at - SHOWN_FOR)
        .prefetch_related("attempts")
        .order_by("-created_at")[:LAST_MESSAGES]
    )
    return MyReminders(
        choice=ReminderChoice.objects.filter(user=user).first() or ReminderChoice(user=user),
        phones=tuple(
            _phone(one) for one in PushSubscription.objects.live().filter(user=user).order_by("created_at")
        ),
        messages=tuple(messages),
        carers=carers_of(patient),
    )


def carers_of(patient: Patient) -> tuple[CarerLine, ...]:
    agreed = set(_agreed(patient).values_list("carer_id", flat=True))
    carers = (
        Carer.objects.filter(patient=patient, withdrawn_at=None).select_related("user").order_by("consented_at")
    )
    return tuple(CarerLine(carer.user.display_name, carer.pk in agreed) for carer in carers)


def is_reminded(carer: Carer) -> bool:
    return CarerReminders.objects.filter(carer=carer, stopped_at=None).exists()


def _agreed(patient: Patient) -> models.QuerySet[CarerReminders]:
    return CarerReminders.objects.filter(carer__patient=patient, carer__withdrawn_at=None, stopped_at=None)


def _phone(one: PushSubscription) -> Phone:
    digest = sha256(one.endpoint.encode()).hexdigest()
    return Phone(one.pk, one.label, one.created_at, one.last_success_at, digest)


@dataclass(frozen=True, slots=True)
class StandingOfReminders:
    """One line for the ward: does reminding this patient work?"""

    phones: int
    by_email: bool
    carers: int
    last_sent_at: datetime | None
    was_shown: bool
    """A phone said that it showed the last one."""
    last_failure_at: datetime | None
    last_failure: str
    """What the other side said, as "HTTP 500"; no address."""

    @property
    def reaches_nobody(self) -> bool:
        return not (self.phones or self.by_email or self.carers)


def standing_of_reminders(patient: Patient, at: datetime) -> StandingOfReminders:
    """The last seven days. Six statements."""
    user = patient.user
    phones = PushSubscription.objects.live().filter(user=user).count() if user else 0
    choice = ReminderChoice.objects.filter(user=user).first() if user else None
    tried = ReminderAttempt.objects.filter(reminder__patient=patient, started_at__gt=at - SHOWN_FOR).order_by(
        "-started_at"
    )
    last = tried.filter(outcome=ReminderAttempt.Outcome.SENT).first()
    failed = tried.filter(outcome__in=(ReminderAttempt.Outcome.FAILED, ReminderAttempt.Outcome.GONE)).first()
    return StandingOfReminders(
        phones=phones,
        by_email=bool(user and user.email and (choice is None or choice.by_email)),
        carers=_agreed(patient).count(),
        last_sent_at=last.started_at if last else None,
        was_shown=bool(last and last.shown_at),
        last_failure_at=failed.started_at if failed else None,
        last_failure=failed.error if failed else "",
    )
