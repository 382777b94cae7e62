"""One daily dose that somebody writes down outside a course: what is taken at each time, made from products."""

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal

from apps.tapers.courses.drawing import CourseStep, step_input
from apps.tapers.courses.products import Dispensary, PartsTooFine, ProductValues
from apps.tapers.courses.shares import Sharing, made_of, share_out
from apps.tapers.courses.steps import StepInput


def dose_by_mouth(
    starts_at: datetime, dose: Decimal, times: Sequence[time], products: Sequence[ProductValues]
) -> StepInput:
    """`dose` mg a day from `starts_at` on, without an end, never more than was written; what was asked for is
    kept. Where these products make nothing of it, the day is shared out evenly and nothing is rounded: a dose that
    is given back is never held up for want of a tablet. `times`: of the patient's day."""
    order = tuple(sorted(set(times)))
    evenly = StepInput("oral", starts_at, None, dose, "mg/day", order)
    if not order or not products or not dose:
        return evenly
    try:
        dispensary = Dispensary(products, dose)
    except PartsTooFine:
        return evenly
    shares = share_out(dose, dose, Sharing(dispensary, (1,) * len(order), (dose,) * len(order)))
    if not sum(shares):
        return evenly
    return step_input(CourseStep("oral", starts_at, None, dose, made_of(order, shares, dispensary)))
