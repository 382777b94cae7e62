from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.tapers.models.plans import Route


class DoseQuerySet(models.QuerySet["Dose"]):
    def in_force(self) -> Self:
        """Without what was corrected since."""
        return self.filter(superseded_by=None)


class Dose(BaseModel):
    """What somebody says of one dose. A due dose of which nobody says anything has no row: unknown, not missed."""

    class Status(models.TextChoices):
        TAKEN = "taken", _("taken")
        MISSED = "missed", _("missed")
        UNKNOWN = "unknown", _("not known")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="doses")
    route = models.CharField(max_length=12, choices=Route)
    due_at = models.DateTimeField(null=True, blank=True)
    """The planned dose meant; null = taken outside the plan."""
    status = models.CharField(max_length=8, choices=Status)
    taken_at = models.DateTimeField(null=True, blank=True)
    amount = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    """mg for oral, microgram for intrathecal."""
    reporter = models.CharField(max_length=8)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    client_id = models.UUIDField()
    reason = models.CharField(max_length=300, blank=True)
    """Why it was not as planned, in the words of whoever told it."""
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )

    objects = DoseQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("patient", "-recorded_at"), name="dose_of_patient"),)
        constraints = (
            models.UniqueConstraint(fields=("patient", "client_id"), name="a_resent_dose_is_the_same_dose"),
            models.UniqueConstraint(
                fields=("patient", "route", "due_at"),
                condition=Q(supersedes=None, due_at__isnull=False),
                name="a_due_dose_is_first_reported_once",
            ),
            models.CheckConstraint(
                condition=Q(status="taken", taken_at__isnull=False) | (~Q(status="taken") & Q(taken_at=None)),
                name="a_taken_dose_has_its_time_and_no_other_does",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False) | Q(status="taken"),
                name="only_a_due_dose_can_be_missed",
            ),
            models.CheckConstraint(
                condition=Q(amount=None) | Q(amount__gt=0), name="a_dose_taken_is_more_than_nothing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.patient}: {self.route} dose {self.status}"


def known_by(at: datetime) -> Q:
    """Rows that were known at that instant: what did the ward believe at 03:00."""
    return Q(recorded_at__lte=at)
