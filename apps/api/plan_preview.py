"""Arithmetic of a course that somebody thinks of. It stores nothing and advises nothing."""

from datetime import datetime
from decimal import Decimal as Dec
from typing import Annotated, Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import InvalidInput, Problem
from apps.tapers.courses.asking import Asked, CannotDraw, Method
from apps.tapers.courses.drawing import Course, CourseInput, CourseStep, draw_course
from apps.tapers.models import PlanVersion, Route
from apps.tapers.proposals import find_breaches
from apps.tapers.stock import active_products, product_values
from apps.tapers.wording import ARITHMETIC_ONLY

from .base import ApiView, visible_patient
from .fields import Clock, Date, Decimal, Id, one_of
from .permissions import Access
from .plan_proposals import BreachAnswer, breach_answer
from .schema import describe
from .shapes import Answer, Given, read_body
from .taper_plan_shapes import MOST_PRODUCTS, MOST_TIMES_A_DAY, CountAnswer

MOST_STEPS = 120
Days = Annotated[list[int], Field(max_length=MOST_STEPS)]


class PreviewGiven(Given):
    patient: Id
    route: Annotated[str, one_of(Route.values)]
    method: Annotated[str, one_of(tuple(Method))]
    start: Decimal
    """mg a day by mouth, microgram a day by pump."""
    target: Decimal = Dec(0)
    """0, or the dose that is kept on."""
    reduction: Decimal | None = None
    """linear: so much less each step."""
    percent: Decimal | None = None
    """percent_of_start and proportional: above 0, up to 100."""
    to_target_below: Decimal | None = None
    """proportional: a dose below this goes to the target."""
    by_hand: Annotated[list[Decimal], Field(max_length=MOST_STEPS)] = Field(default_factory=list)
    """by_hand: the dose of each step after the first, the target last."""
    by_hand_days: Days = Field(default_factory=list)
    """by_hand: days of each dose but the last, the start first; left out: `step_days`."""
    starts_on: Date
    step_days: int
    first_days: int | None = None
    """Days of the starting dose; left out: as any step; 0: the first reduction is on `starts_on`."""
    final_holds: Days = Field(default_factory=list)
    """Days of the last doses above the target, the last of all at the end."""
    times_of_day: Annotated[list[Clock], Field(max_length=MOST_TIMES_A_DAY)] = Field(default_factory=list)
    weights: Annotated[list[int], Field(max_length=MOST_TIMES_A_DAY)] = Field(default_factory=list)
    """How the day is divided over its times; left out: evenly, what is left over at night."""
    products: Annotated[list[Id], Field(max_length=MOST_PRODUCTS)] = Field(default_factory=list)
    """What it is made of; left out: everything by this route that the site hands out."""


class DoseMadeAnswer(Answer):
    time_of_day: str | None
    """null: by pump, all day long."""
    amount: str
    made_of: list[CountAnswer]


class PreviewStepAnswer(Answer):
    starts_at: datetime
    ends_at: datetime | None
    asked: str
    daily_dose: str
    is_rounded: bool
    """What was asked cannot be made of these products; this is the nearest, never above the step before."""
    doses: list[DoseMadeAnswer]


class TotalAnswer(Answer):
    product: UUID
    name: str
    quantity: str
    """Tablets or mL for every step that has an end."""


class PreviewAnswer(Answer):
    notice: str
    """What this is and is not: show it with the doses."""
    steps: list[PreviewStepAnswer]
    totals: list[TotalAnswer]
    breaches: list[BreachAnswer]


EXAMPLE: dict[str, Any] = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "route": "oral",
    "method": "linear",
    "start": "60",
    "reduction": "10",
    "starts_on": "2026-11-23",
    "step_days": 7,
    "final_holds": [14],
    "times_of_day": ["08:00", "14:00", "20:00"],
}


class PlanPreview(ApiView):
    access: ClassVar = {"POST": Access("plans:read")}

    @describe(
        "Work out the steps of a course and what they are made of. Nothing is stored. This is arithmetic of what "
        "was asked for, never advice on a dose, a speed or a stop",
        answer=PreviewAnswer,
        body=PreviewGiven,
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        given = read_body(request, PreviewGiven)
        patient = visible_patient(request, given.patient)
        course = _drawn(given, patient.time_zone)
        breaches = find_breaches(
            patient=patient,
            kind=PlanVersion.Kind.REVISE,
            steps=course.step_inputs(),
            effective_at=course.steps[0].starts_at,
        )
        return Response(
            PreviewAnswer.model_construct(
                notice=str(ARITHMETIC_ONLY),
                steps=[_step(step) for step in course.steps],
                totals=[
                    TotalAnswer.model_construct(
                        product=UUID(total.product.id),
                        name=total.product.name,
                        quantity=f"{total.quantity.normalize():f}",
                    )
                    for total in course.totals
                ],
                breaches=[breach_answer(breach) for breach in breaches],
            )
        )


def _drawn(given: PreviewGiven, zone: str) -> Course:
    try:
        return draw_course(_course(given), _products(given), zone)
    except CannotDraw as refusal:
        message = _("This is no course that can be worked out: see the field named.")
        raise InvalidInput(message, (Problem(refusal.pointer, refusal.code, message),)) from refusal


def _course(given: PreviewGiven) -> CourseInput:
    sizes = {name: getattr(given, name) for name in ("reduction", "percent", "to_target_below")}
    return CourseInput(
        route=given.route,
        asked=Asked(
            method=Method(given.method),
            start=given.start,
            target=given.target,
            by_hand=tuple(given.by_hand),
            **{name: size for name, size in sizes.items() if size is not None},
        ),
        starts_on=given.starts_on,
        step_days=given.step_days,
        first_days=given.first_days,
        final_holds=tuple(given.final_holds),
        times_of_day=tuple(given.times_of_day) if given.route == Route.ORAL else (),
        weights=tuple(given.weights),
        by_hand_days=tuple(given.by_hand_days),
    )


def _products(given: PreviewGiven) -> list[Any]:
    found = [product_values(product) for product in active_products(given.route)]
    if not given.products:
        return found
    known = {product.id for product in found}
    for place, wanted in enumerate(given.products):
        if str(wanted) not in known:
            message = _("There is no such product by this route.")
            raise InvalidInput(message, (Problem(f"/products/{place}", "unknown_product", message),))
    return [product for product in found if UUID(product.id) in given.products]


def _step(step: CourseStep) -> PreviewStepAnswer:
    return PreviewStepAnswer.model_construct(
        starts_at=step.starts_at,
        ends_at=step.ends_at,
        asked=f"{step.asked:f}",
        daily_dose=f"{step.daily_dose:f}",
        is_rounded=step.is_rounded,
        doses=[
            DoseMadeAnswer.model_construct(
                time_of_day=f"{clock:%H:%M}" if step.route == Route.ORAL else None,
                amount=f"{dose.amount:f}",
                made_of=[
                    CountAnswer.model_construct(
                        product=count.product.id,
                        name=count.product.name,
                        strength=f"{count.product.strength:f}",
                        quantity=f"{count.quantity.normalize():f}",
                    )
                    for count in dose.counts
                ],
            )
            for clock, dose in zip(step.day.times, step.day.doses, strict=True)
        ],
    )
