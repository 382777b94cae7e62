from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.tapers.models.plans import PlanVersion, TaperPlan, TaperStep


class PlanProposal(BaseModel):
    """A plan or a change of one that somebody has written and nobody has put into force. Nothing that reads plans
    looks here: only a signature makes a version of it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plan_proposals")
    plan = models.ForeignKey(TaperPlan, on_delete=models.PROTECT, null=True, related_name="proposals")
    """Null: a first plan."""
    based_on = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, null=True, related_name="+")
    """The newest version when it was written; a newer one since makes it out of date."""
    kind = models.CharField(max_length=12, choices=PlanVersion.Kind)
    indication = models.CharField(max_length=200, blank=True)
    use_started_on = models.DateField(null=True, blank=True)
    is_gated = models.BooleanField(default=True)
    reason = models.TextField()
    effective_at = models.DateTimeField()
    steps = models.JSONField()
    """As `courses.writing` writes them."""
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, null=True, related_name="proposal")
    """What its signature made of it."""
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("patient", "-proposed_at"), name="proposal_of_patient"),)
        constraints = (
            models.CheckConstraint(condition=~Q(reason=""), name="every_proposal_has_a_reason"),
            models.CheckConstraint(
                condition=Q(version=None) | Q(withdrawn_at=None), name="a_signed_proposal_is_not_withdrawn"
            ),
        )

    def __str__(self) -> str:
        return f"proposal for {self.patient}: {self.kind}"

    @property
    def is_open(self) -> bool:
        return self.version_id is None and self.withdrawn_at is None


class PlanSignature(BaseModel):
    """Who put a version into force, and which guard rails they overrode. Append-only."""

    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, related_name="signature")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField(blank=True)
    overridden = models.JSONField(default=list)
    """Each guard rail that was broken: {"code", "value", "limit", "source", "tag", "text"} as it stood then."""

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(overridden=[]) | ~Q(reason=""), name="a_guard_rail_is_overridden_with_a_reason"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} signed by {self.by}"


class StepRelease(BaseModel):
    """Who let a locked step begin, and how its checklist stood then. Append-only."""

    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, related_name="release")
    """The version that the release made."""
    step = models.ForeignKey(TaperStep, on_delete=models.PROTECT, related_name="+")
    """The locked step."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    checklist = models.JSONField()
    """[{"code", "is_met", "detail"}], as it was worked out then."""
    override_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.step} released by {self.by}"


class GuardRailSetting(BaseModel):
    """A limit that this site has set for itself, in place of the one that comes with the product."""

    class Code(models.TextChoices):
        STEP = "step_above_limit", _("one step: part of the dose taken away, 0 to 1")
        WEEK = "week_above_limit", _("seven days: part of the dose taken away, 0 to 1")
        SHORT = "plan_too_short", _("days from the first reduction to the last dose")

    code = models.CharField(max_length=30, choices=Code, unique=True)
    limit = models.DecimalField(max_digits=6, decimal_places=3)
    source = models.CharField(max_length=300)
    """Who decided it, and on what."""

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(limit__gt=0), name="a_guard_rail_has_a_limit"),
            models.CheckConstraint(condition=~Q(source=""), name="a_guard_rail_names_its_source"),
            models.CheckConstraint(
                condition=Q(code="plan_too_short") | Q(limit__lte=1),
                name="no_more_than_the_whole_dose_is_taken_away",
                # 33 in place of 0.33 would switch the guard rail off.
                violation_error_message=_("Give a part of the dose from 0 to 1: a third is 0.333, not 33."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.limit}"
