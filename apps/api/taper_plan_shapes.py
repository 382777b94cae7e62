"""A taper plan, in and out: why, since when, and every version with its steps."""

from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from apps.tapers.models import PlanVersion, Route, TaperPlan, TaperStep, Unit

from .etags import etag_of
from .fields import Clock, Date, Decimal, FlagInQuery, Id, Instant, one_of, text
from .pagination import PageQuery
from .shapes import Answer, Given

MOST_STEPS = 200
MOST_TIMES_A_DAY = 24
REVISIONS = tuple(kind for kind in PlanVersion.Kind.values if kind != PlanVersion.Kind.START)


class PlanQuery(PageQuery):
    patient: Id | None = None
    open: FlagInQuery | None = None
    """true: plans in force."""

    lookups: ClassVar = {"patient": "patient"}


class StepGiven(Given):
    route: Annotated[str, one_of(Route.values)]
    starts_at: Instant
    ends_at: Instant | None = None
    """Left out only by the last step of a route: it has no end."""
    daily_dose: Decimal
    unit: Annotated[str, one_of(Unit.values)]
    times_of_day: Annotated[list[Clock], Field(max_length=MOST_TIMES_A_DAY)] = Field(default_factory=list)
    """When an oral dose is due, by the patient's own clock."""


Steps = Annotated[list[StepGiven], Field(max_length=MOST_STEPS)]


class PlanGiven(Given):
    patient: Id
    indication: Annotated[str, text(200, required=True, one_line=True)]
    use_started_on: Date | None = None
    """First day of regular use; null where it is not known."""
    effective_at: Instant
    reason: Annotated[str, text(4000, required=True)]
    steps: Steps


class VersionGiven(Given):
    kind: Annotated[str, one_of(REVISIONS)]
    effective_at: Instant
    reason: Annotated[str, text(4000, required=True)]
    steps: Steps


class StepAnswer(Answer):
    number: int
    route: str
    starts_at: datetime
    ends_at: datetime | None
    daily_dose: str
    unit: str
    times_of_day: list[str]


class VersionAnswer(Answer):
    id: UUID
    number: int
    kind: str
    reason: str
    author: UUID | None
    effective_at: datetime
    recorded_at: datetime
    steps: list[StepAnswer]


class PlanAnswer(Answer):
    id: UUID
    patient: UUID
    indication: str
    use_started_on: date | None
    created_at: datetime
    created_by: UUID | None
    closed_at: datetime | None
    versions: list[VersionAnswer]
    """From the first to the latest; a plan is never edited."""


def plan_answer(plan: TaperPlan) -> PlanAnswer:
    return PlanAnswer.model_construct(
        id=plan.pk,
        patient=plan.patient_id,
        indication=plan.indication,
        use_started_on=plan.use_started_on,
        created_at=plan.created_at,
        created_by=plan.created_by_id,
        closed_at=plan.closed_at,
        versions=[_version(version) for version in plan.versions.all()],
    )


def plan_etag(plan: TaperPlan) -> str:
    return etag_of((plan.pk, max(v.number for v in plan.versions.all()), plan.closed_at))


def _version(version: PlanVersion) -> VersionAnswer:
    return VersionAnswer.model_construct(
        id=version.pk,
        number=version.number,
        kind=version.kind,
        reason=version.reason,
        author=version.author_id,
        effective_at=version.effective_at,
        recorded_at=version.recorded_at,
        steps=[_step(step) for step in version.steps.all()],
    )


def _step(step: TaperStep) -> StepAnswer:
    return StepAnswer.model_construct(
        number=step.number,
        route=step.route,
        starts_at=step.starts_at,
        ends_at=step.ends_at,
        daily_dose=str(step.daily_dose),
        unit=step.unit,
        times_of_day=[f"{clock:%H:%M}" for clock in step.times_of_day],
    )


EXAMPLE: dict[str, Any] = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "indication": "spasticity after spinal injury",
    "use_started_on": "2021-03-01",
    "effective_at": "2026-11-23T00:00:00+01:00",
    "reason": "Taper agreed at the clinic.",
    "steps": [
        {
            "route": "oral",
            "starts_at": "2026-11-23T00:00:00+01:00",
            "ends_at": "2026-12-07T00:00:00+01:00",
            "daily_dose": "30.000",
            "unit": "mg/day",
            "times_of_day": ["08:00", "14:00", "20:00"],
        },
        {
            "route": "oral",
            "starts_at": "2026-12-07T00:00:00+01:00",
            "daily_dose": "25.000",
            "unit": "mg/day",
            "times_of_day": ["08:00", "20:00"],
        },
    ],
}
