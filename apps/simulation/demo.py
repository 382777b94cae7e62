"""The people of the demo: wards, staff, patients with a history, and the sign-ins that are printed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.days import local_day, local_instant
from apps.core.demo import demo_mode_on
from apps.core.errors import DomainError
from apps.core.models import Installation
from apps.patients.models import Carer, Patient
from apps.patients.services import admit_patient
from apps.rules.catalogue import Catalogue
from apps.simulation.assessing import Cast
from apps.simulation.demo_plans import plan_step_by_step, stock_pharmacy, tell_pump_dates
from apps.simulation.generator import simulate
from apps.simulation.names import NAMES, birthday
from apps.simulation.people import STEP_DAYS, SimulatedPatient
from apps.simulation.stories import STORIES, Story, born, cases, has_pump, take, write_story
from apps.simulation.writing import write_taper
from apps.wards.models import Duty, Job, Membership, Ward

PASSWORD = "follow the taper"  # noqa: S105 - printed, and refused outside demo mode
ZONE = "Europe/London"
DAYS = 60
SEED = 2026
SIMULATED = 19
DUTY_DAYS = 60
SHIFT_CHANGES = (time(7, 30), time(19, 30))
WARDS = (
    ("spinal", "Spinal Injuries", "+44 20 7946 0101", "S"),
    ("neuro", "Neuro-rehabilitation", "+44 20 7946 0102", "N"),
    ("home", "Community taper clinic", "+44 20 7946 0103", ""),
)
ELSEWHERE = {6: "Asia/Kolkata", 12: "America/St_Johns"}
"""Patients at home, by their place in the demo, whose clock is another than the clinic's."""
STAFF = (
    ("nurse", "Amina Yusuf", Job.NURSE),
    ("doctor", "Ruth Castellanos", Job.DOCTOR),
    ("charge", "Owen Blackwood", Job.NURSE_IN_CHARGE),
    ("pharmacist", "Mei-Ling Tan", Job.PHARMACIST),
)
COURSES = ("uneventful", "bumpy", "uneventful", "abrupt_stop", "uneventful", "delirium", "bumpy")


class DemoRefused(DomainError):
    """The demo is not wanted here."""

    code = "demo_refused"


@dataclass(frozen=True, slots=True)
class SignIn:
    who: str
    username: str
    password: str


@transaction.atomic
def make_demo(at: datetime, catalogue: Catalogue) -> tuple[SignIn, ...]:
    """Fill an empty database, once; a second call only answers the sign-ins.

    Errors: DemoRefused, when demo mode is off or when real people may be in the database."""
    if claim_database(at):
        _Demo(at, catalogue).make()
    return sign_ins()


def claim_database(at: datetime) -> bool:
    """True when the database is now the demo's and still empty; False when the demo is in it already."""
    if not demo_mode_on():
        raise DemoRefused(_("Demo people are made in demo mode only."))
    marked = Installation.objects.filter(is_demo=True).exists()
    if not marked and (
        Installation.objects.exists()
        or Patient.objects.filter(is_synthetic=False).exists()
        or User.objects.filter(is_demo=False).exists()
    ):
        raise DemoRefused(_("There are people in this database already. The demo needs an empty one."))
    Installation.objects.get_or_create(defaults={"is_demo": True, "created_at": at})
    return not Ward.objects.filter(code=WARDS[0][0]).exists()


def sign_ins() -> tuple[SignIn, ...]:
    people = [("patient", _("patient")), ("carer", _("carer")), *((name, job.label) for name, _n, job in STAFF)]
    return tuple(SignIn(str(who), name, PASSWORD) for name, who in people)


class _Demo:
    def __init__(self, at: datetime, catalogue: Catalogue) -> None:
        self.at, self.catalogue = at, catalogue
        self.wards = [Ward.objects.create(code=c, name=n, phone=p, time_zone=ZONE) for c, n, p, _bed in WARDS]
        self.staff = [self._staff(*who) for who in STAFF]
        self.names = iter(NAMES)
        self.number = 0

    def make(self) -> None:
        people = simulate(patients=SIMULATED, days=DAYS, seed=SEED, catalogue=self.catalogue, kinds=COURSES)
        calm = next(person for person in people if _can_sign_in(person))
        for person in people:
            self._simulated(person, signs_in=person is calm)
        told = cases()
        for story in STORIES:
            self._story(story, told[story.case_id])
        self._plans()

    def _plans(self) -> None:
        """What stands on the pages of plans, pumps and supply."""
        doctor = self.staff[1]
        stock_pharmacy()
        people = list(Patient.objects.filter(stays__ward__in=self.wards, user=None).order_by("record_number"))
        tell_pump_dates([one for one in people if one.has_pump], doctor, self.at)
        next((one for one in people if plan_step_by_step(one, doctor, self.at)), None)

    def _story(self, story: Story, case: Mapping[str, Any]) -> None:
        birth = born(story, case, ends_at=self.at, number=self.number, catalogue=self.catalogue)
        name = (story.given_name, story.family_name)
        patient = self._admit(name, birth, has_pump=has_pump(case), ward=self._ward())
        write_story(story, case, patient=patient, ends_at=self.at, cast=self._cast(), catalogue=self.catalogue)
        if story.taken_by:
            by = next(user for user in self.staff if user.username == story.taken_by)
            take(story, patient=patient, by=by, ends_at=self.at)

    def _simulated(self, person: SimulatedPatient, *, signs_in: bool) -> None:
        name = ("Maya", "Lindgren") if signs_in else next(self.names)
        birth = birthday(person.age_years, on=self.at.date(), number=self.number)
        patient = self._admit(name, birth, has_pump=person.has_pump, ward=self._ward())
        cast = self._signing_in(patient) if signs_in else self._cast()
        write_taper(person, patient=patient, days=DAYS, ends_at=self.at, cast=cast, catalogue=self.catalogue)

    def _signing_in(self, patient: Patient) -> Cast:
        person = self._user("patient", patient.name, User.Role.PATIENT)
        carer = self._user("carer", "Jonas Lindgren", User.Role.CARER)
        patient.user = person
        patient.save(update_fields=["user"])
        since = self.at - timedelta(days=DAYS)
        Carer.objects.create(patient=patient, user=carer, relationship=_("brother"), consented_at=since)
        return Cast(self.staff[0], person, carer)

    def _cast(self) -> Cast:
        return Cast(self.staff[0])

    def _ward(self) -> int:
        return self.number % len(self.wards)

    def _admit(self, name: Sequence[str], birth: date, *, has_pump: bool, ward: int) -> Patient:
        self.number += 1
        letter = WARDS[ward][3]
        came_at = max(self.at - timedelta(days=DAYS + 1), local_instant(birth, time(0), ZONE))
        return admit_patient(
            record_number=f"DEMO-{self.number:04}",
            given_name=name[0],
            family_name=name[1],
            birth_date=birth,
            time_zone=ELSEWHERE.get(self.number, ZONE),
            ward=self.wards[ward],
            bed=f"{letter}{self.number:02}" if letter else "",
            admitted_at=came_at,
            by=self.staff[0],
            at=self.at,
            has_pump=has_pump,
        )

    def _staff(self, username: str, name: str, job: Job) -> User:
        user = self._user(username, name, User.Role.STAFF)
        since = self.at - timedelta(days=DAYS + 2)
        for ward in self.wards:
            Membership.objects.create(ward=ward, user=user, job=job, started_at=since)
            Duty.objects.bulk_create(
                Duty(ward=ward, user=user, job=job, starts_at=starts, ends_at=ends)
                for starts, ends in _shifts(self.at)
            )
        return user

    def _user(self, username: str, name: str, role: str) -> User:
        return User.objects.create_user(username, PASSWORD, display_name=name, role=role, is_demo=True)


def _can_sign_in(person: SimulatedPatient) -> bool:
    """An adult on an ordinary taper by mouth, in several doses a day, that went down within the last days: whoever
    tries the demo logs something new during a taper."""
    today = DAYS - 1
    went_down = 0 < person.daily_dose_on(today) < person.daily_dose_on(today - STEP_DAYS)
    return (
        person.kind == "uneventful"
        and not person.has_pump
        and person.age_years >= 18
        and went_down
        and person.doses_on(today) > 1
    )


def _shifts(at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """One after the other, day and night: the demo's few people never go home."""
    today = local_day(at, ZONE)
    for day in (today + timedelta(days=ahead) for ahead in range(-1, DUTY_DAYS)):
        morning, evening = (local_instant(day, clock, ZONE) for clock in SHIFT_CHANGES)
        yield morning, evening
        yield evening, local_instant(day + timedelta(days=1), SHIFT_CHANGES[0], ZONE)
