import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.alerts.escalation_audit import find_missed


class Command(BaseCommand):
    help = "Find every alert that should have called somebody and did not. Exit 1 when there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="ISO 8601 with its offset; 24 hours before the end unless told")
        parser.add_argument("--until", help="ISO 8601 with its offset; now unless told")
        parser.add_argument("--format", choices=("json", "table"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        until = _moment(options["until"], "--until") or timezone.now()
        since = _moment(options["since"], "--since") or until - timedelta(days=1)
        if since >= until:
            raise CommandError("--since must be before --until.")
        found = find_missed(since, until)
        rows = [
            {"alert": str(one.alert_id), "what": one.what, "owed_at": one.owed_at.isoformat(), "words": one.words}
            for one in found
        ]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, indent=1))
        for row in rows if options["format"] == "table" else ():
            self.stdout.write(f"{row['owed_at']}  {row['what']:18} {row['alert']}  {row['words']}")
        if found:
            raise CommandError(f"{len(found)} calls that were owed were not made in time.", returncode=1)
        if options["format"] == "table":
            self.stdout.write("Every call that was owed was made in time.")


def _moment(text: str | None, option: str) -> Any:
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CommandError(f"{option}: write a moment with its offset, such as 2026-11-20T12:00:00Z.")
    return moment
