"""A log of nobody goes the whole way every few seconds. When none comes out any more, the way is dead, and the
boards show it."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from django.db import connection, transaction

from apps.assessments.active import active_catalogue
from apps.core.errors import DomainError
from apps.monitoring.intake import submit_symptom_log
from apps.monitoring.models import Heartbeat
from apps.patients.models import Patient
from apps.patients.services import admit_patient
from apps.rules.catalogue import Catalogue
from apps.symptoms.models import Reporter, SymptomLog
from apps.wards.models import Ward

EVERY = timedelta(seconds=5)
"""With it, one that the watch itself has to assess after the queue's ten seconds is out well before `STALE`."""
KEPT_FOR = timedelta(minutes=10)
CODE = "canary"

# One row is the turn: of any number of watches, one gets it.
_TAKE_TURN = """
insert into monitoring_heartbeat as beat (part, at, detail) values ('canary:put', %(at)s, '{}')
on conflict (part) do update set at = excluded.at where beat.at <= %(before)s
"""


def put_canary_when_due(at: datetime) -> SymptomLog | None:
    """Put one in unless any watch has done so within EVERY."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_TURN, {"at": at, "before": at - EVERY})
            if not cursor.rowcount:
                return None
        return put_canary(at)


def put_canary(at: datetime) -> SymptomLog:
    """Through the same door as any log."""
    taken = submit_symptom_log(
        patient=canary_patient(at),
        by=None,
        reporter=Reporter.SYSTEM,
        at=at,
        client_id=uuid4(),
        observed_at=at,
        answers={_harmless_item(active_catalogue()): 0},
        vital_signs={},
        channel=CODE,
        is_canary=True,
    )
    return taken.log


def canary_patient(at: datetime) -> Patient:
    """Made on first use, on a ward that is on nobody's board."""
    patient = Patient.objects.filter(record_number=CODE, is_synthetic=True).first()
    if patient is not None:
        return patient
    ward, _ = Ward.objects.get_or_create(
        code=CODE, defaults={"name": "Canary", "time_zone": "UTC", "is_synthetic": True}
    )
    try:
        return admit_patient(
            record_number=CODE,
            given_name="Canary",
            family_name="Synthetic",
            birth_date=date(1970, 1, 1),
            time_zone="UTC",
            ward=ward,
            admitted_at=at,
            by=None,
            at=at,
            is_synthetic=True,
        )
    except DomainError:
        # Another watch was first.
        return Patient.objects.get(record_number=CODE)


def _harmless_item(catalogue: Catalogue) -> str:
    return next(code for code, item in catalogue.symptoms.items() if item.measure == "severity")


def clear_old_canaries(at: datetime) -> int:
    """Answers how many logs went. Their debts and assessments go with them."""
    old = SymptomLog.objects.filter(is_canary=True, recorded_at__lt=at - KEPT_FOR)
    count = old.count()
    old.delete()
    return count


def clear_old_beats(at: datetime) -> None:
    """Processes that ended long ago; the rows of the canary and of Celery beat stay."""
    old = Heartbeat.objects.filter(at__lt=at - timedelta(hours=1))
    old.exclude(part__startswith=CODE).exclude(part="beat").delete()
