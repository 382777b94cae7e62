from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.wards.models import TsTzRange


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
    """When an oral dose is due, by the patient's own clock; the daily dose is shared out evenly."""

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
            ),
        )

    def __str__(self) -> str:
        return f"step {self.number}: {self.daily_dose} {self.unit} from {self.starts_at:%Y-%m-%d}"


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


class SupplyEventBase(BaseModel):
    """Something that happened to the supply of baclofen, and when somebody knew."""

    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    """When it was mended or taken back."""
    note = models.TextField(blank=True)
    client_id = models.UUIDField()

    class Meta:
        abstract = True


class PumpEvent(SupplyEventBase):
    class Kind(models.TextChoices):
        STOPPED = "pump_stopped", _("pump stopped or stalled")
        DELIVERY_LOST = "pump_delivery_lost", _("delivery lost, cause not known")
        ALARM = "pump_alarm", _("pump alarm")
        CATHETER = "catheter_fault", _("catheter fault")
        REMOVED = "pump_removed", _("pump removed")
        PROCEDURE = "pump_procedure", _("reprogramming or other procedure")
        RESERVOIR_LOW = "reservoir_low", _("reservoir low")
        REFILLED = "refill_done", _("refilled")
        REFILL_MISSED = "refill_missed", _("refill missed")
        REFILL_FAILED = "refill_failed", _("refill failed")
        CHECKED = "pump_checked", _("checked and working")
        MRI = "mri", _("MRI scan")
        TRAUMA = "pump_trauma", _("blow to the pump site")

    class Tone(models.TextChoices):
        SINGLE = "single_tone", _("single tone")
        TWO = "two_tone", _("two tones")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pump_events")
    kind = models.CharField(max_length=20, choices=Kind)
    tone = models.CharField(max_length=12, choices=Tone, blank=True)
    reservoir_ml = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("patient", "-occurred_at"), name="pump_event_of_patient"),)
        constraints = (
            models.UniqueConstraint(fields=("patient", "client_id"), name="a_resent_pump_event_is_the_same_event"),
            models.CheckConstraint(
                condition=Q(reservoir_ml=None) | Q(reservoir_ml__gte=0, reservoir_ml__lte=60),
                name="a_reservoir_holds_0_to_60_ml",
            ),
            models.CheckConstraint(condition=Q(tone="") | Q(kind="pump_alarm"), name="only_an_alarm_has_a_tone"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("occurred_at")),
                name="a_pump_event_is_mended_after_it_began",
            ),
        )

    def __str__(self) -> str:
        return f"{self.patient}: {self.kind}"


class SupplyEvent(SupplyEventBase):
    """What no plan told: a stop, a cut, an overdose, a transfer, surgery, a birth."""

    class Kind(models.TextChoices):
        STOPPED = "stopped", _("baclofen stopped")
        REDUCED = "dose_reduced", _("dose reduced outside the plan")
        MISSED = "missed_doses", _("doses missed")
        BRIDGE = "oral_bridge_started", _("oral cover started")
        RAISED = "dose_raised", _("dose raised")
        OVERDOSE = "overdose", _("overdose")
        STARTED = "baclofen_started", _("baclofen started")
        RESTARTED = "baclofen_restarted", _("baclofen restarted")
        TRANSFER = "hospital_transfer", _("admitted or transferred")
        SURGERY = "surgery", _("surgery")
        BIRTH = "birth", _("birth, mother on baclofen")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="supply_events")
    kind = models.CharField(max_length=20, choices=Kind)
    route = models.CharField(max_length=14, blank=True)
    fraction = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    planned = models.BooleanField(null=True)
    count = models.PositiveSmallIntegerField(default=1)

    class Meta:
        indexes = (models.Index(fields=("patient", "-occurred_at"), name="supply_event_of_patient"),)
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "client_id"), name="a_resent_supply_event_is_the_same_event"
            ),
            models.CheckConstraint(
                condition=Q(fraction=None) | Q(fraction__gt=0, fraction__lte=1),
                name="a_cut_is_a_part_of_the_dose",
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="a_supply_event_happened_at_least_once"),
        )

    def __str__(self) -> str:
        return f"{self.patient}: {self.kind}"


def known_by(at: datetime) -> Q:
    """Rows that were known at that instant: what did the ward believe at 03:00."""
    return Q(recorded_at__lte=at)
