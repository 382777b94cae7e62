import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.assessments.active import active_catalogue
from apps.core.errors import DomainError
from apps.simulation.generator import simulate
from apps.simulation.management.sizes import add_sizes, sizes
from apps.simulation.measuring import measure
from apps.simulation.report import Found, Noise, Report

LEVELS = {1: "watch", 2: "urgent", 3: "emergency"}


class Command(BaseCommand):
    help = (
        "Simulate tapers and print alerts per patient-week by level and pattern, sensitivity and lead time over "
        "the simulated truth. In demo mode only; nothing is kept."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_sizes(parser)
        parser.add_argument("--format", choices=("json", "table"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        patients, days, seed = sizes(options)
        catalogue = active_catalogue()
        people = simulate(patients=patients, days=days, seed=seed, catalogue=catalogue)
        try:
            counted = measure(people, days=days, seed=seed, catalogue=catalogue)
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        if options["format"] == "json":
            self.stdout.write(
                json.dumps({"catalogue": catalogue.version, "seed": seed} | asdict(counted), indent=2)
            )
            return
        self.stdout.write(f"catalogue {catalogue.version}, {patients} simulated people, {days} days, seed {seed}")
        self._table(counted)

    def _table(self, counted: Report) -> None:
        self.stdout.write("\nAlerts while nothing was wrong, per patient-week")
        for noise in counted.noise:
            self._noise(noise)
        self.stdout.write("\nOf these the uneventful tapers (doses a day as they began)")
        for noise in counted.uneventful:
            self._noise(noise)
        self.stdout.write("\nIllnesses (alerted = urgent or above; lead = hours from that alert to the onset)")
        for found in counted.found:
            self._found(found)

    def _noise(self, noise: Noise) -> None:
        self.stdout.write(
            f"  {noise.kind:<14} {noise.people:>4} people {noise.patient_weeks:>8.1f} weeks   "
            f"watch {noise.watch_per_patient_week:.3f}   "
            f"urgent or above {noise.urgent_or_above_per_patient_week:.3f}"
        )
        for rate in noise.by_pattern:
            self.stdout.write(
                f"      {rate.pattern:<14} {LEVELS[rate.level]:<10} {rate.count:>4} {rate.per_patient_week:>8.3f}"
            )

    def _found(self, found: Found) -> None:
        lead = "-" if found.median_lead_hours is None else f"{round(found.median_lead_hours, 1) + 0:+.1f} h"
        self.stdout.write(
            f"  {found.kind:<14} {found.ill:>4} ill   own pattern {found.own_pattern}   "
            f"alerted {found.urgent_or_above}   median lead {lead}   "
            f"emergencies {found.emergencies}, in time {found.in_time}"
        )
