from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.assessments.models import Assessment
from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from apps.wards.models import Job, Ward


class Level(models.IntegerChoices):
    WATCH = 1, _("watch")
    URGENT = 2, _("urgent")
    EMERGENCY = 3, _("emergency")


class AlertQuerySet(models.QuerySet["Alert"]):
    def open(self) -> Self:
        return self.exclude(status=Alert.Status.RESOLVED)

    def unacknowledged(self) -> Self:
        return self.filter(status=Alert.Status.OPEN)


class Alert(BaseModel):
    """One pattern in one patient, from the first firing until a person closes it. A machine opens it and
    raises its level; only a person lowers or closes it. One is open at a time per patient and pattern."""

    class Status(models.TextChoices):
        OPEN = "open", _("nobody has taken it")
        ACKNOWLEDGED = "acknowledged", _("taken")
        RESOLVED = "resolved", _("closed")

    class Outcome(models.TextChoices):
        REVIEWED = "reviewed", _("reviewed, watched further")
        REINSTATED = "reinstated", _("baclofen reinstated")
        TRANSFERRED = "transferred", _("transferred")
        TREATED = "treated_elsewhere", _("treated elsewhere")
        OTHER_CAUSE = "other_cause", _("another cause was found")
        FALSE = "false", _("false alarm")
        NOT_ACTIONABLE = "not_actionable", _("true, nothing to do")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="alerts")
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, related_name="alerts")
    """Where the patient was when it was raised; boards go by where the patient is now."""
    pattern = models.CharField(max_length=30)
    """A pattern of the catalogue, or one of `alerts.patterns`: what no symptom shows."""
    level = models.PositiveSmallIntegerField(choices=Level)
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    opened_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    """When it came to this level: what a nurse is late against."""
    last_fired_at = models.DateTimeField()
    catalogue_version = models.CharField(max_length=60)
    log = models.ForeignKey(SymptomLog, on_delete=models.PROTECT, null=True, related_name="alerts")
    """The log that brought it to this level; null where the clock did, with no log coming in."""
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, related_name="+")
    """Null while only the emergency floor has spoken."""
    hits = models.JSONField()
    """The rules that fired, frozen as explained then: id, level, because, matched, missing, source, tag."""
    continues = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="continued_by"
    )
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_level = models.PositiveSmallIntegerField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    outcome_note = models.TextField(blank=True)
    silenced_until = models.DateTimeField(null=True, blank=True)
    """Nobody is called for it until then: a person said so, and why. It stays on the board."""
    silenced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    silence_reason = models.TextField(blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("patient", "-level"),
                condition=~Q(status="resolved"),
                name="open_alert_of_patient",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "pattern"),
                condition=~Q(status="resolved"),
                name="one_open_alert_per_patient_and_pattern",
            ),
            models.CheckConstraint(condition=Q(level__gte=1, level__lte=3), name="an_alert_has_a_known_level"),
            models.CheckConstraint(
                condition=Q(acknowledged_by=None, acknowledged_at=None, acknowledged_level=None)
                | Q(
                    acknowledged_by__isnull=False,
                    acknowledged_at__isnull=False,
                    acknowledged_level__isnull=False,
                ),
                name="whoever_takes_an_alert_is_named_with_the_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="acknowledged") | Q(acknowledged_by__isnull=False),
                name="a_taken_alert_has_somebody_who_took_it",
            ),
            models.CheckConstraint(
                condition=(~Q(status="resolved") & Q(resolved_by=None, resolved_at=None, outcome=""))
                | (Q(status="resolved", resolved_by__isnull=False, resolved_at__isnull=False) & ~Q(outcome="")),
                name="only_a_named_person_with_an_outcome_closes_an_alert",
            ),
            models.CheckConstraint(
                condition=Q(raised_at__gte=F("opened_at")), name="an_alert_rises_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(silenced_until=None, silenced_by=None, silence_reason="")
                | (Q(silenced_until__isnull=False, silenced_by__isnull=False) & ~Q(silence_reason="")),
                name="a_silence_has_an_end_a_name_and_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(silenced_until=None) | Q(status="open", level__lt=3),
                name="only_an_open_alert_below_emergency_is_silent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pattern} {self.get_level_display()} of {self.patient_id}"


class AlertEvent(BaseModel):
    """Every step of an alert's life, append-only (a trigger refuses change)."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("raised")
        WORSENED = "worsened", _("got worse")
        FIRED_AGAIN = "fired_again", _("fired again")
        EXPLAINED = "explained", _("full assessment added")
        ACKNOWLEDGED = "acknowledged", _("taken")
        RELEASED = "released", _("handed back")
        PASSED_ON = "passed_on", _("passed on")
        DECLINED = "declined", _("cannot go")
        REMINDED = "reminded", _("reminded")
        SILENCED = "silenced", _("silenced")
        UNSILENCED = "unsilenced", _("silence ended")
        NOTED = "noted", _("note")
        ESCALATED = "escalated", _("escalated")
        SKIPPED = "skipped", _("step skipped: nobody on duty")
        WITHDRAWN = "withdrawn", _("what was reported has been corrected")
        RESOLVED = "resolved", _("closed")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    level = models.PositiveSmallIntegerField(choices=Level)
    log = models.ForeignKey(SymptomLog, on_delete=models.PROTECT, null=True, related_name="+")
    fired_at = models.DateTimeField(null=True)
    """The moment that the rules looked at; `at` is when they did."""
    hits = models.JSONField(default=list)
    note = models.TextField(blank=True)
    written_at = models.DateTimeField(db_default=Now(), editable=False)
    """By the database's own clock: of events of one moment, which was first."""

    class Meta:
        ordering = ("at", "written_at", "id")
        indexes = (models.Index(fields=("alert", "at"), name="alert_event_of_alert"),)

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M}"


class EscalationStep(BaseModel):
    """Whom to tell if nobody has taken the alert by `due_at`. Made with the alert, so that a dead process
    cannot forget it; done once, by whichever watch claims it."""

    class Purpose(models.TextChoices):
        CALL = "call", _("call")
        REMIND = "remind", _("remind")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="escalation_steps")
    episode = models.PositiveSmallIntegerField(default=1)
    """Counts the rises of the alert: each rise starts the ladder anew."""
    number = models.PositiveSmallIntegerField()
    job = models.CharField(max_length=20, choices=Job, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Somebody by name, instead of whoever has the job then."""
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.CALL)
    """Calls are for an alert that nobody has taken; the reminder is for whoever has."""
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("episode", "number")
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=Q(done_at=None, cancelled_at=None),
                name="escalation_step_due",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("alert", "episode", "number"), name="an_escalation_step_is_listed_once"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(cancelled_at=None),
                name="an_escalation_step_is_done_or_cancelled_not_both",
            ),
            models.CheckConstraint(
                condition=(Q(job="") & Q(person__isnull=False)) | (~Q(job="") & Q(person=None)),
                name="an_escalation_step_is_for_a_job_or_a_person",
            ),
            models.CheckConstraint(
                condition=Q(purpose="call") | Q(person__isnull=False),
                name="a_reminder_is_for_a_person",
            ),
        )

    def is_wanted_by(self, alert: Alert) -> bool:
        """Calls while nobody has it and it is not silent, the reminder while this person has."""
        if self.purpose == self.Purpose.REMIND:
            is_theirs = alert.acknowledged_by_id == self.person_id
            return alert.status == Alert.Status.ACKNOWLEDGED and is_theirs
        return alert.status == Alert.Status.OPEN and alert.silenced_until is None

    def __str__(self) -> str:
        return f"step {self.number} ({self.job or self.person}) of {self.alert_id}"


class Delivery(BaseModel):
    """One person to be told of one alert by one channel: owed until an attempt succeeds. The message says
    only that there is something on the board; no health detail leaves the sign-in."""

    class Channel(models.TextChoices):
        BOARD = "board", _("ward board")
        EMAIL = "email", _("e-mail")

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=8, choices=Channel)
    step = models.ForeignKey(EscalationStep, on_delete=models.PROTECT, related_name="deliveries")
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=Q(done_at=None, cancelled_at=None),
                name="delivery_due",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("step", "recipient", "channel"),
                name="a_step_tells_a_person_once_by_a_channel",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} to {self.recipient_id}"


class DeliveryAttempt(BaseModel):
    """Written before the send; the outcome after it. One without an outcome is "unknown" and sent again."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        UNKNOWN = "unknown", _("not known")

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("started_at",)

    def __str__(self) -> str:
        return f"attempt at {self.started_at:%H:%M:%S}: {self.outcome or 'open'}"
