"""A ward full of simulated people, named after its label."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.core.days import local_day
from apps.core.errors import DomainError
from apps.patients.services import admit_patient
from apps.rules.catalogue import Catalogue
from apps.simulation.assessing import Cast
from apps.simulation.names import NAMES, birthday
from apps.simulation.people import SimulatedPatient
from apps.simulation.writing import write_taper
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
    people: Sequence[SimulatedPatient], *, label: str, days: int, at: datetime, catalogue: Catalogue
) -> Written:
    """`label` tells one simulated ward from another. Errors: WardAlreadyMade, when it has been written before."""
    code = f"simulated-{label}"
    if Ward.objects.filter(code=code).exists():
        raise WardAlreadyMade(_("Ward %(code)s is there already. Use another seed.") % {"code": code})
    ward = Ward.objects.create(code=code, name=f"Simulated {label}", time_zone=ZONE)
    nurse = _nurse(ward, label, at, days)
    logs = 0
    for person in people:
        given, family = NAMES[person.number % len(NAMES)]
        patient = admit_patient(
            record_number=f"SIM-{label}-{person.number:05}",
            given_name=given,
            family_name=family,
            birth_date=birthday(person.age_years, on=local_day(at, ZONE), number=person.number),
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


def number_of(record_number: str) -> int:
    """Which of the simulated people has this record number."""
    return int(record_number.rpartition("-")[2])


def _nurse(ward: Ward, label: str, at: datetime, days: int) -> User:
    """Nobody can sign in as this nurse: there is no password."""
    nurse = User.objects.create_user(
        f"simulated-nurse-{label}",
        None,
        display_name=f"Simulated nurse {label}",
        role=User.Role.STAFF,
        is_demo=True,
    )
    since = at - timedelta(days=days + 2)
    Membership.objects.create(ward=ward, user=nurse, job=Job.NURSE, started_at=since)
    Duty.objects.create(ward=ward, user=nurse, job=Job.NURSE, starts_at=since, ends_at=at + timedelta(days=60))
    # Whoever works on the demo's wards sees the simulated one too.
    for user in User.objects.filter(is_demo=True, role=User.Role.STAFF).exclude(pk=nurse.pk):
        Membership.objects.create(ward=ward, user=user, job=Job.NURSE, started_at=at)
    return nurse
