"""The part of a worker that takes messages from the broker, without what we do not use."""

from typing import ClassVar

from celery.worker.consumer import Consumer

from .celery_settings import UNUSED_STEP


class PromptConsumer(Consumer):
    """No task waits for a later hour in the broker (rows in the database are due at a time). So the 28 exchanges
    and 28 queues by which Celery would delay messages on RabbitMQ are not made."""

    class Blueprint(Consumer.Blueprint):
        default_steps: ClassVar[list[str]] = [
            step for step in Consumer.Blueprint.default_steps if step != UNUSED_STEP
        ]
