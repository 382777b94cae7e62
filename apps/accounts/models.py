import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(
            username=User.normalize_username(username),
            email=self.normalize_email(fields.pop("email", "")),
            **fields,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        fields |= {"is_staff": True, "is_superuser": True}
        fields.setdefault("role", User.Role.STAFF)
        return self.create_user(username, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody, or some system, that signs in. What they may see is decided by
    `Patient.objects.visible_to(user)`, not here."""

    class Role(models.TextChoices):
        PATIENT = "patient", _("patient")
        CARER = "carer", _("carer")
        STAFF = "staff", _("ward staff")
        SERVICE = "service", _("connected system")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()]
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    display_name = models.CharField(_("name"), max_length=150)
    role = models.CharField(max_length=10, choices=Role)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("may use the administration"), default=False)
    is_demo = models.BooleanField(default=False)
    """Made by the demo, with a printed password: cannot sign in outside demo mode."""
    session_epoch = models.PositiveIntegerField(default=0, db_default=0)
    """Raised to end every session of this account at once: a phone was lost."""
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(is_demo=False) | Q(is_superuser=False),
                name="a_demo_account_is_never_a_superuser",
            ),
            models.CheckConstraint(condition=~Q(display_name=""), name="everybody_who_signs_in_has_a_name"),
        )

    def __str__(self) -> str:
        return self.display_name

    def get_session_auth_hash(self) -> str:
        known = super().get_session_auth_hash()
        if not self.session_epoch:
            return known
        return salted_hmac("taperwatch.sessions", f"{known}:{self.session_epoch}", algorithm="sha256").hexdigest()

    @property
    def has_a_way_in(self) -> bool:
        """On another day, on this phone or another one."""
        return self.has_usable_password() or self.passkeys.filter(ended_at=None).exists()

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name.split(" ")[0]


class Passkey(models.Model):
    """A key that a phone or computer keeps behind its own lock (WebAuthn). We keep its public half only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    """As its owner calls the phone."""
    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = models.BinaryField()
    """Attested credential data of WebAuthn: the model of the authenticator, the id, and the public key (COSE)."""
    sign_count = models.PositiveBigIntegerField(default=0)
    """How often it signed, as it last said itself; those that are kept on several phones always say 0."""
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="a_passkey_has_a_name"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(used_at__gte=F("made_at")),
                name="a_passkey_is_made_before_use",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("made_at")), name="a_passkey_ends_after_it_was_made"
            ),
        )

    def __str__(self) -> str:
        return self.name
