"""A taper plan, in and out: why, since when, and every version with its steps."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field

from apps.core.errors import InvalidInput, Problem
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import PlanVersion, Product, Route, TaperPlan, TaperStep, Unit

from .etags import etag_of
from .fields import Clock, Date, Decimal, FlagInQuery, Id, Instant, one_of, text
from .pagination import PageQuery
from .shapes import Answer, Given

MOST_STEPS = 200
MOST_TIMES_A_DAY = 24
MOST_PRODUCTS = 20
MADE_BY_THE_SYSTEM = frozenset({PlanVersion.Kind.START, PlanVersion.Kind.RELEASE})
REVISIONS = tuple(kind for kind in PlanVersion.Kind.values if kind not in MADE_BY_THE_SYSTEM)


class PlanQuery(PageQuery):
    patient: Id | None = None
    open: FlagInQuery | None = None
    """true: plans in force."""

    lookups: ClassVar = {"patient": "patient"}


class CountGiven(Given):
    product: Id
    quantity: Decimal
    """Tablets, or mL."""


DoseMade = Annotated[list[CountGiven], Field(max_length=MOST_PRODUCTS)]


class StepOfDoses(Given):
    route: Annotated[str, one_of(Route.values)]
    starts_at: Instant
    ends_at: Instant | None = None
    """Left out only by the last step of a route: it has no end."""
    daily_dose: Decimal
    unit: Annotated[str, one_of(Unit.values)]
    times_of_day: Annotated[list[Clock], Field(max_length=MOST_TIMES_A_DAY)] = Field(default_factory=list)
    """When an oral dose is due, by the patient's own clock."""
    amounts: Annotated[list[Decimal], Field(max_length=MOST_TIMES_A_DAY)] | None = None
    """mg at each of these times, together the daily dose; left out: the day is shared out evenly."""


class StepGiven(StepOfDoses):
    asked_dose: Decimal | None = None
    """The daily dose that was asked for before it was made from products."""
    made_of: Annotated[list[DoseMade], Field(max_length=MOST_TIMES_A_DAY)] | None = None
    """What the dose of each time is made of, in the order of `times_of_day`; by pump one dose a day."""


Steps = Annotated[list[StepGiven], Field(max_length=MOST_STEPS)]


class PlanGiven(Given):
    patient: Id
    indication: Annotated[str, text(200, required=True, one_line=True)]
    use_started_on: Date | None = None
    """First day of regular use; null where it is not known."""
    effective_at: Instant
    reason: Annotated[str, text(4000, required=True)]
    steps: Steps
    is_gated: bool = False
    """true: each reduction stays locked until a named person releases it."""


class VersionGiven(Given):
    kind: Annotated[str, one_of(REVISIONS)]
    effective_at: Instant
    reason: Annotated[str, text(4000, required=True)]
    steps: Steps


class CountAnswer(Answer):
    product: str
    name: str
    strength: str
    """mg in a tablet or mL; for a pump microgram in an mL."""
    quantity: str
    """Tablets, or mL."""


class StepAnswer(Answer):
    id: UUID
    number: int
    route: str
    starts_at: datetime
    ends_at: datetime | None
    daily_dose: str
    unit: str
    times_of_day: list[str]
    amounts: list[str] | None
    """mg at each of these times; null: the daily dose is shared out evenly."""
    made_of: list[list[CountAnswer]] | None
    """What the dose of each time is made of; null where nobody worked it out."""
    asked_dose: str | None
    """The daily dose that was asked for before it was made from products."""
    is_locked: bool
    """Foreseen, not prescribed: the dose before it goes on until somebody releases it."""


class OverriddenAnswer(Answer):
    code: str
    route: str
    value: str
    limit: str
    source: str
    tag: str
    text: str


class SignatureAnswer(Answer):
    by: UUID | None
    at: datetime
    reason: str
    overridden: list[OverriddenAnswer]
    """Guard rails that the signature overrode."""


class VersionAnswer(Answer):
    id: UUID
    number: int
    kind: str
    reason: str
    author: UUID | None
    effective_at: datetime
    recorded_at: datetime
    signature: SignatureAnswer | None
    """null: recorded before signatures were kept."""
    steps: list[StepAnswer]


class PlanAnswer(Answer):
    id: UUID
    patient: UUID
    indication: str
    use_started_on: date | None
    created_at: datetime
    created_by: UUID | None
    closed_at: datetime | None
    is_gated: bool
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
        is_gated=plan.is_gated,
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
        signature=_signature(version),
        steps=[step_answer(step) for step in version.steps.all()],
    )


def _signature(version: PlanVersion) -> SignatureAnswer | None:
    signature = getattr(version, "signature", None)
    if signature is None:
        return None
    return SignatureAnswer.model_construct(
        by=signature.by_id,
        at=signature.at,
        reason=signature.reason,
        overridden=[OverriddenAnswer.model_construct(**one) for one in signature.overridden],
    )


def step_answer(step: TaperStep) -> StepAnswer:
    return StepAnswer.model_construct(
        id=step.pk,
        number=step.number,
        route=step.route,
        starts_at=step.starts_at,
        ends_at=step.ends_at,
        daily_dose=str(step.daily_dose),
        unit=step.unit,
        times_of_day=[f"{clock:%H:%M}" for clock in step.times_of_day],
        amounts=None if step.amounts is None else [str(amount) for amount in step.amounts],
        made_of=step.made_of and [_counts(dose) for dose in step.made_of],
        asked_dose=None if step.asked_dose is None else str(step.asked_dose),
        is_locked=step.is_locked,
    )


def _counts(dose: list[dict[str, Any]]) -> list[CountAnswer]:
    return [CountAnswer.model_construct(**count) for count in dose]


def step_inputs(given: list[StepGiven]) -> list[StepInput]:
    """Errors: InvalidInput (a product that this site does not know, of the other route, or not in such a part)."""
    wanted = {count.product for step in given for dose in step.made_of or () for count in dose}
    known = Product.objects.in_bulk(wanted)
    return [_step_input(f"/steps/{place}", step, known) for place, step in enumerate(given)]


def _step_input(pointer: str, step: StepGiven, known: Mapping[UUID, Product]) -> StepInput:
    told = {name: getattr(step, name) for name in type(step).model_fields}
    if step.made_of is not None:
        told["made_of"] = [
            [_count(f"{pointer}/made_of/{place}", step.route, count, known) for count in dose]
            for place, dose in enumerate(step.made_of)
        ]
    return StepInput(**told)


def _count(pointer: str, route: str, given: CountGiven, known: Mapping[UUID, Product]) -> dict[str, str]:
    product = known.get(given.product)
    if product is None:
        raise _refused(pointer, "unknown_product", _("There is no such product."))
    if product.route != route:
        # A solution for a pump is counted in microgram, and a thousand of them are a mg.
        raise _refused(pointer, "product_of_other_route", _("This product is not given by this route."))
    if not given.quantity or given.quantity % product.smallest_part:
        raise _refused(pointer, "no_such_part", _("This product is not handed out in such a part."))
    return {
        "product": str(product.pk),
        "name": product.name,
        "strength": str(product.strength),
        "quantity": str(given.quantity),
    }


def _refused(pointer: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(message, (Problem(pointer, code, message),))


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
