from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from oauth2_provider.models import AbstractApplication


class Client(AbstractApplication):
    """A connected system and what it may do. What it may see follows from the ward memberships of its user."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    allowed_scopes = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS),
                name="a_client_signs_in_with_its_own_credentials",
            ),
            models.CheckConstraint(condition=Q(hash_client_secret=True), name="a_client_secret_is_kept_hashed"),
        )

    def __str__(self) -> str:
        return self.name
