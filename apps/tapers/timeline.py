"""What was prescribed when, worked out from versions and steps: plain values in, plain values out.

Instants are aware UTC datetimes. Each version rules from its `effective_at` until the next one does, so the
past stays as it was prescribed then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from apps.core.days import Whereabouts, local_day, local_instant, to_t
from apps.rules.types import Change
from apps.tapers.models import PlanVersion, Route

ABRUPT = frozenset({PlanVersion.Kind.STOP, PlanVersion.Kind.TRANSFER})
"""Versions whose end of dosing is not the planned end of a taper."""


@dataclass(frozen=True, slots=True)
class StepValues:
    number: int
    route: str
    starts_at: datetime
    ends_at: datetime | None
    daily_dose: Decimal
    times_of_day: tuple[time, ...] = ()
    amounts: tuple[Decimal, ...] | None = None
    """At each of the times; None: the daily dose is shared out evenly."""
    made_of: Any = None
    """As `TaperStep.made_of`; left out where only doses matter."""

    @property
    def shares(self) -> tuple[tuple[time, Decimal], ...]:
        """Each time of day with its dose."""
        if self.amounts is not None:
            return tuple(zip(self.times_of_day, self.amounts, strict=True))
        return tuple((clock, self.daily_dose / len(self.times_of_day)) for clock in self.times_of_day)


@dataclass(frozen=True, slots=True)
class VersionValues:
    """Without its locked steps: those are foreseen, not prescribed, and the dose before them has no end."""

    number: int
    kind: str
    effective_at: datetime
    steps: tuple[StepValues, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One daily dose (mg by mouth, microgram by pump) as it was in force; `ends_at` None: still."""

    route: str
    starts_at: datetime
    ends_at: datetime | None
    daily_dose: Decimal
    times_of_day: tuple[time, ...]
    version: VersionValues
    step: StepValues
    is_cut_by_closing: bool = False
    """It ends because the plan was closed, which says nothing of what is taken since."""

    @property
    def has_run_out(self) -> bool:
        """It came to the end that was planned for it."""
        return self.ends_at is not None and self.ends_at == self.step.ends_at

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    @property
    def is_last_of_version(self) -> bool:
        return self.step.starts_at == max(
            step.starts_at for step in self.version.steps if step.route == self.route
        )


def stretches(versions: Iterable[VersionValues], closed_at: datetime | None = None) -> tuple[Stretch, ...]:
    """Steps as they were in force, by route and start. Of two versions in force, the later number rules."""
    ordered = sorted(versions, key=lambda version: version.number)
    found = []
    for index, version in enumerate(ordered):
        until = min((later.effective_at for later in ordered[index + 1 :]), default=None)
        for step in version.steps:
            starts = max(step.starts_at, version.effective_at)
            ends = _earlier(step.ends_at, until)
            cut = closed_at is not None and (ends is None or closed_at < ends)
            ends = closed_at if cut else ends
            if ends is None or starts < ends:
                found.append(
                    Stretch(step.route, starts, ends, step.daily_dose, step.times_of_day, version, step, cut)
                )
    return tuple(sorted(found, key=lambda one: (one.route, one.starts_at, one.version.number)))


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return min(known, default=None)


def changes(plan: Sequence[Stretch], until: datetime) -> tuple[Change, ...]:
    """Every reduction, rise and stop of the plan up to `until`, by route."""
    found = []
    for route in Route.values:
        of_route = [one for one in plan if one.route == route and one.starts_at <= until]
        for before, after in pairwise(of_route):
            gap = before.ends_at is not None and before.ends_at < after.starts_at
            if gap and before.ends_at is not None:
                found += _end(before, before.ends_at)
            found += _change(None if gap else before, after)
        last = of_route[-1] if of_route else None
        if last and last.ends_at is not None and last.ends_at <= until:
            found += _end(last, last.ends_at)
    return tuple(sorted(found, key=lambda change: (change.t, change.route or "", change.kind)))


def _change(before: Stretch | None, after: Stretch) -> list[Change]:
    old = before.daily_dose if before else Decimal(0)
    new = after.daily_dose
    t = to_t(after.starts_at)
    if new == old:
        return []
    if not new:
        planned = after.version.kind not in ABRUPT
        return [_stop(after, after.starts_at, planned, last_step=after.is_last_of_version)]
    if not old:
        return [Change("baclofen_restarted", t, after.route)]
    if new > old:
        return [Change("dose_raised", t, after.route)]
    fraction = float((old - new) / old)
    return [Change("dose_reduced", t, after.route, fraction=fraction, planned=True)]


def _end(stretch: Stretch, at: datetime) -> list[Change]:
    """Nothing is prescribed after this stretch: planned when it ran out, else somebody broke it off."""
    if not stretch.daily_dose or stretch.is_cut_by_closing:
        return []
    planned = stretch.has_run_out and stretch.version.kind not in ABRUPT
    return [_stop(stretch, at, planned, last_step=stretch.is_last_of_version)]


def _stop(stretch: Stretch, at: datetime, planned: bool, last_step: bool) -> Change:
    return Change(
        "stopped",
        to_t(at),
        stretch.route,
        fraction=1.0,
        planned=planned,
        last_step_of_plan=planned and last_step,
    )


@dataclass(frozen=True, slots=True)
class DueTime:
    due_at: datetime
    amount: Decimal
    """mg"""


def due_times(plan: Sequence[Stretch], zone: str | Whereabouts, since: datetime, until: datetime) -> list[DueTime]:
    """Oral doses due in (since, until], by the clock of this zone, or of each zone while somebody was there.

    A time that a clock change skips is due as many hours after midnight as it says; one that it repeats is due
    once. Times of one instant are one dose."""
    amounts: dict[datetime, Decimal] = {}
    for due_at, amount, _counts in _each_due(plan, zone, since, until):
        amounts[due_at] = amounts.get(due_at, Decimal(0)) + amount
    return [DueTime(due_at, amounts[due_at]) for due_at in sorted(amounts)]


@dataclass(frozen=True, slots=True)
class Needed:
    """So many tablets, or so many mL, of one product."""

    product: str
    """Its id."""
    name: str
    strength: Decimal
    quantity: Decimal


def products_due(
    plan: Sequence[Stretch], zone: str | Whereabouts, since: datetime, until: datetime
) -> list[Needed]:
    """What the oral doses due in (since, until] are made of, where that was worked out: for dispensing."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for _due_at, _amount, counts in _each_due(plan, zone, since, until):
        for count in counts:
            key = (count["product"], count["name"], count["strength"])
            found[key] = found.get(key, Decimal(0)) + Decimal(count["quantity"])
    return [
        Needed(product, name, Decimal(strength), found[product, name, strength])
        for product, name, strength in sorted(found, key=lambda key: (key[1], key[2]))
    ]


def _each_due(
    plan: Sequence[Stretch], zone: str | Whereabouts, since: datetime, until: datetime
) -> Iterator[tuple[datetime, Decimal, Any]]:
    """(when, mg, what it is made of) of each oral dose due in (since, until]."""
    if isinstance(zone, Whereabouts):
        for there, begins, ends in zone.spans(since, until):
            yield from _due_there(plan, there, begins, ends)
    else:
        yield from _due_there(plan, zone, since, until)


def _due_there(
    plan: Sequence[Stretch], zone: str, since: datetime, until: datetime
) -> Iterator[tuple[datetime, Decimal, Any]]:
    oral = [
        (one, [(*share, made) for share, made in _made(one.step)])
        for one in plan
        if one.route == Route.ORAL and one.daily_dose and one.times_of_day
    ]
    day = local_day(since, zone)
    while day <= local_day(until, zone):
        for one, shares in oral:
            if _touches(one, day, zone):
                for clock, amount, made_of in shares:
                    due_at = local_instant(day, clock, zone)
                    if since < due_at <= until and one.covers(due_at):
                        yield due_at, amount, made_of
        day += timedelta(days=1)


def _made(step: StepValues) -> Iterator[tuple[tuple[time, Decimal], Any]]:
    """Each time with its dose, and what that is made of where anybody worked it out."""
    return zip(step.shares, step.made_of or [()] * len(step.times_of_day), strict=True)


def _touches(stretch: Stretch, day: date, zone: str) -> bool:
    first = local_day(stretch.starts_at, zone)
    return first <= day and (stretch.ends_at is None or day <= local_day(stretch.ends_at, zone))
