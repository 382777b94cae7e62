"""A ward full of simulated people, named after their seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.core.errors import DomainError
from apps.patients.services import admit_patient
from apps.rules.catalogue import Catalogue
from apps.simulation.generator import SimulatedPatient
from apps.simulation.names import NAMES
from apps.simulation.writing import Cast, write_taper
from apps.wards.models import Duty, Job, Membership, Ward

ZONE = "Europe/London"


class WardAlreadyMade(DomainError):
    code = "ward_already_made"


@dataclass(frozen=True, slots=True)
class Written:
    ward: Ward
    patients: int
    logs: int
    alerts: int


def write_ward(
    people: Sequence[SimulatedPatient], *, days: int, seed: int, at: datetime, catalogue: Catalogue
) -> Written:
    """Errors: WardAlreadyMade, when this seed has been written before."""
    code = f"simulated-{seed}"
    if Ward.objects.filter(code=code).exists():
        raise WardAlreadyMade(f"Ward {code} is there already. Use another seed.")
    ward = Ward.objects.create(code=code, name=f"Simulated {seed}", time_zone=ZONE)
    nurse = _nurse(ward, seed, at, days)
    logs = 0
    for person in people:
        given, family = NAMES[person.number % len(NAMES)]
        patient = admit_patient(
            record_number=f"SIM-{seed}-{person.number:05}",
            given_name=given,
            family_name=family,
            birth_date=date(at.year - person.age_years - 1, 1, 1 + person.number % 28),
            time_zone=ZONE,
            ward=ward,
            admitted_at=at - timedelta(days=days + 1),
            by=nurse,
            at=at,
            has_pump=person.has_pump,
        )
        logs += len(
            write_taper(person, patient=patient, days=days, ends_at=at, cast=Cast(nurse), catalogue=catalogue)
        )
    return Written(ward, len(people), logs, Alert.objects.filter(ward=ward).count())


def _nurse(ward: Ward, seed: int, at: datetime, days: int) -> User:
    """Nobody can sign in as this nurse: there is no password."""
    nurse = User.objects.create_user(
        f"simulated-nurse-{seed}", None, display_name=f"Simulated nurse {seed}", role=User.Role.STAFF, is_demo=True
    )
    since = at - timedelta(days=days + 2)
    Membership.objects.create(ward=ward, user=nurse, job=Job.NURSE, started_at=since)
    Duty.objects.create(ward=ward, user=nurse, job=Job.NURSE, starts_at=since, ends_at=at + timedelta(days=60))
    # Whoever works on the demo's wards sees the simulated one too.
    for user in User.objects.filter(is_demo=True, role=User.Role.STAFF).exclude(pk=nurse.pk):
        Membership.objects.create(ward=ward, user=user, job=Job.NURSE, started_at=at)
    return nurse
