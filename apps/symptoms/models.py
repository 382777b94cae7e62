from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient


class Reporter(models.TextChoices):
    PATIENT = "patient", _("patient")
    CARER = "carer", _("carer")
    STAFF = "staff", _("ward staff")
    SYSTEM = "system", _("system")


class SymptomLogQuerySet(models.QuerySet["SymptomLog"]):
    def in_force(self) -> Self:
        """Without what was corrected since."""
        return self.filter(superseded_by=None)

    def known_by(self, at: datetime) -> Self:
        return self.filter(recorded_at__lte=at)


class SymptomLog(BaseModel):
    """What one person reported at one moment: one row, never edited (a trigger refuses it).

    `answers`: code -> 0-4, true/false, "A" "V" "P" "U", or why there is no answer ("refused" …).
    `vital_signs`: code -> {"value": canonical number, "site": …, "entered": {"value": …, "unit": …}}.
    Both are checked against the catalogue version named, before they come here.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="symptom_logs")
    client_id = models.UUIDField()
    body_sha256 = models.CharField(max_length=64)
    """Of the canonical content, so that a resend is told from a reuse of the id."""
    observed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    reporter = models.CharField(max_length=8, choices=Reporter)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    catalogue_version = models.CharField(max_length=60)
    answers = models.JSONField(default=dict)
    vital_signs = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    channel = models.CharField(max_length=10, default="browser")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    is_canary = models.BooleanField(default=False)
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    """The earlier log that this one was said to be about the same as."""
    carried = models.JSONField(default=list, db_default=[])
    """Codes of the answers that are as they were there. They count as any answer, and staff see which they are."""
    filled_in_seconds = models.PositiveIntegerField(null=True, blank=True)
    """From the first answer to Send, as measured by the page; None where no page measured it."""

    objects = SymptomLogQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("patient", "-observed_at"), name="symptom_log_of_patient"),)
        constraints = (
            models.UniqueConstraint(fields=("patient", "client_id"), name="a_resent_log_is_the_same_log"),
            models.CheckConstraint(
                condition=~(Q(answers={}) & Q(vital_signs={}) & Q(note="")),
                name="a_log_says_something",
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None) | ~Q(supersedes=F("id")),
                name="a_log_does_not_correct_itself",
            ),
            models.CheckConstraint(
                condition=Q(carried=[]) | Q(carried_from__isnull=False),
                name="what_is_carried_comes_from_a_log",
            ),
        )

    def __str__(self) -> str:
        return f"log of {self.patient} at {self.observed_at:%Y-%m-%d %H:%M}"


class Baseline(BaseModel):
    """How the person was before the taper began: what "new" and "worse" are measured from. Told anew it is another
    row, and the newest counts from then on: never edited (a trigger refuses it)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="baselines")
    answers = models.JSONField(default=dict)
    vital_signs = models.JSONField(default=dict)
    """code -> number in the canonical unit."""
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "recorded_at"), name="one_baseline_at_a_time"),)

    def __str__(self) -> str:
        return f"baseline of {self.patient}"
