"""What `manage.py check` and every start refuse."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError

from apps.core.installation import installation_mismatch

from .celery_settings import DELIVERY_LIMIT, SAFE_VALUES


@register(Tags.security)
def celery_loses_nothing(app_configs: Any, **given: Any) -> list[CheckMessage]:
    """Every value that was shown to lose or repeat work when changed has to be as it is."""
    faults: list[CheckMessage] = [
        Error(f"{name} has to be {safe!r}; other values lose alerts.", id="taperwatch.E001")
        for name, safe in SAFE_VALUES.items()
        if getattr(settings, name, None) != safe
    ]
    if settings.CELERY_BROKER_URL.startswith(("amqp://", "amqps://")):
        faults += _rabbitmq_faults()
    return faults


@register(Tags.security)
def messages_can_be_sent(app_configs: Any, **given: Any) -> list[CheckMessage]:
    """Printed mail counts as sent and reaches nobody."""
    if settings.EMBEDDED or settings.DEMO_MODE or settings.EMAIL_HOST or settings.EMAIL_PRINTED:
        return []
    return [
        Error(
            "EMAIL_HOST is not set: nobody could be called by e-mail. A trial without mail: EMAIL_PRINTED=true.",
            id="taperwatch.E005",
        )
    ]


@register(Tags.database)
def the_database_is_of_its_kind(app_configs: Any, **given: Any) -> list[CheckMessage]:
    """Runs with `migrate` and `check --database default`."""
    try:
        mismatch = installation_mismatch()
    except DatabaseError:
        # Not there yet, or without tables: whoever asked is about to be told, or to make them.
        return []
    return [Error(mismatch, id="taperwatch.E004")] if mismatch else []


def _rabbitmq_faults() -> list[CheckMessage]:
    faults: list[CheckMessage] = []
    if not settings.CELERY_BROKER_TRANSPORT_OPTIONS.get("confirm_publish"):
        faults.append(Error("RabbitMQ has to confirm what it was given.", id="taperwatch.E002"))
    for queue in settings.CELERY_TASK_QUEUES:
        arguments = queue.queue_arguments or {}
        if (
            arguments.get("x-queue-type") != "quorum"
            or arguments.get("x-delivery-limit") != DELIVERY_LIMIT
            or not arguments.get("x-dead-letter-exchange")
        ):
            faults.append(
                Error(
                    f"The queue {queue.name} has to be a quorum queue with a delivery limit and dead letters.",
                    id="taperwatch.E003",
                )
            )
    return faults
