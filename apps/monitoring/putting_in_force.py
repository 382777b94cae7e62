"""A catalogue is put in force, and nobody in care has to log anything before the new rules look at them."""

from datetime import datetime, timedelta

from django.db import transaction

from apps.accounts.models import User
from apps.assessments.activation import activate_catalogue
from apps.assessments.active import REFRESH_SECONDS
from apps.assessments.models import CatalogueActivation
from apps.monitoring.models import ClockCheck

KNOWN_EVERYWHERE = timedelta(seconds=2 * REFRESH_SECONDS)
"""After the act every process goes by it; looked at before that, somebody might be looked at by the old rules."""


@transaction.atomic
def put_in_force(
    *, version: str, by: User, reason: str, at: datetime, after: int | None = None
) -> CatalogueActivation:
    """As `assessments.activation.activate_catalogue`, with its errors; and everybody who is watched by the clock
    is looked at as soon as every process knows the new rules: what they find does not wait for the next log."""
    activation = activate_catalogue(version=version, by=by, reason=reason, at=at, after=after)
    soon = at + KNOWN_EVERYWHERE
    ClockCheck.objects.filter(due_at__gt=soon).update(due_at=soon)
    return activation
