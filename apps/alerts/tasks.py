from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.alerts.delivery import deliver as deliver_all


@shared_task(name="apps.alerts.tasks.deliver", acks_late=True)
def deliver(delivery_ids: list[str]) -> None:
    """Send what of these is still wanted. May run twice, late, or on ids that are gone."""
    deliver_all([UUID(delivery_id) for delivery_id in delivery_ids], timezone.now())
