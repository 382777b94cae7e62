from django.db import models
from django.db.models import Q

from apps.assessments.catalogue_records import CatalogueActivation as CatalogueActivation
from apps.assessments.catalogue_records import ShadowRun as ShadowRun
from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog


class Assessment(BaseModel):
    """One log seen through one catalogue version with the facts known then. The same facts make the
    same row (twice is once); facts that changed since, by a late log or a plan change, make another.

    Without a log: a patient looked at by the clock alone, at the moment that stands in `facts`."""

    log = models.ForeignKey(SymptomLog, on_delete=models.CASCADE, null=True, related_name="assessments")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    catalogue_version = models.CharField(max_length=60)
    facts_sha256 = models.CharField(max_length=64)
    generation = models.PositiveIntegerField(default=1)
    """Which request for an assessment of this log it answers. The highest speaks for the log, in whatever order
    two workers finish."""
    assessed_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)
    """0 no rule fired, 1 watch, 2 urgent, 3 emergency. 0 is not "well"."""
    score = models.PositiveSmallIntegerField(null=True)
    score_complete = models.BooleanField(default=False)
    exposed = models.BooleanField(null=True)
    result = models.JSONField()
    """The whole evaluation: hits with what matched and what was missing, undecided rules."""
    facts = models.JSONField(default=dict)
    """What the rules were told, so that the assessment can be replayed to the same bytes."""

    class Meta:
        indexes = (models.Index(fields=("patient", "-assessed_at"), name="assessment_of_patient"),)
        constraints = (
            models.UniqueConstraint(
                fields=("log", "catalogue_version", "facts_sha256"),
                name="the_same_log_and_facts_are_assessed_once",
            ),
            models.UniqueConstraint(
                fields=("patient", "catalogue_version", "facts_sha256"),
                condition=Q(log=None),
                name="the_same_moment_is_assessed_once",
            ),
            models.CheckConstraint(
                condition=Q(level__gte=0, level__lte=3), name="an_assessment_has_a_known_level"
            ),
        )

    def __str__(self) -> str:
        return f"assessment of {self.log_id} by {self.catalogue_version}"


class Latest(models.Model):
    """One row a patient, for boards: the newest log by what was observed, and its assessment.
    `last_log` may be newer than the log that `assessment` speaks of: then it is not yet assessed."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, primary_key=True, related_name="latest")
    last_log = models.ForeignKey(SymptomLog, on_delete=models.CASCADE, related_name="+")
    last_log_observed_at = models.DateTimeField()
    last_log_reporter = models.CharField(max_length=8)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, null=True, related_name="+")
    assessed_log_observed_at = models.DateTimeField(null=True)
    level = models.PositiveSmallIntegerField(default=0)
    score = models.PositiveSmallIntegerField(null=True)
    previous_score = models.PositiveSmallIntegerField(null=True)
    score_complete = models.BooleanField(default=False)
    """Every domain was answered; else the score is "at least" and cannot be compared."""
    previous_complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"latest of {self.patient_id}"
