from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.wards.models import TsTzRange


class Cardinality(models.Func):
    function = "CARDINALITY"
    output_field = models.IntegerField()


class Route(models.TextChoices):
    ORAL = "oral", _("by mouth")
    INTRATHECAL = "intrathecal", _("by pump (intrathecal)")


class Unit(models.TextChoices):
    MG_PER_DAY = "mg/day"
    MICROGRAM_PER_DAY = "microgram/day"


class TaperPlan(BaseModel):
    """Why and since when baclofen is taken, and how it is to be left. The steps hang on versions."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plans")
    indication = models.CharField(max_length=200)
    use_started_on = models.DateField(null=True, blank=True)
    """First day of regular use; null = not known, which is not "recently"."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    is_gated = models.BooleanField(default=False)
    """Each reduction waits, locked, until its checklist is met and a named person releases it."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient",),
                condition=Q(closed_at=None),
                name="a_patient_has_one_open_plan",
            ),
        )

    def __str__(self) -> str:
        return f"plan of {self.patient}"


class PlanVersion(BaseModel):
    """A plan is never edited: each change is a new version, in force from `effective_at` until the next."""

    class Kind(models.TextChoices):
        START = "start", _("plan started")
        REVISE = "revise", _("plan revised")
        HOLD = "hold", _("held")
        SLOW = "slow", _("slowed down")
        STEP_BACK = "step_back", _("went back a step")
        REINSTATE = "reinstate", _("baclofen reinstated")
        STOP = "stop", _("stopped")
        TRANSFER = "transfer", _("transferred")
        RELEASE = "release", _("next step released")

    plan = models.ForeignKey(TaperPlan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    reason = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="plan_versions_are_counted_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="every_plan_version_has_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.plan}, version {self.number}"


class TaperStep(BaseModel):
    """One daily dose by one route for one stretch of time; the last stretch may have no end."""

    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    route = models.CharField(max_length=12, choices=Route)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    daily_dose = models.DecimalField(max_digits=9, decimal_places=3)
    unit = models.CharField(max_length=15, choices=Unit)
    times_of_day = ArrayField(models.TimeField(), default=list, blank=True)
    """When an oral dose is due, by the patient's own clock."""
    amounts = ArrayField(models.DecimalField(max_digits=9, decimal_places=3), null=True, blank=True)
    """mg at each of the times of day, together the daily dose; null: the daily dose is shared out evenly."""
    made_of = models.JSONField(null=True, blank=True)
    """What each dose of the day is made of, as the products were then: for each time a list of
    {"product", "name", "strength", "quantity"}; null where nobody worked it out."""
    asked_dose = models.DecimalField(max_digits=9, decimal_places=3, null=True, blank=True)
    """The daily dose that was asked for, where it was worked out and made from products."""
    is_locked = models.BooleanField(default=False)
    """Foreseen and not prescribed: it begins only once it is released, and until then the dose before it goes on.
    Its times are those that were foreseen."""

    class Meta:
        ordering = ("starts_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("version", "route", "number"), name="steps_of_a_route_are_counted_once"
            ),
            models.CheckConstraint(condition=Q(daily_dose__gte=0), name="a_dose_is_never_negative"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="a_step_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(route=Route.ORAL, unit=Unit.MG_PER_DAY)
                | Q(route=Route.INTRATHECAL, unit=Unit.MICROGRAM_PER_DAY),
                name="oral_is_in_mg_and_intrathecal_in_microgram",
            ),
            models.CheckConstraint(
                condition=Q(route=Route.INTRATHECAL) | Q(daily_dose=0) | Q(times_of_day__len__gt=0),
                name="an_oral_dose_has_its_times",
            ),
            ExclusionConstraint(
                name="steps_of_a_route_never_overlap",
                expressions=(
                    ("version", RangeOperators.EQUAL),
                    ("route", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ),
                condition=Q(is_locked=False),
            ),
            models.CheckConstraint(
                condition=Q(amounts=None) | Q(amounts__len=Cardinality("times_of_day")),
                name="each_time_of_day_has_its_amount",
            ),
        )

    def __str__(self) -> str:
        return f"step {self.number}: {self.daily_dose} {self.unit} from {self.starts_at:%Y-%m-%d}"
