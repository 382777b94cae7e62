import uuid

from django.db import models
from django.db.models import Q


class BaseModel(models.Model):
    """Rows that leave the database by id: an unguessable UUID, safe in a URL."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Installation(models.Model):
    """One row that says what this database is. Demo people live only in a demo database, and a
    demo database is never served as a real one."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_demo = models.BooleanField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=1), name="there_is_one_installation_row"),)

    def __str__(self) -> str:
        return "demo" if self.is_demo else "live"
