"""Which daily doses are asked for, before anything is made of products."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

THOUSANDTH = Decimal("0.001")
MOST_STEPS = 120


class Method(StrEnum):
    LINEAR = "linear"
    PERCENT_OF_START = "percent_of_start"
    PROPORTIONAL = "proportional"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Asked:
    """The course that is asked for. Doses in mg a day by mouth, microgram a day by pump."""

    method: Method
    start: Decimal
    target: Decimal = Decimal(0)
    """0, or the dose that is kept on."""
    reduction: Decimal = Decimal(0)
    """Linear: so much less each step."""
    percent: Decimal = Decimal(0)
    """Of the starting dose, or (proportional) of what is left; above 0, up to 100."""
    to_target_below: Decimal = Decimal(0)
    """Proportional: a dose below this goes to the target, which it would never reach."""
    by_hand: Sequence[Decimal] = ()
    """The dose of each step after the first."""


class CannotDraw(ValueError):
    """What is asked for is no course. `pointer` names the field, as in JSON."""

    def __init__(self, pointer: str, code: str) -> None:
        super().__init__(code)
        self.pointer, self.code = pointer, code


def asked_doses(asked: Asked) -> tuple[Decimal, ...]:
    """The starting dose and the dose of each step after it, falling to the target, in thousandths.

    Errors: CannotDraw."""
    _check(asked)
    if asked.method is Method.BY_HAND:
        return (asked.start, *asked.by_hand)
    doses = [asked.start]
    while doses[-1] > asked.target:
        if len(doses) > MOST_STEPS:
            raise CannotDraw("/course", "too_many_steps")
        following = _next(asked, doses[-1], len(doses))
        doses.append(max(asked.target, following))
    return tuple(doses)


def _next(asked: Asked, last: Decimal, number: int) -> Decimal:
    if asked.method is Method.LINEAR:
        return last - asked.reduction
    if asked.method is Method.PERCENT_OF_START:
        # From the start each time, so that thousandths do not add up.
        return _thousandths(asked.start * (100 - asked.percent * number) / 100)
    left = _thousandths(last * (100 - asked.percent) / 100)
    return asked.target if left < asked.to_target_below or left == last else left


def _thousandths(dose: Decimal) -> Decimal:
    return dose.quantize(THOUSANDTH, ROUND_HALF_UP)


def _check(asked: Asked) -> None:
    doses = {"/start": asked.start, "/target": asked.target, "/to_target_below": asked.to_target_below}
    for number, dose in enumerate(asked.by_hand):
        doses[f"/by_hand/{number}"] = dose
    for pointer, dose in doses.items():
        if not dose.is_finite() or dose < 0:
            raise CannotDraw(pointer, "negative")
    if not asked.start:
        raise CannotDraw("/start", "nothing_to_taper")
    if asked.target >= asked.start:
        raise CannotDraw("/target", "not_below_the_start")
    if asked.method is Method.LINEAR and not (asked.reduction.is_finite() and asked.reduction >= THOUSANDTH):
        raise CannotDraw("/reduction", "required")
    if asked.method in (Method.PERCENT_OF_START, Method.PROPORTIONAL) and not _is_percent(asked.percent):
        raise CannotDraw("/percent", "out_of_range")
    if asked.method is Method.PROPORTIONAL and asked.to_target_below <= asked.target:
        raise CannotDraw("/to_target_below", "required")
    if asked.method is Method.BY_HAND:
        _check_by_hand(asked)


def _is_percent(percent: Decimal) -> bool:
    return percent.is_finite() and 0 < percent <= 100


def _check_by_hand(asked: Asked) -> None:
    if not asked.by_hand:
        raise CannotDraw("/by_hand", "required")
    if len(asked.by_hand) > MOST_STEPS:
        raise CannotDraw("/by_hand", "too_many_steps")
    before = asked.start
    for number, dose in enumerate(asked.by_hand):
        if dose > before:
            raise CannotDraw(f"/by_hand/{number}", "rises")
        before = dose
    if asked.by_hand[-1] != asked.target:
        raise CannotDraw(f"/by_hand/{len(asked.by_hand) - 1}", "ends_elsewhere")
