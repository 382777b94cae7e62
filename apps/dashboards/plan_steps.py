"""Steps of a plan as a page shows them: their days, what each dose is made of, what is to be dispensed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.core.days import local_day
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import Route

UNITS = {Route.ORAL.value: "mg/day", Route.INTRATHECAL.value: "microgram/day"}
ALMOST_NOTHING = timedelta(seconds=1)
"""A step that ends at midnight was kept until the day before."""


@dataclass(frozen=True, slots=True)
class Piece:
    name: str
    quantity: Decimal
    """Tablets, or mL."""


@dataclass(frozen=True, slots=True)
class DoseOfDay:
    clock: time | None
    """None: by pump, all day long."""
    amount: Decimal | None
    """mg or microgram; None: the day is shared out evenly and nobody has worked out the parts."""
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    number: int
    route: str
    unit: str
    starts_at: datetime
    ends_at: datetime | None
    """None: kept on, or kept until the next step is released."""
    last_at: datetime | None
    """A moment of its last day."""
    days: int | None
    daily_dose: Decimal
    asked: Decimal | None
    is_locked: bool
    is_now: bool
    change_percent: Decimal | None
    """Of the dose before; None for the first of a route, or after nothing."""
    doses: tuple[DoseOfDay, ...]

    @property
    def is_rounded(self) -> bool:
        return self.asked is not None and self.asked != self.daily_dose


@dataclass(frozen=True, slots=True)
class Total:
    name: str
    quantity: Decimal


def step_rows(steps: Iterable[StepInput], zone: str, at: datetime | None = None) -> dict[str, list[StepRow]]:
    """By route, by mouth first, in order. `zone` is the patient's; with `at`, the one in force then is marked."""
    found: dict[str, list[StepRow]] = {}
    for step in sorted(steps, key=lambda one: (one.route != Route.ORAL, one.starts_at, one.is_locked)):
        of_route = found.setdefault(step.route, [])
        before = of_route[-1].daily_dose if of_route else None
        of_route.append(_row(step, len(of_route) + 1, before, zone, at))
    return found


def totals(steps: Iterable[StepInput], zone: str) -> list[Total]:
    """Of each product, for every step that has an end; tablets or mL."""
    quantities: dict[str, Decimal] = {}
    for step in steps:
        days = _days(step, zone)
        for dose in step.made_of or () if days else ():
            for piece in _pieces(dose):
                quantities[piece.name] = quantities.get(piece.name, Decimal(0)) + piece.quantity * days
    return [Total(name, quantity) for name, quantity in quantities.items()]


def _row(step: StepInput, number: int, before: Decimal | None, zone: str, at: datetime | None) -> StepRow:
    return StepRow(
        number=number,
        route=step.route,
        unit=UNITS[step.route],
        starts_at=step.starts_at,
        ends_at=step.ends_at,
        last_at=step.ends_at and step.ends_at - ALMOST_NOTHING,
        days=_days(step, zone) if step.ends_at else None,
        daily_dose=step.daily_dose,
        asked=step.asked_dose,
        is_locked=step.is_locked,
        is_now=at is not None and not step.is_locked and step.covers(at),
        change_percent=(step.daily_dose / before - 1) * 100 if before else None,
        doses=_doses(step),
    )


def _days(step: StepInput, zone: str) -> int:
    if step.ends_at is None:
        return 0
    return (local_day(step.ends_at, zone) - local_day(step.starts_at, zone)).days


def _doses(step: StepInput) -> tuple[DoseOfDay, ...]:
    if not step.daily_dose:
        return ()
    clocks: Sequence[time | None] = tuple(step.times_of_day) if step.route == Route.ORAL else (None,)
    amounts: Sequence[Decimal | None] = step.amounts or [None] * len(clocks)
    made = step.made_of or [()] * len(clocks)
    return tuple(
        DoseOfDay(clock, amount, _pieces(dose)) for clock, amount, dose in zip(clocks, amounts, made, strict=False)
    )


def _pieces(dose: Iterable[dict[str, Any]]) -> tuple[Piece, ...]:
    return tuple(Piece(count["name"], Decimal(count["quantity"])) for count in dose)
