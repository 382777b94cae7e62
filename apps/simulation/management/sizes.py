"""How many people, how long, and from which seed: asked alike by each command that simulates."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

MOST_PATIENTS, MOST_DAYS = 2_000, 365


def add_sizes(parser: CommandParser) -> None:
    parser.add_argument("--patients", type=int, required=True)
    parser.add_argument("--days", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)


def sizes(options: Mapping[str, Any]) -> tuple[int, int, int]:
    patients, days, seed = options["patients"], options["days"], options["seed"]
    if not 1 <= patients <= MOST_PATIENTS or not 1 <= days <= MOST_DAYS:
        raise CommandError(f"From 1 to {MOST_PATIENTS} patients and 1 to {MOST_DAYS} days.")
    return patients, days, seed
