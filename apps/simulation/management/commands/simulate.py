from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from apps.assessments.active import active_catalogue
from apps.core.errors import DomainError
from apps.simulation.demo import claim_database
from apps.simulation.generator import simulate
from apps.simulation.management.sizes import add_sizes, sizes
from apps.simulation.ward import write_ward


class Command(BaseCommand):
    help = "Make believable tapers from a seed and put them on a ward of their own, in demo mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        add_sizes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        patients, days, seed = sizes(options)
        at, catalogue = timezone.now(), active_catalogue()
        people = simulate(patients=patients, days=days, seed=seed, catalogue=catalogue)
        try:
            with transaction.atomic():
                claim_database(at)
                written = write_ward(people, label=str(seed), days=days, at=at, catalogue=catalogue)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"ward {written.ward.code}: {written.patients} patients, {written.logs} logs assessed, "
            f"{written.alerts} alerts raised"
        )
