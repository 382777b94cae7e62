import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.assessments.models import ShadowRun
from apps.monitoring.shadow import Tally, run_shadow
from apps.rules.catalogue import Catalogue, CatalogueError, load, read
from apps.rules.publishing import is_published
from apps.wards.models import Ward

LEVELS = {0: "none", 1: "watch", 2: "urgent", 3: "emergency"}
PROGRESS_EVERY = 100
LINES = 200
"""Differences printed one by one; the page and --format json show all that are kept."""


class Command(BaseCommand):
    help = (
        "Run a catalogue over stored history and say which alerts it would add, remove, raise or lower, and when. "
        "Nothing else is changed. CATALOGUE: a YAML file, or a version that this release brings."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("catalogue")
        parser.add_argument("--days", type=int, default=30, help="how far back (30)")
        parser.add_argument("--ward", help="the code of one ward; without it, all")
        parser.add_argument("--by", help="user name of who asks, kept with the result")
        parser.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError("--days has to be 1 or more")
        catalogue = _catalogue(options["catalogue"])
        ward = _one(Ward, "ward", code=options["ward"]) if options["ward"] else None
        by = _one(User, "user", username=options["by"]) if options["by"] else None
        run = run_shadow(
            catalogue, at=timezone.now(), days=options["days"], ward=ward, by=by, progress=self._progress
        )
        if options["format"] == "json":
            self.stdout.write(json.dumps(_as_json(run, catalogue), indent=2, ensure_ascii=False))
        else:
            self._table(run, catalogue)

    def _progress(self, tally: Tally) -> None:
        if tally.patients and tally.patients % PROGRESS_EVERY == 0:
            self.stderr.write(f"{tally.patients} patients, {tally.assessments} assessments")

    def _table(self, run: ShadowRun, catalogue: Catalogue) -> None:
        counts = run.counts
        status = "published" if is_published(catalogue) else "draft"
        self.stdout.write(f"{run.version} ({status}, sha256 {run.sha256})")
        self.stdout.write(
            f"{run.since:%Y-%m-%d %H:%M} to {run.until:%Y-%m-%d %H:%M} UTC, {run.ward or 'all wards'}: "
            f"{counts['assessments']} assessments of {counts['patients']} patients, "
            f"{counts['patient_weeks']:.1f} patient-weeks"
        )
        if counts["failures"]:
            told = ", ".join(f"{count} {name}" for name, count in counts["failures"].items())
            self.stdout.write(f"COULD NOT BE WORKED OUT by this catalogue, left out of both sides: {told}")
        self._alerts(counts)
        self._differences(run)
        self.stdout.write(f"\nStaff see it at {reverse('dashboards:shadow-run', args=[run.pk])}")

    def _alerts(self, counts: dict[str, Any]) -> None:
        self.stdout.write(
            "\nAlerts                                 as stored      by this catalogue   (per patient-week)"
        )
        for line in counts["alerts"]:
            self.stdout.write(
                f"  {line['pattern']:<16} {LEVELS[line['level']]:<10} {_quiet(line):<6} {line['old']:>6} "
                f"({line['old_per_patient_week']:.3f}) {line['new']:>10} ({line['new_per_patient_week']:.3f})"
            )
        self.stdout.write("\nDifferences")
        for line in counts["differences"]:
            self.stdout.write(
                f"  {line['kind']:<8} {line['pattern']:<16} {_quiet(line):<6} "
                f"{LEVELS[line['old_level']]:>9} -> {LEVELS[line['new_level']]:<9} {line['count']:>6}"
            )
        if not counts["differences"]:
            self.stdout.write("  none")
        elif counts["rules"]:
            self.stdout.write("\nRules behind them")
            for line in counts["rules"]:
                self.stdout.write(f"  {line['kind']:<8} {line['rule_id']:<30} {line['count']:>6}")

    def _differences(self, run: ShadowRun) -> None:
        if run.differences:
            self.stdout.write("\nEach of them, the most urgent first (moments in UTC)")
        for one in run.differences[:LINES]:
            old, new = one["old"], one["new"]
            hours = f" {one['hours']:+.1f} h" if one["hours"] is not None else ""
            self.stdout.write(
                f"  {one['kind']:<8} {one['pattern']:<16} {_quiet(one):<6} patient {one['patient']}  "
                f"{_moment(old)} -> {_moment(new)}{hours}  {', '.join(one['rules'])}"
            )
        more = len(run.differences) - LINES + run.counts["left_out"]
        if more > 0:
            self.stdout.write(f"  … and {more} more")


def _quiet(line: dict[str, Any]) -> str:
    return "quiet" if line["quiet"] else ""


def _moment(episode: dict[str, Any] | None) -> str:
    if episode is None:
        return "none"
    return f"{LEVELS[episode['level']]} {episode['rises'][-1]['at'][:16].replace('T', ' ')}"


def _catalogue(wanted: str) -> Catalogue:
    path = Path(wanted)
    try:
        if path.suffix == ".yaml":
            return read(path.read_bytes(), path.stem)
        return load(wanted)
    except (CatalogueError, OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{wanted} cannot be used: {error}") from error


def _one(model: Any, word: str, **named: str) -> Any:
    found = model.objects.filter(**named).first()
    if found is None:
        raise CommandError(f"there is no {word} “{next(iter(named.values()))}”")
    return found


def _as_json(run: ShadowRun, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": str(run.pk),
        "catalogue": run.version,
        "sha256": run.sha256,
        "published": is_published(catalogue),
        "since": run.since.isoformat(),
        "until": run.until.isoformat(),
        "ward": run.ward.code if run.ward else None,
        "counts": run.counts,
        "differences": run.differences,
    }
