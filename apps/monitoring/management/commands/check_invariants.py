import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.monitoring.invariants import PROMISES, find_broken


class Command(BaseCommand):
    help = "Ask the database whether every promise holds. Exit 1 and one line of JSON for each that does not."

    def handle(self, *args: Any, **options: Any) -> None:
        found = find_broken(timezone.now())
        for finding in found:
            self.stdout.write(json.dumps(asdict(finding)))
        if found:
            raise CommandError(f"{len(found)} of {len(PROMISES)} promises are broken.", returncode=1)
        self.stdout.write(f"All {len(PROMISES)} promises hold.")
