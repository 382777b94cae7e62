from datetime import date, datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.days import validate_time_zone
from apps.core.models import BaseModel
from apps.wards.models import TsTzRange, Ward


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, user: User) -> Self:
        """THE access rule. A patient sees themself, a carer whom they care for with consent in force,
        staff and connected systems whoever is on a ward of theirs now, or left it for no other ward while an alert
        was open or came up since. Everybody else sees nobody."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role == User.Role.PATIENT:
            return self.filter(user=user)
        if user.role == User.Role.CARER:
            return self.filter(carers__user=user, carers__withdrawn_at=None).distinct()
        wards = Ward.objects.visible_to(user)
        current = Stay.objects.current()
        here = current.filter(ward__in=wards).values("patient")
        left = Patient.objects.filter(alerts__resolved_at=None, alerts__ward__in=wards).exclude(
            pk__in=current.values("patient")
        )
        return self.filter(Q(pk__in=here) | Q(pk__in=left.values("pk")))


class Patient(BaseModel):
    record_number = models.CharField(max_length=40, unique=True)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    birth_date = models.DateField()
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="patient",
    )
    time_zone = models.CharField(max_length=64, validators=[validate_time_zone])
    language = models.CharField(max_length=10, default="en")
    has_pump = models.BooleanField(default=False)
    is_synthetic = models.BooleanField(default=False)
    registered_at = models.DateTimeField()

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ("family_name", "given_name")

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def initials(self) -> str:
        return f"{self.given_name[:1]}{self.family_name[:1]}"

    def age_years(self, on: date) -> float:
        """Whole years from the second birthday on; before it, in parts of a year."""
        days = (on - self.birth_date).days
        if days < 730:
            return days / 365.25
        had_birthday = (on.month, on.day) >= (self.birth_date.month, self.birth_date.day)
        return on.year - self.birth_date.year - (0 if had_birthday else 1)


class StayQuerySet(models.QuerySet["Stay"]):
    def current(self) -> Self:
        return self.filter(discharged_at=None)


class Stay(BaseModel):
    """In the care of a ward: in a bed there, or at home under its watch (no bed)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="stays")
    ward = models.ForeignKey(Ward, on_delete=models.PROTECT, related_name="stays")
    bed = models.CharField(max_length=20, blank=True)
    admitted_at = models.DateTimeField()
    discharged_at = models.DateTimeField(null=True, blank=True)

    objects = StayQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("ward",), condition=Q(discharged_at=None), name="open_stay_of_ward"),)
        constraints = (
            models.UniqueConstraint(
                fields=("ward", "bed"),
                condition=Q(discharged_at=None) & ~Q(bed=""),
                name="a_bed_holds_one_patient",
            ),
            models.CheckConstraint(
                condition=Q(discharged_at=None) | Q(discharged_at__gt=F("admitted_at")),
                name="a_stay_ends_after_it_starts",
            ),
            ExclusionConstraint(
                name="stays_of_a_patient_never_overlap",
                expressions=(
                    ("patient", RangeOperators.EQUAL),
                    (TsTzRange("admitted_at", "discharged_at"), RangeOperators.OVERLAPS),
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.patient} on {self.ward} {self.bed}"


class RiskFactor(BaseModel):
    """What was there before, or came along, and bends how a log is read. Codes as in the catalogue."""

    class Code(models.TextChoices):
        EPILEPSY = "epilepsy", _("epilepsy or an earlier seizure")
        RENAL_IMPAIRMENT = "renal_impairment", _("kidney impairment")
        SPINAL_INJURY = "spinal_injury_t6_or_above", _("spinal injury at T6 or above")
        CO_WITHDRAWAL = (
            "alcohol_or_benzodiazepine_stopped",
            _("alcohol or benzodiazepine stopped within 7 days"),
        )
        EARLIER_WITHDRAWAL = "earlier_withdrawal", _("earlier baclofen withdrawal")
        COMMUNICATION = "communication_difficulty", _("difficulty in communicating")
        PREGNANCY = "pregnancy", _("pregnancy")
        PSYCHIATRIC = "psychiatric_history", _("psychiatric history")
        NEWBORN = "newborn_of_treated_mother", _("newborn of a treated mother")
        INFECTION = "infection", _("infection")
        SEROTONERGIC = "serotonergic_drug", _("serotonergic drug")
        ANTIPSYCHOTIC = "antipsychotic", _("antipsychotic or antiemetic within 72 h")
        ANAESTHETIC = "anaesthetic_24h", _("anaesthetic within 24 h")
        SEDATIVE = "sedative_or_alcohol", _("sedative or alcohol in use")
        DYSREFLEXIA = "autonomic_dysreflexia_prone", _("prone to autonomic dysreflexia")

    CONFOUNDERS = frozenset(
        {
            Code.INFECTION,
            Code.SEROTONERGIC,
            Code.ANTIPSYCHOTIC,
            Code.ANAESTHETIC,
            Code.SEDATIVE,
            Code.DYSREFLEXIA,
        }
    )

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="risk_factors")
    code = models.CharField(max_length=50, choices=Code)
    present_from = models.DateTimeField()
    present_until = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "code"),
                condition=Q(present_until=None),
                name="a_risk_factor_is_listed_once",
            ),
            models.CheckConstraint(
                condition=Q(present_until=None) | Q(present_until__gt=F("present_from")),
                name="a_risk_factor_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.patient}: {self.code}"

    def is_present(self, at: datetime) -> bool:
        return self.present_from <= at and (self.present_until is None or at < self.present_until)


class Carer(BaseModel):
    """May log for this patient and see what the patient sees, while consent is in force."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="carers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cares_for")
    relationship = models.CharField(max_length=60)
    consented_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "user"),
                condition=Q(withdrawn_at=None),
                name="a_carer_is_listed_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("consented_at")),
                name="consent_is_withdrawn_after_it_was_given",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} cares for {self.patient}"


class ZoneChange(BaseModel):
    """The patient went to where another clock counts. Doses due before stay due by the clock of then."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="zone_changes")
    from_at = models.DateTimeField()
    zone_before = models.CharField(max_length=64, validators=[validate_time_zone])
    zone = models.CharField(max_length=64, validators=[validate_time_zone])
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("from_at",)
        constraints = (
            models.UniqueConstraint(fields=("patient", "from_at"), name="one_clock_counts_at_a_time"),
            models.CheckConstraint(condition=~Q(zone=F("zone_before")), name="a_zone_change_changes_the_zone"),
        )

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.zone} from {self.from_at:%Y-%m-%d %H:%M}"


class CalendarLink(BaseModel):
    """An address under which a calendar reads when doses are due, without a sign-in. Only its digest is kept."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="calendar_links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    shows_doses = models.BooleanField(default=False)
    """The patient's own choice; without it an entry says "Reminder" and nothing else."""
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient",), condition=Q(revoked_at=None), name="a_patient_has_one_calendar_link"
            ),
        )

    def __str__(self) -> str:
        return f"calendar of {self.patient_id}"


class Invitation(BaseModel):
    """Handed over by the ward, or by a patient to somebody who is to care for them: whoever opens the link first
    gets a way in of their own. The link itself is kept nowhere."""

    class For(models.TextChoices):
        PATIENT = "patient", _("the patient")
        CARER = "carer", _("a carer")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="invitations")
    invites = models.CharField(max_length=8, choices=For)
    relationship = models.CharField(max_length=60, blank=True)
    """Of the carer to the patient: wife, son, neighbour."""
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="an_invitation_ends_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="who_accepted_an_invitation_is_known",
            ),
            models.CheckConstraint(
                condition=Q(invites="patient") | ~Q(relationship=""),
                name="an_invited_carer_is_somebody_to_the_patient",
            ),
        )

    def __str__(self) -> str:
        return f"invitation of {self.get_invites_display()} to {self.patient}"

    def is_open(self, at: datetime) -> bool:
        return self.accepted_at is None and self.revoked_at is None and at < self.expires_at
