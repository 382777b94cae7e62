import logging
import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from apps.monitoring.publisher import Publisher
from apps.monitoring.watch import Watch

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "See to what the database owes: assessments, people to be called, messages. Run two or more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="do here, without the queue, what is due now, and end"
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            Watch(timezone.now, None, Event()).run_once()
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        logger.info("the watch begins", extra={"event": "watch_began"})
        Watch(timezone.now, Publisher(), stop).run()
        logger.info("the watch ended", extra={"event": "watch_ended"})
