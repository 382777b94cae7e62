from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.patients.models import Patient
from apps.tapers.models.plans import Route


class Product(BaseModel):
    """What this site hands out; doses are made of it. A setting of the site, kept in the administration."""

    class Form(models.TextChoices):
        TABLET = "tablet", _("tablet")
        CAPSULE = "capsule", _("capsule")
        LIQUID = "liquid", _("liquid, by mouth")
        SOLUTION = "solution", _("solution for a pump")

    name = models.CharField(max_length=120)
    route = models.CharField(max_length=12, choices=Route)
    form = models.CharField(max_length=10, choices=Form)
    strength = models.DecimalField(max_digits=9, decimal_places=3)
    """mg in a tablet, capsule or mL by mouth; microgram in an mL for a pump."""
    smallest_part = models.DecimalField(max_digits=4, decimal_places=3, default=1)
    """Of a tablet (1, 0.5 or 0.25) or of an mL (such as 0.1)."""
    is_active = models.BooleanField(default=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("route", "form", "strength", "name")
        constraints = (
            models.UniqueConstraint(fields=("name",), name="a_product_has_a_name_of_its_own"),
            models.CheckConstraint(condition=Q(strength__gt=0), name="a_product_has_a_strength"),
            models.CheckConstraint(
                condition=Q(form__in=("tablet", "capsule"), smallest_part__in=("1", "0.5", "0.25"))
                | Q(form__in=("liquid", "solution"), smallest_part__gt=0, smallest_part__lte=1),
                name="a_tablet_is_whole_half_or_quarter",
            ),
            models.CheckConstraint(
                condition=~Q(form="capsule") | Q(smallest_part=1), name="a_capsule_is_not_divided"
            ),
            models.CheckConstraint(
                condition=Q(route="oral", form__in=("tablet", "capsule", "liquid"))
                | Q(route="intrathecal", form="solution"),
                name="a_pump_is_filled_with_solution",
            ),
        )

    def __str__(self) -> str:
        return self.name


class SupplyCount(BaseModel):
    """How much baclofen by mouth is in hand, as somebody counted it. The newest count is reckoned from."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="supply_counts")
    counted_at = models.DateTimeField()
    amount = models.DecimalField(max_digits=12, decimal_places=3)
    """mg in all."""
    counts = models.JSONField()
    """Of each product: {"product", "name", "strength", "quantity"}, as it was then."""
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    client_id = models.UUIDField()

    class Meta:
        indexes = (models.Index(fields=("patient", "-counted_at"), name="supply_count_of_patient"),)
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "client_id"), name="a_resent_supply_count_is_the_same_count"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="what_is_in_hand_is_never_negative"),
        )

    def __str__(self) -> str:
        return f"{self.patient}: {self.amount} mg in hand"
