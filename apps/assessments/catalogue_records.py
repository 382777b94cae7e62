"""What was done with versions of the catalogue: put in force, and tried on stored history."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel
from apps.wards.models import Ward


class CatalogueActivation(BaseModel):
    """A version was put in force: by whom, when and why. Append-only (a trigger refuses change); the highest
    number is in force. What was assessed before keeps the version it was assessed by."""

    number = models.PositiveIntegerField()
    version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    """Of the catalogue's bytes, as they were when it was put in force."""
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    activated_at = models.DateTimeField()

    class Meta:
        ordering = ("-number",)
        permissions = (("activate_catalogue", _("May put a version of the catalogue in force")),)
        constraints = (
            models.UniqueConstraint(fields=("number",), name="activations_are_counted_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_catalogue_is_activated_for_a_reason"),
        )

    def __str__(self) -> str:
        return f"{self.version} in force from {self.activated_at:%Y-%m-%d %H:%M}"


class ShadowRun(BaseModel):
    """What a catalogue would have raised over stored history, beside what was raised. Changes nothing else."""

    version = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    """Null: whoever may run commands on the server."""
    made_at = models.DateTimeField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, null=True, related_name="+")
    """Null: every ward."""
    counts = models.JSONField()
    """The whole tally, as `monitoring.shadow` makes it."""
    differences = models.JSONField()
    """A list; each with its patient's id, pattern, kind, old and new episode, and the rules behind it."""

    class Meta:
        ordering = ("-made_at", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="a_shadow_run_looks_at_some_time"),
        )

    def __str__(self) -> str:
        return f"{self.version} over {self.since:%Y-%m-%d} to {self.until:%Y-%m-%d}"
