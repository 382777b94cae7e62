from uuid import UUID

from celery import shared_task
from django.utils import timezone

from apps.monitoring.beats import QUEUE, note_work
from apps.monitoring.pipeline import assess_owed


@shared_task(name="apps.monitoring.tasks.assess_symptom_logs", acks_late=True)
def assess_symptom_logs(log_ids: list[str]) -> None:
    """Assess these logs, as far as they are still owed. May run twice, late, or on ids that are gone."""
    at = timezone.now()
    ids = [UUID(log_id) for log_id in log_ids]
    assess_owed(ids, at)
    note_work(ids, at, through=QUEUE)
