import json
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from apps.assessments.active import active_catalogue
from apps.rules.catalogue import Catalogue, load
from apps.rules.replay import replay


class Command(BaseCommand):
    help = "Replay published cases (docs/cases-format.md) and print which patterns fired, when and how urgently."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=("json", "table"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        found = replay(_cases(options["file"]), _catalogue())
        if options["format"] == "json":
            self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False))
            return
        for case in found:
            self.stdout.write(case["id"])
            for alert in case["alerts"]:
                where = alert["point"] or "clock"
                self.stdout.write(
                    f"    {alert['pattern']:<14} {alert['level']:<10} {where:<6} {alert['t_hours']:>8.1f} h"
                )
            if not case["alerts"]:
                self.stdout.write("    nothing fired")


def _catalogue() -> Catalogue:
    """The one in force; a replay needs no database, so without one (or before its tables) that of the setting."""
    try:
        return active_catalogue()
    except DatabaseError:
        return load(settings.ACTIVE_CATALOGUE)


def _cases(path: Path) -> list[dict[str, Any]]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise CommandError(f"{path} is no YAML: {error}") from error
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list):
        raise CommandError(f"{path} holds no list of cases (docs/cases-format.md says what one looks like).")
    return cases
