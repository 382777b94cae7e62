from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog


class AssessmentOwed(BaseModel):
    """The database owes an assessment of this log by this catalogue version. Publishing to the broker does
    not pay the debt; only the assessment does. `asked` grows when a later fact asks for it again (a late log,
    a changed plan); `answered` is the value of `asked` that was seen by the assessment that paid."""

    log = models.ForeignKey(SymptomLog, on_delete=models.CASCADE, related_name="assessments_owed")
    catalogue_version = models.CharField(max_length=60)
    asked = models.PositiveIntegerField(default=1)
    answered = models.PositiveIntegerField(default=0)
    owed_since = models.DateTimeField()
    due_at = models.DateTimeField()
    """Not before this: pushed ahead after a failure."""
    leased_until = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "assessments owed"
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=Q(answered__lt=F("asked")),
                name="assessment_owed_due",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("log", "catalogue_version"), name="an_assessment_is_owed_once"),
            models.CheckConstraint(
                condition=Q(answered__lte=F("asked")), name="no_more_is_answered_than_was_asked"
            ),
        )

    def __str__(self) -> str:
        return f"{self.log_id} by {self.catalogue_version}"


class ClockCheck(models.Model):
    """When a patient next has to be looked at although nobody reports anything: a gap in dosing that grows, a date
    of the pump, a log that does not come. Whoever does it writes the next moment in the same transaction."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, primary_key=True, related_name="clock_check")
    due_at = models.DateTimeField(db_index=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    """Tries since it last succeeded."""
    last_error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.patient_id} at {self.due_at}"


class Heartbeat(models.Model):
    """When each part of the pipeline last proved that it lives; a part that is silent is shown on the board."""

    part = models.CharField(max_length=40, primary_key=True)
    """"canary" (a log went in and came out as an assessment through the queue), "watch:<host>:<pid>", "worker"."""
    at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.part} at {self.at}"


class TroubleQuerySet(models.QuerySet["Trouble"]):
    def due(self, at: datetime) -> Self:
        """Somebody is to be told, and no process is at it."""
        return self.filter(due_at__lte=at).exclude(leased_until__gt=at)


class Trouble(BaseModel):
    """A part that watches was silent, from when to when, and when the duty contact was told (`duty`)."""

    class Kind(models.TextChoices):
        NOT_ASSESSED = "not_assessed", _("logs are not being assessed")
        WORKER = "worker", _("the worker is silent, logs are assessed on backup")
        BACKLOG = "backlog", _("logs wait too long to be assessed")
        WATCH = "watch", _("nobody is called: the watch is not running")
        BEAT = "beat", _("Celery beat is silent, nobody would tell of a dead watch")

    kind = models.CharField(max_length=20, choices=Kind)
    began_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    """The next message; none: nothing to tell."""
    leased_until = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    """Messages that went out."""
    last_error = models.CharField(max_length=200, blank=True)

    objects = TroubleQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind",), condition=Q(ended_at=None), name="one_open_trouble_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("began_at")), name="a_trouble_ends_after_it_began"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} from {self.began_at}"
