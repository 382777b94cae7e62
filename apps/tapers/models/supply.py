from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient


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
        REPROGRAMMED = "pump_reprogrammed", _("rate changed")
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


class PumpDates(BaseModel):
    """What the pump clinic holds about one pump, told as a whole each time: the newest row counts and the older
    ones say what was believed before. Null = nobody has said."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="pump_dates")
    refill_due_on = models.DateField(null=True, blank=True)
    """All days are the patient's own and begin at their midnight."""
    low_reservoir_on = models.DateField(null=True, blank=True)
    """When the reservoir is reckoned to reach its alarm volume."""
    refill_booked = models.BooleanField(null=True)
    service_ends_on = models.DateField(null=True, blank=True)
    alarm_volume_ml = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    client_id = models.UUIDField()

    class Meta:
        verbose_name_plural = "pump dates"
        indexes = (models.Index(fields=("patient", "-recorded_at"), name="pump_dates_of_patient"),)
        constraints = (
            models.UniqueConstraint(fields=("patient", "client_id"), name="resent_pump_dates_are_the_same"),
            models.CheckConstraint(
                condition=Q(alarm_volume_ml=None) | Q(alarm_volume_ml__gte=0, alarm_volume_ml__lte=60),
                name="an_alarm_volume_fits_a_reservoir",
            ),
        )

    def __str__(self) -> str:
        return f"{self.patient}: pump as told {self.recorded_at:%Y-%m-%d}"
