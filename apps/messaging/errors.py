from datetime import timedelta

from apps.core.errors import DomainError


class CannotSend(Exception):
    """`reason` is kept with the attempt: no address, no content. `wait` is how long the other side asks us to."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class SubscriptionGone(CannotSend):
    """Nothing will ever reach this browser by this subscription again."""


class SubscriptionRefused(DomainError):
    code = "subscription_refused"
    status = 422


class SubscriptionIsOver(SubscriptionRefused):
    """The push service has given this address up though the browser still has it: it has to ask for another."""

    code = "subscription_is_over"
    status = 409
