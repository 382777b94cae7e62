"""Tell one person of one alert by one channel: attempt written, sent, outcome written. What is cut short is sent
again, since twice is better than never; both carry the same reference. Nothing about the patient leaves."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from apps.alerts.escalation import hurry_next_step
from apps.alerts.models import Delivery, DeliveryAttempt
from apps.alerts.transports import TRANSPORTS, CannotSend

logger = logging.getLogger(__name__)
SEND_DEADLINE = timedelta(seconds=15)
"""An attempt without an outcome for longer is taken for lost (longer than any transport may take)."""
QUEUE_PATIENCE = timedelta(seconds=10)
PAUSES = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=30))
"""Between tries of one channel; the last again and again until somebody has taken the alert."""


@dataclass(frozen=True, slots=True)
class ClaimedDeliveries:
    fresh: tuple[UUID, ...]
    """For the queue."""
    forgotten: tuple[UUID, ...]
    """The queue had its time for these: to be sent by whoever claimed them."""
    at_once: tuple[UUID, ...]
    """Nothing leaves the house for these, so they need no queue."""


@transaction.atomic
def claim_due(at: datetime, limit: int = 200) -> ClaimedDeliveries:
    """Take deliveries that are due, for a few seconds: a claimer that dies holds nothing."""
    due = list(
        Delivery.objects.select_for_update(skip_locked=True)
        .filter(done_at=None, cancelled_at=None, due_at__lte=at)
        .exclude(leased_until__gt=at)
        .order_by("due_at")[:limit]
    )
    Delivery.objects.filter(pk__in=[one.pk for one in due]).update(leased_until=at + QUEUE_PATIENCE)
    at_once = {one.pk for one in due if one.channel == Delivery.Channel.BOARD}
    # Claimed before, while due, and still not done: the queue was asked.
    forgotten = {
        one.pk
        for one in due
        if one.pk not in at_once and one.leased_until is not None and one.leased_until >= one.due_at
    }
    fresh = [one.pk for one in due if one.pk not in at_once | forgotten]
    return ClaimedDeliveries(tuple(fresh), tuple(forgotten), tuple(at_once))


def deliver(delivery_ids: Sequence[UUID], at: datetime) -> int:
    """Send each that is still wanted; answers how many were sent. May run twice."""
    return sum(_deliver_one(delivery_id, at) for delivery_id in delivery_ids)


@dataclass(frozen=True, slots=True)
class _Begun:
    delivery: Delivery
    attempt: DeliveryAttempt


def _deliver_one(delivery_id: UUID, at: datetime) -> bool:
    begun = _begin(delivery_id, at)
    if begun is None:
        return False
    try:
        TRANSPORTS[Delivery.Channel(begun.delivery.channel)](begun.delivery)
    except CannotSend as error:
        _failed(begun, at, error.reason)
        return False
    except Exception as error:
        # A transport's own words may hold an address or more.
        _failed(begun, at, type(error).__name__)
        return False
    _sent(begun, at)
    return True


@transaction.atomic
def _begin(delivery_id: UUID, at: datetime) -> _Begun | None:
    """Write the attempt before the send. None when it is done, not wanted any more, or being sent."""
    delivery = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("alert", "recipient", "step")
        .filter(pk=delivery_id, done_at=None, cancelled_at=None)
        .first()
    )
    if delivery is None:
        return None
    if not delivery.step.is_wanted_by(delivery.alert):
        Delivery.objects.filter(pk=delivery_id).update(cancelled_at=at)
        return None
    running = delivery.attempts.filter(outcome="")
    if running.filter(started_at__gt=at - SEND_DEADLINE).exists():
        return None
    running.update(outcome=DeliveryAttempt.Outcome.UNKNOWN, ended_at=at)
    return _Begun(delivery, DeliveryAttempt.objects.create(delivery=delivery, started_at=at))


@transaction.atomic
def _sent(begun: _Begun, at: datetime) -> None:
    _end(begun, DeliveryAttempt.Outcome.SENT, at)
    Delivery.objects.filter(pk=begun.delivery.pk).update(done_at=at, leased_until=None)


@transaction.atomic
def _failed(begun: _Begun, at: datetime, reason: str) -> None:
    """Tried again soon; and when no message out of the house has reached anybody of this step, whoever comes next
    is told now instead of later."""
    delivery = begun.delivery
    _end(begun, DeliveryAttempt.Outcome.FAILED, at, reason)
    tries = delivery.attempts.count()
    pause = PAUSES[min(tries, len(PAUSES)) - 1]
    Delivery.objects.filter(pk=delivery.pk).update(due_at=at + pause, leased_until=None)
    logger.warning(
        "a message could not be sent",
        extra={"event": "delivery_failed", "alert_id": str(delivery.alert_id), "attempt": tries},
    )
    if not _somebody_was_reached(delivery):
        hurry_next_step(delivery.step, at)


def _somebody_was_reached(delivery: Delivery) -> bool:
    others = delivery.step.deliveries.exclude(channel=Delivery.Channel.BOARD)
    waiting = others.filter(attempts=None, done_at=None)
    return others.filter(done_at__isnull=False).exists() or waiting.exists()


def _end(begun: _Begun, outcome: DeliveryAttempt.Outcome, at: datetime, error: str = "") -> None:
    DeliveryAttempt.objects.filter(pk=begun.attempt.pk).update(outcome=outcome, ended_at=at, error=error[:300])
