from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.days import validate_time_zone
from apps.core.models import BaseModel


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class WardQuerySet(models.QuerySet["Ward"]):
    def visible_to(self, user: User) -> Self:
        """Wards where this member of staff or connected system works now."""
        return self.filter(memberships__user=user, memberships__ended_at=None).distinct()


class Ward(BaseModel):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True)
    """Shown to patients as whom to call."""
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    is_synthetic = models.BooleanField(default=False)
    """Holds only the canary; never on anybody's board."""

    objects = WardQuerySet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Job(models.TextChoices):
    NURSE = "nurse", _("nurse")
    DOCTOR = "doctor", _("doctor")
    PHARMACIST = "pharmacist", _("pharmacist")
    NURSE_IN_CHARGE = "nurse_in_charge", _("nurse in charge")
    SYSTEM = "system", _("connected system")


class Membership(BaseModel):
    """Works on this ward: the relation that opens its patients' records."""

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    job = models.CharField(max_length=20, choices=Job)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("ward", "user"),
                condition=Q(ended_at=None),
                name="a_person_works_once_on_a_ward",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="a_membership_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.ward} · {self.job}"


class DutyQuerySet(models.QuerySet["Duty"]):
    def standing(self) -> Self:
        """Without what was taken back."""
        return self.filter(cancelled_at=None)

    def current(self, at: datetime) -> Self:
        """On duty at that moment: one that was taken back later was on duty until then."""
        return self.filter(starts_at__lte=at, ends_at__gt=at).exclude(cancelled_at__lte=at)


class Duty(BaseModel):
    """One shift of one person on one ward: who is told first."""

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="duties")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="duties")
    job = models.CharField(max_length=20, choices=Job)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    """Taken back then; kept, so that it can be said who was on duty at any time."""
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "duties"
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_duty_ends_after_it_starts"),
            ExclusionConstraint(
                name="a_person_has_one_duty_at_a_time_on_a_ward",
                expressions=(
                    ("ward", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ),
                condition=Q(cancelled_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} on {self.ward} from {self.starts_at:%d.%m. %H:%M}"


class Shift(BaseModel):
    """The times of a shift as people on this ward work it, by its clock; what ends before it starts ends the next
    day."""

    ward = models.ForeignKey(Ward, on_delete=models.CASCADE, related_name="shifts")
    label = models.CharField(max_length=40)
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering = ("starts",)
        constraints = (
            models.UniqueConstraint(fields=("ward", "label"), name="a_ward_names_a_shift_once"),
            models.CheckConstraint(condition=~Q(starts=F("ends")), name="a_shift_lasts"),
        )

    def __str__(self) -> str:
        return f"{self.label} {self.starts:%H:%M}–{self.ends:%H:%M}"


class WardText(BaseModel):
    """The clinic's own words to its patients. Nothing is shown in place of one that nobody has written."""

    class Kind(models.TextChoices):
        MISSED_DOSE = "missed_dose", _("what to do after a missed dose")

    ward = models.ForeignKey(Ward, on_delete=models.CASCADE, related_name="texts")
    kind = models.CharField(max_length=20, choices=Kind)
    language = models.CharField(max_length=10, default="en", help_text=_("en, es, fr, ar …"))
    text = models.TextField(max_length=2000)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("ward", "kind", "language"), name="a_ward_says_a_thing_once"),
            models.CheckConstraint(condition=~Q(text=""), name="a_ward_text_says_something"),
        )

    def __str__(self) -> str:
        return f"{self.ward}: {self.kind} ({self.language})"


class WallScreen(BaseModel):
    """A screen on the ward's wall: shows initials and beds to whoever stands there, and nobody is signed in on it.
    Its link is opened once, by the screen itself, which then holds a key of its own. Neither is kept here."""

    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="wall_screens")
    label = models.CharField(max_length=60)
    """Where it hangs."""
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    link_sha256 = models.CharField(max_length=64, unique=True)
    link_expires_at = models.DateTimeField()
    device_sha256 = models.CharField(max_length=64, unique=True, null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(opened_at=None, device_sha256=None)
                | Q(opened_at__isnull=False, device_sha256__isnull=False),
                name="an_opened_screen_holds_a_key",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="a_screen_says_where_it_hangs"),
        )

    def __str__(self) -> str:
        return f"{self.label} · {self.ward}"
