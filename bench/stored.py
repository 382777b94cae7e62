"""A ward with a fortnight of stored logs, all of them to be assessed, in the database of the settings."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import django

django.setup()

import orjson  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.alerts.models import Alert  # noqa: E402
from apps.assessments.facts import gather_facts  # noqa: E402
from apps.monitoring.owed import owe_assessments  # noqa: E402
from apps.monitoring.pipeline import assess_owed  # noqa: E402
from apps.patients.services import admit_patient  # noqa: E402
from apps.rules.catalogue import Catalogue, load  # noqa: E402
from apps.rules.engine import evaluate  # noqa: E402
from apps.rules.types import Evaluation, Facts  # noqa: E402
from apps.simulation.writing import make_log  # noqa: E402
from apps.symptoms.models import SymptomLog  # noqa: E402
from apps.wards.models import Ward  # noqa: E402
from bench.rules import CATALOGUE, DAYS, LOGS_A_DAY, codes_of_the_form, patient  # noqa: E402


@dataclass
class StoredWard:
    catalogue: Catalogue
    logs: list[uuid.UUID]
    patients: list[uuid.UUID]
    since: datetime

    @property
    def alerts(self) -> int:
        return Alert.objects.count()

    def read(self, logs: Sequence[uuid.UUID]) -> list[Facts]:
        rows = SymptomLog.objects.select_related("patient").in_bulk(list(logs))
        return list(gather_facts(list(rows.values())).values())

    def evaluate(self, facts: Facts) -> Evaluation:
        return evaluate(self.catalogue, facts)

    def reassess(self, logs: Sequence[uuid.UUID]) -> None:
        at = timezone.now()
        done = assess_owed(logs, at)
        if done != len(logs):
            raise RuntimeError(f"{done} of {len(logs)} were assessed")

    def owe_all(self) -> None:
        for each in self.patients:
            owe_assessments(
                patient_id=each, catalogue_version=self.catalogue.version, since=self.since, at=timezone.now()
            )

    def insert_bare(self, table: str, facts: Sequence[Facts]) -> None:
        """One row and one commit a log, as large as what an assessment keeps."""
        with connection.cursor() as cursor:
            cursor.execute(table)
            for each in facts:
                told = orjson.dumps(asdict(each), default=list).decode()
                cursor.execute("insert into bench_assessment (told, result) values (%s, %s)", [told, "{}"])

    def close(self) -> None:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def build(patients: int) -> StoredWard:
    """Logs as bench.rules invents them, stored as the intake would have, and nothing assessed yet."""
    at = timezone.now()
    since = at - timedelta(days=DAYS)
    catalogue = load(CATALOGUE)
    ward = Ward.objects.create(code="stored", name="Stored", phone="100", time_zone="UTC")
    rng, codes = random.Random(20260101), codes_of_the_form(catalogue)
    people, logs = [], []
    for number in range(patients):
        person = admit_patient(
            record_number=f"S{number}",
            given_name="Bench",
            family_name=f"Number{number}",
            birth_date=at.date() - timedelta(days=20_000),
            time_zone="UTC",
            ward=ward,
            admitted_at=since,
            by=None,
            at=since,
        )
        people.append(person.pk)
        told = patient(number, rng, codes)[-1].logs
        logs += [
            make_log(
                patient=person,
                observed_at=since + timedelta(days=place / LOGS_A_DAY, minutes=1),
                reporter=str(log.reporter),
                by=None,
                answers=log.answers,
                vital_signs={sign: reading.value for sign, reading in log.vital_signs.items()},
                catalogue=catalogue,
            )
            for place, log in enumerate(told)
        ]
    made = SymptomLog.objects.bulk_create(logs)
    stored = StoredWard(catalogue, [log.pk for log in made], people, since)
    stored.owe_all()
    return stored
