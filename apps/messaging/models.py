from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def live(self) -> Self:
        return self.filter(gone_at=None)


class PushSubscription(BaseModel):
    """One browser of one person that agreed to show messages. The address was made by the browser's maker and
    comes to us through the browser: it is never trusted (`messaging.endpoints`)."""

    class Gone(models.TextChoices):
        REMOVED = "removed", _("turned off")
        REFUSED = "refused", _("the phone no longer takes messages")
        OTHER_KEY = "other_key", _("made for another key of this installation")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=2048, unique=True)
    p256dh = models.CharField(max_length=100)
    """The browser's public key, base64url: only that browser can open what is sealed with it."""
    auth = models.CharField(max_length=40)
    server_key = models.CharField(max_length=100)
    """Our public key that it was made for; with another one a push service refuses us."""
    label = models.CharField(max_length=80)
    """What the person knows the phone by, as "Chrome, Android"."""
    language = models.CharField(max_length=10, default="en")
    created_at = models.DateTimeField()
    last_success_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_because = models.CharField(max_length=10, choices=Gone, blank=True)

    objects = PushSubscriptionQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("user",), condition=Q(gone_at=None), name="live_push_subscription_of_user"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(gone_at=None, gone_because="") | (Q(gone_at__isnull=False) & ~Q(gone_because="")),
                name="a_push_subscription_is_gone_for_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} of {self.user_id}"
