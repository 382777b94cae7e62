from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from apps.core.errors import DomainError
from apps.rules.catalogue import load
from apps.simulation.demo import claim_database
from apps.simulation.generator import simulate
from apps.simulation.ward import write_ward

MOST_PATIENTS, MOST_DAYS = 2_000, 365


class Command(BaseCommand):
    help = "Make believable tapers from a seed and put them on a ward of their own, in demo mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--patients", type=int, required=True)
        parser.add_argument("--days", type=int, required=True)
        parser.add_argument("--seed", type=int, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        patients, days, seed = options["patients"], options["days"], options["seed"]
        if not 1 <= patients <= MOST_PATIENTS or not 1 <= days <= MOST_DAYS:
            raise CommandError(f"From 1 to {MOST_PATIENTS} patients and 1 to {MOST_DAYS} days.")
        at, catalogue = timezone.now(), load(settings.ACTIVE_CATALOGUE)
        people = simulate(patients=patients, days=days, seed=seed, catalogue=catalogue)
        try:
            with transaction.atomic():
                claim_database(at)
                written = write_ward(people, days=days, seed=seed, at=at, catalogue=catalogue)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"ward {written.ward.code}: {written.patients} patients, {written.logs} logs assessed, "
            f"{written.alerts} alerts raised"
        )
