"""The prescribed plan shown back to the person it is for: days of a month, and stretches from now on.

Locked steps are foreseen, not prescribed: their days show the dose that goes on until somebody releases them."""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from apps.core.days import day_bounds, local_day
from apps.patients.models import Patient
from apps.tapers.models import Route
from apps.tapers.selectors import plan_stretches
from apps.tapers.timeline import Stretch, due_times

THOUSANDTH = Decimal("0.001")
"""Plans keep doses to this place; shares of a day that was shared out evenly are rounded to it when shown."""


@dataclass(frozen=True, slots=True)
class RouteDose:
    route: str
    amount: Decimal
    """mg due on this day by mouth; microgram a day by pump, the rate the day ends with."""


@dataclass(frozen=True, slots=True)
class PlanDay:
    day: date
    is_of_month: bool
    is_today: bool
    doses: tuple[RouteDose, ...]
    """Empty: the plan says nothing for this day, which is not "no baclofen"."""
    is_change: bool


@dataclass(frozen=True, slots=True)
class PlanStretch:
    """One dose for one stretch of time, as prescribed."""

    route: str
    daily_dose: Decimal
    starts_at: datetime
    ends_at: datetime | None
    shares: tuple[tuple[time, Decimal], ...]
    """Each time of day with its mg; empty by pump."""
    is_now: bool


def month_asked(text: str, today: date) -> date:
    """First day of the month an address names as YYYY-MM; the present month if it names none within reach."""
    try:
        asked = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month, no instant
    except ValueError:
        return today.replace(day=1)
    is_near = abs(asked.year - today.year) <= 1
    return asked if is_near else today.replace(day=1)


def month_of(patient: Patient, month: date, at: datetime) -> list[list[PlanDay]]:
    """Weeks from Monday to Sunday, of the patient's own days."""
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    line = plan_stretches(patient)
    zone = patient.time_zone
    by_mouth = mg_by_day(line, zone, weeks[0][0], weeks[-1][-1])
    changing = change_days(line, zone)
    today = local_day(at, zone)
    return [
        [
            PlanDay(
                day, day.month == month.month, day == today, doses_of(line, day, zone, by_mouth), day in changing
            )
            for day in week
        ]
        for week in weeks
    ]


def mg_by_day(line: tuple[Stretch, ...], zone: str, first: date, last: date) -> dict[date, Decimal]:
    tick = timedelta(microseconds=1)
    since, until = day_bounds(first, zone)[0] - tick, day_bounds(last, zone)[1] - tick
    found: dict[date, Decimal] = {}
    for due in due_times(line, zone, since, until):
        day = local_day(due.due_at, zone)
        found[day] = found.get(day, Decimal(0)) + due.amount
    return {day: amount.quantize(THOUSANDTH) for day, amount in found.items()}


def doses_of(
    line: Iterable[Stretch], day: date, zone: str, by_mouth: dict[date, Decimal]
) -> tuple[RouteDose, ...]:
    starts, ends = day_bounds(day, zone)
    last = {
        one.route: one for one in line if one.starts_at < ends and (one.ends_at is None or one.ends_at > starts)
    }
    return tuple(
        RouteDose(route, by_mouth.get(day, Decimal(0)) if route == Route.ORAL else last[route].daily_dose)
        for route in Route.values
        if route in last
    )


def change_days(line: tuple[Stretch, ...], zone: str) -> set[date]:
    """Days on which the dose, or its share at a time of day, becomes another one or ends."""
    found = set()
    for route in Route.values:
        of_route = [one for one in line if one.route == route]
        for before, after in pairwise(of_route):
            if (before.daily_dose, before.step.shares) != (after.daily_dose, after.step.shares):
                found.add(local_day(after.starts_at, zone))
        if of_route and of_route[-1].ends_at is not None:
            found.add(local_day(of_route[-1].ends_at, zone))
    return found


def stretches_from(patient: Patient, at: datetime) -> list[PlanStretch]:
    """What is prescribed now and after, first the nearest."""
    return [
        PlanStretch(
            one.route,
            one.daily_dose,
            one.starts_at,
            one.ends_at,
            one.step.shares if one.route == Route.ORAL and one.daily_dose else (),
            one.covers(at),
        )
        for one in sorted(plan_stretches(patient), key=lambda one: (one.starts_at, one.route))
        if one.ends_at is None or one.ends_at > at
    ]
