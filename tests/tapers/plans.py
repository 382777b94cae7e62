"""A patient on a ward with a plan, and the people who may change it."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.accounts.models import User
from apps.patients.models import Patient
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import PlanVersion, TaperPlan
from apps.tapers.releasing import Checklist, ChecklistItem
from apps.tapers.selectors import plan_stretches
from apps.wards.models import Job
from tests.factories import (
    NOON,
    MembershipFactory,
    PatientFactory,
    PlanFactory,
    UserFactory,
    WardFactory,
    make_version,
)

DAY = timedelta(days=1)
MET = Checklist((ChecklistItem("logs_complete", "Logs complete", True, "three days"),))
UNMET = Checklist((ChecklistItem("cover_on_duty", "Cover on duty", False, "nobody"),))


def a_patient(**given: Any) -> Patient:
    return PatientFactory(stay=WardFactory(), **given)


def works_with(patient: Patient, job: Job = Job.NURSE) -> User:
    user = UserFactory()
    MembershipFactory(user=user, ward=patient.stays.get().ward, job=job)
    return user


def on_plan(patient: Patient | None = None, *, is_gated: bool = False, **version: Any) -> TaperPlan:
    """60 mg a day in three doses, ten less each week from two days before NOON; gated: all of it locked but the
    present dose of 50 mg."""
    plan = PlanFactory(patient=patient or a_patient(), is_gated=is_gated, steps=False)
    made = make_version(plan, **version)
    if is_gated:
        lock_from(made, 3)
    return plan


def lock_from(version: PlanVersion, number: int) -> None:
    version.steps.filter(number__gte=number).update(is_locked=True)
    version.steps.filter(number=number - 1).update(ends_at=None)


def steps_of_doses(doses: Iterable[int], *, starts_at: datetime = NOON, days: int = 7) -> list[StepInput]:
    """One after another, the last without an end."""
    doses = list(doses)
    begins = [starts_at + timedelta(days=days * place) for place in range(len(doses))]
    return [
        StepInput("oral", start, end, Decimal(dose), "mg/day", (time(8), time(20)) if dose else ())
        for dose, start, end in zip(doses, begins, [*begins[1:], None], strict=True)
    ]


def course(patient: Patient, since: datetime = NOON) -> list[tuple[float, int]]:
    """What is prescribed from then on: (days after NOON, mg a day by mouth)."""
    return [
        (round((max(one.starts_at, since) - NOON) / DAY, 2), int(one.daily_dose))
        for one in plan_stretches(patient)
        if one.route == "oral" and (one.ends_at is None or one.ends_at > since)
    ]
