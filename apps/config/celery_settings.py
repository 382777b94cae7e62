"""How Celery is set so that it neither loses nor loops. Which values, and what each prevents, was measured by
killing workers and brokers; `checks.py` refuses to start with others.

The database owes every assessment, so that the broker may forget all it holds; these settings keep that from
being the usual case."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from kombu.entity import Exchange, Queue

from apps.core.embedded.valkey import valkey_url

TASK_SECONDS_SOFT = 10
TASK_SECONDS_HARD = 20
DELIVERY_LIMIT = 5
DEAD_LETTERS = "taperwatch.dead"
HOUSEKEEPING_EVERY = timedelta(hours=6)
WATCHED_EVERY = timedelta(seconds=30)
UNUSED_STEP = "celery.worker.consumer.delayed_delivery:DelayedDelivery"
QUEUE_NAMES = ("assess", "deliver", "housekeeping")

SAFE_VALUES: dict[str, Any] = {
    # Acknowledged after the work, not before: a killed worker's task comes back.
    "CELERY_TASK_ACKS_LATE": True,
    # … also when only the child process that did the work was killed.
    "CELERY_TASK_REJECT_ON_WORKER_LOST": True,
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "CELERY_TASK_SOFT_TIME_LIMIT": TASK_SECONDS_SOFT,
    "CELERY_TASK_TIME_LIMIT": TASK_SECONDS_HARD,
    # Ids only, as JSON; nothing else is read, so that a message can never carry code.
    "CELERY_TASK_SERIALIZER": "json",
    "CELERY_ACCEPT_CONTENT": ["json"],
    "CELERY_TASK_IGNORE_RESULT": True,
    # The row that is owed is published again; Celery's own retries multiply the time a publish may hang.
    "CELERY_TASK_PUBLISH_RETRY": False,
    "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
    "CELERY_BROKER_HEARTBEAT": 10,
    "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": True,
    "CELERY_WORKER_MAX_TASKS_PER_CHILD": 1_000,
    "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 20.0,
    # Nothing commands a worker from outside; its queues would be transient ones, which RabbitMQ 4 gives up.
    "CELERY_WORKER_ENABLE_REMOTE_CONTROL": False,
    "CELERY_WORKER_CONSUMER": "apps.config.consumer:PromptConsumer",
    "CELERY_ENABLE_UTC": True,
    "CELERY_TIMEZONE": "UTC",
}


def celery_settings(broker_url: str, local: Path) -> dict[str, Any]:
    """All CELERY_ settings for RabbitMQ (amqp://, amqps://) or Valkey (valkey://, redis://)."""
    url = broker_url or valkey_url(local)
    amqp = url.startswith(("amqp://", "amqps://"))
    return SAFE_VALUES | {
        "CELERY_BROKER_URL": url,
        "CELERY_BROKER_TRANSPORT_OPTIONS": _amqp_options() if amqp else _valkey_options(),
        "CELERY_TASK_QUEUES": [_queue(name, amqp=amqp) for name in QUEUE_NAMES],
        "CELERY_TASK_DEFAULT_QUEUE": "housekeeping",
        "CELERY_TASK_DEFAULT_QUEUE_TYPE": "quorum" if amqp else "classic",
        "CELERY_TASK_CREATE_MISSING_QUEUES": False,
        "CELERY_TASK_ROUTES": {
            "apps.monitoring.tasks.*": {"queue": "assess"},
            "apps.alerts.tasks.*": {"queue": "deliver"},
        },
        "CELERY_BEAT_SCHEDULE": {
            name: {"task": f"apps.config.tasks.{name}", "schedule": HOUSEKEEPING_EVERY}
            for name in ("clear_sessions", "clear_tokens", "clear_sign_ins", "clear_messages")
        }
        | {
            "watch_the_watch": {
                "task": "apps.config.tasks.watch_the_watch",
                "schedule": WATCHED_EVERY,
                # A worker that was away is not to do it once for every time that it missed.
                "options": {"expires": WATCHED_EVERY.total_seconds()},
            }
        },
        "CELERY_BEAT_SCHEDULE_FILENAME": str(local / "beat-schedule"),
        "CELERY_WORKER_HIJACK_ROOT_LOGGER": False,
    }


def _amqp_options() -> dict[str, Any]:
    # Without confirms, a publish to a dying broker says "sent" and loses the message.
    return {"confirm_publish": True, "confirm_timeout": 3, "read_timeout": 5, "write_timeout": 5}


def _valkey_options() -> dict[str, Any]:
    return {
        # A message that a killed worker held comes back after this long: three times the longest task. Until
        # then the watch daemon has assessed the log itself.
        "visibility_timeout": 3 * TASK_SECONDS_HARD,
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": "taperwatch.",
    }


def _queue(name: str, *, amqp: bool) -> Queue:
    if not amqp:
        return Queue(name, Exchange(name), routing_key=name)
    return Queue(
        name,
        Exchange(name),
        routing_key=name,
        durable=True,
        queue_arguments={
            "x-queue-type": "quorum",
            # A task that kills its worker is tried this often, then laid aside; without, it loops for ever.
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD_LETTERS,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-max-length": 100_000,
        },
    )
