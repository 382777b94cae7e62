from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from oauth2_provider.models import AbstractApplication


class Client(AbstractApplication):
    """A connected system: what it may do (scopes). What it may see follows from the ward memberships of its user."""

    allowed_scopes = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(user__isnull=False), name="a_client_acts_as_a_user"),
            models.CheckConstraint(
                condition=Q(authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS),
                name="a_client_signs_in_with_its_own_credentials",
            ),
            models.CheckConstraint(condition=Q(hash_client_secret=True), name="a_client_secret_is_kept_hashed"),
        )

    def __str__(self) -> str:
        return self.name
