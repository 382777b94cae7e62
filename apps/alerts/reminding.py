"""Whoever has taken an alert is reminded before the taking runs out: a row with a time, like the calls."""

from datetime import datetime, timedelta

from django.db.models import Max

from apps.alerts.ladders import LADDERS
from apps.alerts.models import Alert, EscalationStep

REMIND_AFTER = 0.75
"""Of the time that the taking holds. Project choice: 15 of 20 minutes for an emergency."""


def plan_reminder(alert: Alert, *, at: datetime) -> None:
    """After the taking, in its transaction. A level without a ladder has no time to run out."""
    ladder = LADDERS.get(alert.level)
    if ladder is None or alert.acknowledged_by_id is None:
        return
    last = alert.escalation_steps.aggregate(episode=Max("episode"))["episode"] or 1
    steps = alert.escalation_steps.filter(episode=last)
    EscalationStep.objects.create(
        alert=alert,
        episode=last,
        number=(steps.aggregate(number=Max("number"))["number"] or 0) + 1,
        purpose=EscalationStep.Purpose.REMIND,
        person_id=alert.acknowledged_by_id,
        due_at=at + _after(ladder.acknowledgement_holds),
    )


def _after(holds: timedelta) -> timedelta:
    return timedelta(seconds=holds.total_seconds() * REMIND_AFTER)
