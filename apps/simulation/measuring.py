"""Simulated people through the product's own records and rules, counted, and nothing of them kept."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from django.db import transaction

from apps.alerts.models import AlertEvent
from apps.core.days import local_day, local_instant
from apps.rules.catalogue import Catalogue
from apps.simulation.demo import claim_database
from apps.simulation.people import SimulatedPatient
from apps.simulation.report import Raised, Report, report
from apps.simulation.ward import ZONE, number_of, write_ward
from apps.wards.models import Ward

ENDS_AT = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
"""A fixed last day, so that the same seed gives the same report whenever it is made."""
TOLD_ANEW = (AlertEvent.Kind.OPENED, AlertEvent.Kind.WORSENED)


def measure(people: Sequence[SimulatedPatient], *, days: int, seed: int, catalogue: Catalogue) -> Report:
    """Write, assess and answer every log as the demo does, count what was raised, and take it all back.

    Errors: DemoRefused: although nothing stays, no invented person comes near a database of real ones."""
    with transaction.atomic():
        claim_database(ENDS_AT)
        written = write_ward(people, label=f"report-{seed}", days=days, at=ENDS_AT, catalogue=catalogue)
        raised = list(_raised(written.ward, days))
        transaction.set_rollback(True)
    return report(people, raised, days=days)


def _raised(ward: Ward, days: int) -> Iterator[Raised]:
    first_day = local_day(ENDS_AT, ZONE) - timedelta(days=days - 1)
    starts_at = local_instant(first_day, time(0), ZONE)
    events = AlertEvent.objects.filter(alert__ward=ward, kind__in=TOLD_ANEW).values_list(
        "alert__patient__record_number", "alert__pattern", "level", "at"
    )
    for record_number, pattern, level, at in events.order_by("at", "id"):
        yield Raised(number_of(record_number), pattern, level, (at - starts_at) / timedelta(hours=1))
