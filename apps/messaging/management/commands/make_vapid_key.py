from typing import Any

from django.core.management.base import BaseCommand

from apps.messaging.vapid import new_private_key


class Command(BaseCommand):
    help = (
        "Print a new VAPID_PRIVATE_KEY. One for each installation, made once: with another, every phone has to be "
        "turned on anew."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(new_private_key())
