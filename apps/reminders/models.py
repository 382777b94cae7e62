from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.messaging.models import PushSubscription
from apps.patients.models import Carer, Patient
from apps.reminders import times


class ReminderChoice(models.Model):
    """How one person, patient or carer, wants to be reminded. Without a row: as the defaults say."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="reminder_choice"
    )
    by_email = models.BooleanField(default=True)
    """When no phone of theirs can be reached, or they have none."""
    morning = models.TimeField(default=times.MORNING)
    quiet_from = models.TimeField(default=times.QUIET_FROM)
    quiet_until = models.TimeField(default=times.QUIET_UNTIL)
    language = models.CharField(max_length=10, blank=True)
    """That of the page on which this was chosen; blank: the patient's."""

    def __str__(self) -> str:
        return f"reminders of {self.user_id}"


class CarerReminders(models.Model):
    """A carer agreed to be reminded when the person they care for does not log. Ends with the consent itself."""

    carer = models.OneToOneField(Carer, on_delete=models.CASCADE, primary_key=True, related_name="reminders")
    agreed_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "carers' reminders"
        constraints = (
            models.CheckConstraint(
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("agreed_at")),
                name="reminders_of_a_carer_stop_after_they_began",
            ),
        )

    def __str__(self) -> str:
        return f"reminders of {self.carer_id}"


class ReminderCheck(models.Model):
    """When to look next whether somebody has to be reminded of this patient's log."""

    patient = models.OneToOneField(
        Patient, on_delete=models.CASCADE, primary_key=True, related_name="reminder_check"
    )
    due_at = models.DateTimeField(db_index=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    """Tries since it last succeeded."""

    def __str__(self) -> str:
        return f"{self.patient_id} at {self.due_at}"


class Reminder(BaseModel):
    """One message owed to one person, until it is sent, has expired, or is no longer wanted."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("the log is asked for")
        GENTLE = "gentle", _("asked once more")
        CARER = "carer", _("a carer is asked")
        TEST = "test", _("test")

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent")
        OVERTAKEN = "overtaken", _("not needed any more")
        EXPIRED = "expired", _("not sent in time")
        UNREACHABLE = "unreachable", _("no phone and no e-mail")

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="reminders")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders")
    carer = models.ForeignKey(Carer, on_delete=models.CASCADE, null=True, related_name="+")
    """As whom the recipient is reminded; null: it is the patient."""
    kind = models.CharField(max_length=6, choices=Kind)
    heard_at = models.DateTimeField(null=True)
    """Since when nothing has been heard, to the second; null for a test."""
    every_hours = models.PositiveSmallIntegerField(null=True)
    turn = models.PositiveSmallIntegerField(default=0)
    """How many logs had been asked for before in this silence."""
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    push_tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=11, choices=Outcome, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("due_at",), condition=Q(done_at=None), name="reminder_due"),
            models.Index(fields=("patient", "-created_at"), name="reminder_of_patient"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "recipient", "heard_at", "every_hours", "turn", "kind"),
                condition=~Q(kind="test"),
                name="a_reminder_is_owed_once",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, outcome="") | (Q(done_at__isnull=False) & ~Q(outcome="")),
                name="a_reminder_that_is_done_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(kind="test") | Q(heard_at__isnull=False, every_hours__isnull=False),
                name="a_reminder_knows_which_silence_it_is_about",
            ),
            models.CheckConstraint(
                condition=Q(kind="carer", carer__isnull=False) | Q(kind="test") | Q(carer=None),
                name="only_a_carer_is_reminded_as_a_carer",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} at {self.due_at}: {self.outcome or 'open'}"


class ReminderAttempt(BaseModel):
    """Written before the send, its outcome after it; one without an outcome was cut short and is made again."""

    class Channel(models.TextChoices):
        PUSH = "push", _("phone")
        EMAIL = "email", _("e-mail")

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        GONE = "gone", _("the phone no longer takes messages")
        UNKNOWN = "unknown", _("not known")

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="attempts")
    channel = models.CharField(max_length=5, choices=Channel)
    subscription = models.ForeignKey(PushSubscription, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    error = models.CharField(max_length=100, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True)
    """The phone itself told us that it showed the message."""
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("started_at",)

    def __str__(self) -> str:
        return f"{self.channel} at {self.started_at:%H:%M:%S}: {self.outcome or 'open'}"
