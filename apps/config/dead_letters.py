"""Where RabbitMQ lays aside what could not be delivered: a task that killed its worker again and again.

Nothing is lost with it (the database still owes the work, and `watch` does it); it is kept so that somebody can
see which task it was."""

from celery import Celery
from kombu.entity import Exchange, Queue

from .celery_settings import DEAD_LETTERS


def declare_dead_letters(app: Celery) -> None:
    """Make the exchange and its queue; on a broker that is not RabbitMQ there is nothing to do.

    Errors: kombu's OperationalError when the broker cannot be reached."""
    with app.connection_for_write() as connection:
        if connection.transport.driver_type != "amqp":
            return
        exchange = Exchange(DEAD_LETTERS, type="fanout", durable=True)
        arguments = {"x-queue-type": "quorum", "x-max-length": 10_000}
        queue = Queue(DEAD_LETTERS, exchange, durable=True, queue_arguments=arguments)
        queue.bind(connection.default_channel).declare()
