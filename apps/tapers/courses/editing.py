"""What becomes of the steps of a plan that is held, slowed, taken back, reinstated, stopped or released. Each
takes the steps of the version in force and gives those of the next: whole, without a gap and without an overlap.

Steps are moved by whole days of the patient's own, so a change keeps its hour through clock changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise, zip_longest
from zoneinfo import ZoneInfo

from apps.core.days import local_day, local_instant
from apps.tapers.courses.steps import StepInput

Steps = tuple[StepInput, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """The steps of one route, seen from one moment."""

    past: Steps
    now: StepInput | None
    """What is prescribed; None: nothing is, or nothing is any more."""
    ahead: Steps
    """Not begun: locked ones and those that begin by themselves."""


def lines(steps: Iterable[StepInput], at: datetime) -> dict[str, Line]:
    """By route. A locked step whose time has come has not begun."""
    found: dict[str, list[StepInput]] = {}
    for step in sorted(steps, key=lambda one: (one.starts_at, one.is_locked)):
        found.setdefault(step.route, []).append(step)
    return {route: _line(of_route, at) for route, of_route in found.items()}


def _line(steps: Sequence[StepInput], at: datetime) -> Line:
    begun = [step for step in steps if not step.is_locked and step.starts_at <= at]
    now = next((step for step in begun if step.covers(at)), None)
    return Line(
        past=tuple(step for step in begun if step is not now),
        now=now,
        ahead=tuple(step for step in steps if step not in begun),
    )


def hold(steps: Iterable[StepInput], at: datetime, days: int | None, zone: str) -> Steps:
    """The present doses go on: for so many days, after which the plan goes on as it was; or (None) until the next
    step is released."""
    found: list[StepInput] = []
    for line in lines(steps, at).values():
        ahead = shifted(_caught_up(line.ahead, at, zone), days or 0, zone)
        now = line.now and replace(line.now, ends_at=_moved(line.now.ends_at, days, zone) if days else None)
        found += joined(line.past, now, locked(ahead) if days is None else ahead)
    return tuple(found)


def slower(steps: Iterable[StepInput], at: datetime, days_longer: int, zone: str) -> Steps:
    """The present dose and each that follows last so many days longer."""
    found: list[StepInput] = []
    for line in lines(steps, at).values():
        ahead = [
            shifted([step], days_longer * number, zone)[0]
            for number, step in enumerate(_caught_up(line.ahead, at, zone), start=1)
        ]
        now = line.now and replace(line.now, ends_at=_moved(line.now.ends_at, days_longer, zone))
        found += joined(line.past, now, ahead)
    return tuple(found)


def step_back(
    steps: Iterable[StepInput],
    at: datetime,
    earlier: Mapping[str, StepInput],
    days: int | None,
    zone: str,
) -> Steps:
    """The doses in `earlier` (by route) are given again; after so many days the present dose follows, and then
    what was ahead, as far apart as before. None: all of that waits to be released."""
    found: list[StepInput] = []
    for route, line in lines(steps, at).items():
        if route not in earlier:
            found += joined(line.past, line.now, line.ahead)
            continue
        again = _again(line, at, zone)
        ahead = shifted(again, days or _length(again, zone), zone)
        found += joined(_ended(line, at), _from_now(earlier[route], at), locked(ahead) if days is None else ahead)
    return tuple(found)


def reinstate(steps: Iterable[StepInput], at: datetime, given: Mapping[str, StepInput]) -> Steps:
    """The doses in `given` (by route) from now on, without an end; other routes go on as they are now. Nothing is
    ahead any more: a new taper is planned when it is time."""
    found: list[StepInput] = []
    by_route = lines(steps, at)
    for route, line in by_route.items():
        if route in given:
            found += [*_ended(line, at), _from_now(given[route], at)]
        else:
            found += joined(line.past, line.now and replace(line.now, ends_at=None), ())
    found += [_from_now(step, at) for route, step in given.items() if route not in by_route]
    return tuple(found)


def stop(steps: Iterable[StepInput], at: datetime, routes: Iterable[str] | None = None) -> Steps:
    """Nothing more is given, by these routes or by any."""
    wanted = None if routes is None else set(routes)
    found: list[StepInput] = []
    for route, line in lines(steps, at).items():
        if wanted is not None and route not in wanted:
            found += joined(line.past, line.now, line.ahead)
            continue
        known = [*line.past, *([line.now] if line.now else []), *line.ahead]
        found += [*_ended(line, at), nothing(known[0], at)]
    return tuple(found)


def release(
    steps: Iterable[StepInput], step: StepInput, at: datetime, starts_at: datetime, zone: str, *, next_waits: bool
) -> Steps:
    """This locked step, the next of its route, begins then. What follows it is moved by as many days as it was
    late, and waits in its turn or not."""
    found: list[StepInput] = []
    for route, line in lines(steps, at).items():
        if route != step.route:
            found += joined(line.past, line.now, line.ahead)
            continue
        late = (local_day(starts_at, zone) - local_day(step.starts_at, zone)).days
        rest = [replace(one, is_locked=next_waits) for one in shifted(line.ahead[1:], late, zone)]
        first = replace(step, starts_at=starts_at, ends_at=_moved(step.ends_at, late, zone), is_locked=False)
        found += joined(line.past, line.now, [first, *rest])
    return tuple(found)


def gated(steps: Iterable[StepInput], at: datetime, present: Mapping[str, StepInput]) -> Steps:
    """Locks the first reduction of each route and all that follows it. `present`: what is given by each route now;
    it goes on where the first step would be a reduction already, and where a route is left out, which ends it."""
    found: list[StepInput] = []
    by_route = lines(steps, at)
    for route, before in present.items():
        if route not in by_route and before.daily_dose:
            found += joined((), None, [_from_now(before, at), *locked([nothing(before, at)])])
    for route, line in by_route.items():
        chain = [*line.past, *([line.now] if line.now else []), *line.ahead]
        now = present.get(route)
        if now is not None and chain[0].daily_dose < now.daily_dose:
            chain = [_from_now(now, min(at, chain[0].starts_at)), *chain]
        falls = [place for place, (one, other) in enumerate(pairwise(chain)) if other.daily_dose < one.daily_dose]
        first = falls[0] + 1 if falls else len(chain)
        found += joined((), None, [*chain[:first], *locked(chain[first:])])
    return tuple(found)


def joined(past: Sequence[StepInput], now: StepInput | None, ahead: Sequence[StepInput]) -> list[StepInput]:
    """One after another without a gap: each ends where the next one begins; the one before a locked step has no
    end, and whatever follows a locked step is locked."""
    chain = [*([now] if now else []), *ahead]
    found: list[StepInput] = []
    waits = False
    for step, after in zip_longest(chain, chain[1:]):
        waits = waits or step.is_locked
        ends = step.ends_at if after is None else after.starts_at
        if after is not None and after.is_locked and not waits:
            ends = None
        found.append(replace(step, ends_at=ends, is_locked=waits))
    return [*past, *found]


def locked(steps: Iterable[StepInput]) -> Steps:
    return tuple(replace(step, is_locked=True) for step in steps)


def shifted(steps: Iterable[StepInput], days: int, zone: str) -> Steps:
    return tuple(
        replace(step, starts_at=_shifted(step.starts_at, days, zone), ends_at=_moved(step.ends_at, days, zone))
        for step in steps
    )


def nothing(step: StepInput, at: datetime) -> StepInput:
    """No dose by the route of that step, from then on."""
    return StepInput(step.route, at, None, Decimal(0), step.unit)


def _from_now(step: StepInput, at: datetime) -> StepInput:
    return replace(step, starts_at=at, ends_at=None, is_locked=False)


def _ended(line: Line, at: datetime) -> list[StepInput]:
    if line.now is None or line.now.starts_at == at:
        return list(line.past)
    return [*line.past, replace(line.now, ends_at=at)]


def _again(line: Line, at: datetime, zone: str) -> Steps:
    """The present dose once more from now, for as long as it was meant to last, and then what is ahead."""
    if line.now is None:
        return line.ahead
    passed = (local_day(at, zone) - local_day(line.now.starts_at, zone)).days
    ahead = _caught_up(shifted(line.ahead, passed, zone), at, zone)
    ends = ahead[0].starts_at if ahead else _moved(line.now.ends_at, passed, zone)
    return (replace(line.now, starts_at=at, ends_at=ends), *ahead)


def _length(steps: Sequence[StepInput], zone: str) -> int:
    """Days of the first step; at least one, and one where it has no end."""
    first = steps[0] if steps else None
    if first is None or first.ends_at is None:
        return 1
    return max((local_day(first.ends_at, zone) - local_day(first.starts_at, zone)).days, 1)


def _caught_up(ahead: Sequence[StepInput], at: datetime, zone: str) -> Steps:
    """Steps that wait although their time has come are foreseen for the next day that can be."""
    if not ahead or ahead[0].starts_at > at:
        return tuple(ahead)
    late = (local_day(at, zone) - local_day(ahead[0].starts_at, zone)).days
    caught_up = shifted(ahead, late, zone)
    return caught_up if caught_up[0].starts_at > at else shifted(caught_up, 1, zone)


def _shifted(moment: datetime, days: int, zone: str) -> datetime:
    day = local_day(moment, zone)
    # Where the clocks change at midnight, a day may begin at 01:00; what begins with a day goes on doing so.
    begins_the_day = moment == local_instant(day, time(0), zone)
    clock = time(0) if begins_the_day else moment.astimezone(ZoneInfo(zone)).time()
    return local_instant(day + timedelta(days=days), clock, zone)


def _moved(moment: datetime | None, days: int, zone: str) -> datetime | None:
    return None if moment is None else _shifted(moment, days, zone)
