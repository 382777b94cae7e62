from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.api.scopes import SCOPES
from apps.api.services import ClientRefused, create_client


class Command(BaseCommand):
    help = "Make a connected system: prints its client id and, this once, its secret."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="what the system is called, on the board and in the record")
        parser.add_argument("--scope", required=True, help=f"of: {' '.join(SCOPES)}")
        parser.add_argument(
            "--ward", nargs="+", action="extend", default=[], metavar="CODE", help="wards it works on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = create_client(
                name=options["name"],
                scopes=options["scope"].split(),
                ward_codes=options["ward"],
                by=None,
                at=timezone.now(),
            )
        except ClientRefused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"client id: {made.client.client_id}")
        self.stdout.write(f"client secret (shown only now): {made.secret}")
