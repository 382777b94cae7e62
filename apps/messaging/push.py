"""Web Push: sealed for one browser (RFC 8291), signed as ours (RFC 8292), handed to the service of the browser's
maker (RFC 8030). That it was taken there does not say that anybody has seen it; the browser tells us that."""

from base64 import urlsafe_b64decode
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from py_vapid import Vapid02

from apps.messaging.connecting import post
from apps.messaging.endpoints import Endpoint, EndpointRefused, read_endpoint
from apps.messaging.errors import CannotSend, SubscriptionGone
from apps.messaging.models import PushSubscription
from apps.messaging.notices import Notice, payload

SIGNATURE_HOLDS = timedelta(hours=12)
"""RFC 8292 allows 24 at most; the rest is for clocks that differ."""
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_TOPIC = 32
TAKEN = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})


def send_push(
    subscription: PushSubscription,
    notice: Notice,
    *,
    ttl: timedelta,
    topic: str,
    at: datetime,
    receipt: UUID | None = None,
) -> None:
    """Hand a notice to one browser's push service, which keeps it for `ttl` and only the newest of a `topic` (32
    letters, digits, - and _). What became of it is noted on the subscription.

    Errors: SubscriptionGone (noted, never to be tried again), CannotSend."""
    if subscription.server_key != settings.VAPID_PUBLIC_KEY:
        _note_gone(subscription, PushSubscription.Gone.OTHER_KEY, at)
        raise SubscriptionGone("made for another key")
    try:
        endpoint = read_endpoint(subscription.endpoint)
    except EndpointRefused as error:
        raise CannotSend("address refused") from error
    body = _sealed(subscription, payload(notice, tag=topic, receipt=receipt, sent_at=at))
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(max(0, int(ttl.total_seconds()))),
        "Topic": topic[:LONGEST_TOPIC],
        "Urgency": "high",
    }
    answer = post(endpoint, body, headers | _signature(endpoint, at))
    if answer.status in GONE:
        _note_gone(subscription, PushSubscription.Gone.REFUSED, at)
        raise SubscriptionGone(f"HTTP {answer.status}")
    if answer.status not in TAKEN:
        raise CannotSend(f"HTTP {answer.status}", _asked_to_wait(answer.retry_after))
    PushSubscription.objects.filter(pk=subscription.pk).update(last_success_at=at)


def _sealed(subscription: PushSubscription, content: bytes) -> bytes:
    return bytes(
        http_ece.encrypt(
            content,
            private_key=ec.generate_private_key(ec.SECP256R1()),
            dh=decoded(subscription.p256dh),
            auth_secret=decoded(subscription.auth),
            version="aes128gcm",
        )
    )


def _signature(endpoint: Endpoint, at: datetime) -> dict[str, str]:
    claims = {
        "aud": endpoint.audience,
        "exp": int((at + SIGNATURE_HOLDS).timestamp()),
        "sub": settings.VAPID_CONTACT,
    }
    signed: dict[str, str] = Vapid02.from_raw(settings.VAPID_PRIVATE_KEY.encode()).sign(claims)
    return signed


def _asked_to_wait(given: str) -> timedelta | None:
    if not (given.isascii() and given.isdecimal()):
        return None
    return min(timedelta(seconds=min(int(given), 86_400)), LONGEST_WAIT)


def _note_gone(subscription: PushSubscription, because: PushSubscription.Gone, at: datetime) -> None:
    PushSubscription.objects.live().filter(pk=subscription.pk).update(gone_at=at, gone_because=because)


def decoded(text: str) -> bytes:
    """base64url, with or without padding. Errors: ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
