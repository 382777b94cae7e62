"""Browsers that agree to show messages, and those that no longer do."""

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.messaging.endpoints import EndpointRefused, read_endpoint
from apps.messaging.errors import SubscriptionIsOver, SubscriptionRefused
from apps.messaging.models import PushSubscription
from apps.messaging.push import decoded

MOST_BROWSERS = 10
"""Of one person; with another one, that which was reached longest ago is let go."""
BYTES_OF_SECRET = 16


@transaction.atomic
def subscribe(
    *, user: User, endpoint: str, p256dh: str, auth: str, label: str, language: str, at: datetime
) -> PushSubscription:
    """Take in what a browser's `PushManager.subscribe` answered; a repeat changes nothing. A browser in other
    hands speaks for whoever is signed in now.

    Errors: SubscriptionRefused (push is not set up here; not a push service; not its keys), SubscriptionIsOver."""
    _check(endpoint, p256dh, auth)
    subscription, _is_new = PushSubscription.objects.select_for_update().get_or_create(
        endpoint=endpoint, defaults={"user": user, "p256dh": p256dh, "auth": auth, "created_at": at}
    )
    if (subscription.p256dh, subscription.auth) != (p256dh, auth):
        # Keys never change under one address: whoever knows the address alone may not take it from its owner.
        raise SubscriptionRefused(_("This phone cannot be reached with push messages."))
    if subscription.gone_because == PushSubscription.Gone.REFUSED:
        raise SubscriptionIsOver(_("This phone cannot be reached with push messages."))
    subscription.user, subscription.label, subscription.language = user, label[:80], language
    subscription.server_key = settings.VAPID_PUBLIC_KEY
    subscription.gone_at, subscription.gone_because = None, ""
    subscription.save()
    _let_go_of_the_oldest(user, at)
    return subscription


def unsubscribe(*, user: User, subscription_id: UUID, at: datetime) -> bool:
    """False: this person has no such browser."""
    own = PushSubscription.objects.live().filter(user=user, pk=subscription_id)
    return bool(own.update(gone_at=at, gone_because=PushSubscription.Gone.REMOVED))


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        if not settings.VAPID_PUBLIC_KEY:
            raise EndpointRefused("push is not set up")
        read_endpoint(endpoint)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
        if len(decoded(auth)) != BYTES_OF_SECRET:
            raise EndpointRefused("not its secret")
    except ValueError as error:
        raise SubscriptionRefused(_("This phone cannot be reached with push messages.")) from error


def _let_go_of_the_oldest(user: User, at: datetime) -> None:
    live = PushSubscription.objects.live().filter(user=user)
    newest_first = sorted(live, key=lambda one: one.last_success_at or one.created_at, reverse=True)
    too_many = [one.pk for one in newest_first[MOST_BROWSERS:]]
    PushSubscription.objects.filter(pk__in=too_many).update(gone_at=at, gone_because=PushSubscription.Gone.REMOVED)
