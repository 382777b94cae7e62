"""From what is asked for to steps that can be handed out: each daily dose made from products, rounding shown,
never above the step before. Stores nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from apps.core.days import local_day, local_instant
from apps.tapers.courses.asking import Asked, CannotDraw, asked_doses
from apps.tapers.courses.products import Dispensary, Made, PartsTooFine, ProductValues
from apps.tapers.courses.shares import Day, Sharing, made_of, share_out
from apps.tapers.courses.steps import StepInput

ONCE = (time(0),)
"""A pump gives all day long: one dose a day, of no time."""
LONGEST_STEP_DAYS = 366


@dataclass(frozen=True, slots=True)
class CourseInput:
    """A course as somebody types it. Days are the patient's own; a dose changes at their midnight."""

    route: str
    asked: Asked
    starts_on: date
    step_days: int
    """How long each dose is kept before the next reduction."""
    first_days: int | None = None
    """How long the starting dose is kept; None: as any step. 0: the first reduction is on `starts_on`."""
    final_holds: Sequence[int] = ()
    """Days of the last doses above the target, up to the last: (14, 28) keeps the last of all for 28 days."""
    times_of_day: Sequence[time] = ()
    weights: Sequence[int] = ()
    """How the day's dose is divided over its times; none: evenly, what is left over at night."""
    by_hand_days: Sequence[int] = ()
    """Written by hand: days of each step, the starting dose first. The last dose has no end."""


@dataclass(frozen=True, slots=True)
class CourseStep:
    route: str
    starts_at: datetime
    ends_at: datetime | None
    """None: the last dose, kept on (or nothing any more)."""
    asked: Decimal
    """The daily dose that was asked for; several asked doses may come out as one step."""
    day: Day

    @property
    def daily_dose(self) -> Decimal:
        return self.day.total

    @property
    def is_rounded(self) -> bool:
        return self.daily_dose != self.asked


@dataclass(frozen=True, slots=True)
class Total:
    """Of one product, for every step that has an end: tablets or mL."""

    product: ProductValues
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Course:
    steps: tuple[CourseStep, ...]
    totals: tuple[Total, ...]

    def step_inputs(self) -> list[StepInput]:
        """As `tapers.proposals` and `tapers.planning` take them."""
        return [step_input(step) for step in self.steps]


def draw_course(given: CourseInput, products: Sequence[ProductValues], zone: str) -> Course:
    """The steps of what was asked, for a patient whose clock is in `zone`.

    Errors: CannotDraw (which field, and why)."""
    _check(given)
    doses = asked_doses(given.asked)
    days = _made(given, doses, _dispensary(given, products))
    lengths = _lengths(given, len(doses))
    steps = _joined(given, doses, days, lengths, zone)
    return Course(steps, _totals(steps, zone))


def step_input(step: CourseStep) -> StepInput:
    """As it is prescribed: what is made of products, and what was asked for."""
    is_oral = step.route == "oral"
    return StepInput(
        route=step.route,
        starts_at=step.starts_at,
        ends_at=step.ends_at,
        daily_dose=step.daily_dose,
        unit="mg/day" if is_oral else "microgram/day",
        times_of_day=step.day.times if is_oral else (),
        amounts=step.day.amounts if is_oral and step.daily_dose else None,
        made_of=[_counts(dose) for dose in step.day.doses],
        asked_dose=step.asked,
    )


def _counts(dose: Made) -> list[dict[str, str]]:
    return [
        {
            "product": count.product.id,
            "name": count.product.name,
            "strength": f"{count.product.strength:f}",
            "quantity": f"{count.quantity.normalize():f}",
        }
        for count in dose.counts
    ]


def _dispensary(given: CourseInput, products: Sequence[ProductValues]) -> Dispensary:
    of_route = [product for product in products if product.route == given.route]
    if not of_route:
        raise CannotDraw("/products", "required")
    try:
        return Dispensary(of_route, given.asked.start)
    except PartsTooFine as error:
        raise CannotDraw("/products", "parts_too_fine") from error


def _made(given: CourseInput, doses: Sequence[Decimal], dispensary: Dispensary) -> list[Day]:
    order = sorted(range(len(given.times_of_day)), key=lambda place: given.times_of_day[place])
    times = tuple(given.times_of_day[place] for place in order) or ONCE
    weights = tuple(given.weights[place] for place in order) if given.weights else (1,) * len(times)
    largest, caps = given.asked.start, [given.asked.start] * len(times)
    days: list[Day] = []
    for dose in doses:
        # No dose of any time of the day is larger than it was the step before.
        caps = share_out(dose, largest, Sharing(dispensary, weights, caps))
        largest = sum(caps, Decimal(0))
        if not days and not largest:
            raise CannotDraw("/products", "cannot_make_the_start")
        days.append(made_of(times, caps, dispensary))
    return days


def _lengths(given: CourseInput, count: int) -> list[int | None]:
    """Days of each asked dose; None for the last."""
    if given.by_hand_days:
        return [*given.by_hand_days, None]
    first = given.step_days if given.first_days is None else given.first_days
    lengths: list[int | None] = [first, *[given.step_days] * (count - 2), None]
    for place, days in enumerate(reversed(given.final_holds), start=2):
        if place <= count:
            lengths[-place] = days
    return lengths


def _joined(
    given: CourseInput, doses: Sequence[Decimal], days: Sequence[Day], lengths: Sequence[int | None], zone: str
) -> tuple[CourseStep, ...]:
    """Doses that come out the same after rounding are one step, as long as all of them."""
    steps: list[CourseStep] = []
    begins = given.starts_on
    for dose, day, length in zip(doses, days, lengths, strict=True):
        ends = None if length is None else begins + timedelta(days=length)
        if length != 0:
            ends_at = None if ends is None else local_instant(ends, time(0), zone)
            if steps and steps[-1].day == day:
                before = steps.pop()
                steps.append(CourseStep(given.route, before.starts_at, ends_at, before.asked, day))
            else:
                steps.append(CourseStep(given.route, local_instant(begins, time(0), zone), ends_at, dose, day))
        begins = ends or begins
    return tuple(steps)


def _totals(steps: Sequence[CourseStep], zone: str) -> tuple[Total, ...]:
    quantities: dict[ProductValues, Decimal] = {}
    for step in steps:
        if step.ends_at is None:
            continue
        lasts = (local_day(step.ends_at, zone) - local_day(step.starts_at, zone)).days
        for product, quantity in a_day_of(step.day).items():
            quantities[product] = quantities.get(product, Decimal(0)) + quantity * lasts
    return tuple(Total(product, quantity) for product, quantity in quantities.items())


def a_day_of(day: Day) -> Mapping[ProductValues, Decimal]:
    """Tablets or mL of each product that one day takes."""
    quantities: dict[ProductValues, Decimal] = {}
    for dose in day.doses:
        for count in dose.counts:
            quantities[count.product] = quantities.get(count.product, Decimal(0)) + count.quantity
    return quantities


def _check(given: CourseInput) -> None:
    lengths = {"/step_days": given.step_days}
    if given.first_days is not None:
        lengths["/first_days"] = max(given.first_days, 1) if given.first_days >= 0 else given.first_days
    lengths |= {f"/final_holds/{number}": days for number, days in enumerate(given.final_holds)}
    lengths |= {f"/by_hand_days/{number}": days for number, days in enumerate(given.by_hand_days)}
    for pointer, days in lengths.items():
        if not 1 <= days <= LONGEST_STEP_DAYS:
            raise CannotDraw(pointer, "out_of_range")
    if given.by_hand_days and len(given.by_hand_days) != len(given.asked.by_hand):
        raise CannotDraw("/by_hand_days", "one_for_each_step")
    if given.route == "oral" and not given.times_of_day:
        raise CannotDraw("/times_of_day", "required")
    if len(set(given.times_of_day)) != len(given.times_of_day):
        raise CannotDraw("/times_of_day", "repeated")
    if given.weights and len(given.weights) != len(given.times_of_day):
        raise CannotDraw("/weights", "one_for_each_time")
    if given.weights and (min(given.weights) < 0 or not any(given.weights)):
        raise CannotDraw("/weights", "out_of_range")
