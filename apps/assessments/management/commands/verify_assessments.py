import json
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.assessments.models import Assessment
from apps.assessments.verifying import Verdict, verify

PROGRESS_EVERY = 10_000


def moment(text: str) -> datetime:
    """A date (from its start, UTC) or an instant, in ISO 8601."""
    try:
        if len(text) == len("2026-01-31"):
            return datetime.combine(date.fromisoformat(text), time(0), tzinfo=UTC)
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no date or time in ISO 8601") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Work out stored assessments once more from the facts kept beside them, by the catalogue version each "
        "names, and compare bytes. Exit code 1 when any differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=moment, help="only what was assessed since then (ISO 8601)")
        parser.add_argument("--patient", type=UUID, help="only this patient (the id, not the record number)")
        parser.add_argument("--limit", type=int, help="only so many, the newest first")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {"verified": 0, "same": 0, "different": 0}
        differences = []
        for verdict in verify(_wanted(**options)):
            counts["verified"] += 1
            counts["same" if verdict.is_same else "different"] += 1
            if counts["verified"] % PROGRESS_EVERY == 0:
                self.stderr.write(f"{counts['verified']} verified, {counts['different']} different")
            if verdict.is_same:
                continue
            if options["format"] == "json":
                differences.append(_as_json(verdict))
            else:
                self.stdout.write(_line(verdict))
        if options["format"] == "json":
            self.stdout.write(json.dumps(counts | {"differences": differences}, indent=2))
        else:
            self.stdout.write("{verified} verified, {same} byte-equal, {different} different".format(**counts))
        if counts["different"]:
            raise CommandError(f"{counts['different']} stored assessments differ from their replay", returncode=1)


def _wanted(*, since: datetime | None, patient: UUID | None, limit: int | None, **_rest: Any) -> Any:
    wanted = Assessment.objects.all()
    if since is not None:
        wanted = wanted.filter(assessed_at__gte=since)
    if patient is not None:
        wanted = wanted.filter(patient_id=patient)
    if limit is not None:
        newest = wanted.order_by("-assessed_at", "-pk").values("pk")[:limit]
        wanted = Assessment.objects.filter(pk__in=newest)
    return wanted


def _line(verdict: Verdict) -> str:
    what = verdict.reason or ", ".join(verdict.fields)
    return f"assessment {verdict.assessment_id} of patient {verdict.patient_id}: {what}"


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "assessment": str(verdict.assessment_id),
        "patient": str(verdict.patient_id),
        "fields": list(verdict.fields),
        "reason": verdict.reason,
    }
