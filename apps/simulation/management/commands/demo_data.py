import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.assessments.active import active_catalogue
from apps.core.errors import DomainError
from apps.simulation.demo import make_demo


class Command(BaseCommand):
    help = "Fill an empty database with invented people, in demo mode only; prints the sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            made = make_demo(timezone.now(), active_catalogue())
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        for one in made:
            self.stdout.write(f"{one.who:<16} {one.username:<12} {one.password}")
        self.stderr.write(f"demo people made in {time.monotonic() - began:.1f} s")
