"""The dose over time as a drawing: a stair line for each route, worked out here so that a page draws it without a
script and prints it. The table beside it says the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from apps.tapers.courses.steps import StepInput

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 32, 36, 32
"""Room for the labels of the axes, in units of the drawing."""
MOST_LINES, MOST_DATES = 5, 6
DAY = timedelta(days=1)
AFTER = timedelta(days=7)
"""How far a dose without an end is drawn."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label of an axis, and where it stands."""

    at: float
    words: str


@dataclass(frozen=True, slots=True)
class DateMark:
    at: float
    day: datetime


@dataclass(frozen=True, slots=True)
class Chart:
    route: str
    prescribed: str
    """The path of what is prescribed; empty: nothing is."""
    foreseen: str
    """The path of what waits to be released."""
    doses: tuple[Mark, ...]
    dates: tuple[DateMark, ...]
    now: float | None
    highest: Decimal
    first: datetime
    last: datetime
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    floor: int = HEIGHT - BOTTOM


@dataclass(frozen=True, slots=True)
class _Piece:
    starts_at: datetime
    ends_at: datetime
    dose: Decimal


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime
    highest: Decimal

    def x(self, moment: datetime) -> float:
        part = (moment - self.first) / (self.last - self.first)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def y(self, dose: Decimal) -> float:
        return round(HEIGHT - BOTTOM - float(dose / self.highest) * (HEIGHT - TOP - BOTTOM), 1)


def draw_charts(steps: Sequence[StepInput], at: datetime | None = None) -> list[Chart]:
    """One for each route that ever has a dose; `at` draws a line at that moment where it lies within."""
    routes = sorted({step.route for step in steps if step.daily_dose}, reverse=True)
    return [_draw(route, [step for step in steps if step.route == route], at) for route in routes]


def _draw(route: str, steps: Sequence[StepInput], at: datetime | None) -> Chart:
    ordered = sorted(steps, key=lambda step: (step.starts_at, step.is_locked))
    first = ordered[0].starts_at
    last = max(ordered[-1].starts_at + AFTER, ordered[-1].ends_at or first, first + AFTER) + _late(ordered, at)
    grid = _grid(max(step.daily_dose for step in ordered))
    scale = _Scale(first, last, grid[-1])
    return Chart(
        route=route,
        prescribed=_path(_prescribed(ordered, scale, at), scale),
        foreseen=_path(_foreseen(ordered, scale, at), scale),
        doses=tuple(Mark(scale.y(dose), f"{dose.normalize():f}") for dose in grid),
        dates=_dates(scale),
        now=scale.x(at) if at is not None and first <= at <= last else None,
        highest=max(step.daily_dose for step in ordered),
        first=first,
        last=last,
    )


def _path(pieces: Sequence[_Piece], scale: _Scale) -> str:
    """Pieces that touch are one line, joined by an upright; a gap is a gap."""
    path: list[str] = []
    pen: datetime | None = None
    for piece in pieces:
        if pen != piece.starts_at:
            path.append(f"M {scale.x(piece.starts_at)} {scale.y(piece.dose)}")
        path.append(f"V {scale.y(piece.dose)} H {scale.x(piece.ends_at)}")
        pen = piece.ends_at
    return " ".join(path)


def _prescribed(steps: Sequence[StepInput], scale: _Scale, at: datetime | None) -> list[_Piece]:
    """A dose without an end goes on until the next begins; before a step that waits, until that was foreseen, or
    until now where its time has passed."""
    found = []
    for place, step in enumerate(steps):
        if step.is_locked:
            continue
        rest = steps[place + 1 :]
        begins = next((one.starts_at for one in rest if not one.is_locked), scale.last)
        waits = next((one.starts_at for one in rest if one.is_locked), scale.last)
        goes_on = max(waits, at) if at is not None else waits
        ends = min(step.ends_at or scale.last, begins, goes_on)
        if step.starts_at < ends:
            found.append(_Piece(step.starts_at, ends, step.daily_dose))
    return found


def _foreseen(steps: Sequence[StepInput], scale: _Scale, at: datetime | None) -> list[_Piece]:
    """What waits, moved by as much as it is late: it begins now at the earliest."""
    waiting = [step for step in steps if step.is_locked]
    late = _late(waiting, at)
    found = []
    for place, step in enumerate(waiting):
        following = waiting[place + 1].starts_at + late if place + 1 < len(waiting) else scale.last
        ends = min(step.ends_at + late if step.ends_at else following, following)
        if step.starts_at + late < ends:
            found.append(_Piece(step.starts_at + late, ends, step.daily_dose))
    return found


def _late(steps: Sequence[StepInput], at: datetime | None) -> timedelta:
    waits = min((step.starts_at for step in steps if step.is_locked), default=at)
    return max(at - waits, timedelta()) if at is not None and waits is not None else timedelta()


def _grid(highest: Decimal) -> list[Decimal]:
    """Round doses from nothing to above the highest, a handful of them."""
    size = Decimal(1).scaleb(highest.adjusted() - 1)
    for times in (1, 2, 5, 10, 20, 50, 100):
        gap = size * times
        lines = int((highest / gap).to_integral_value(ROUND_CEILING))
        if lines <= MOST_LINES:
            return [gap * line for line in range(lines + 1)]
    raise ValueError("a dose has more digits than a dose can have")


def _dates(scale: _Scale) -> tuple[DateMark, ...]:
    days = max(1, (scale.last - scale.first) // DAY)
    gap = max(1, -(-days // MOST_DATES))
    if gap > 3:
        gap = -(-gap // 7) * 7
    moments = [scale.first + DAY * number for number in range(0, days + 1, gap)]
    return tuple(DateMark(scale.x(moment), moment) for moment in moments if moment <= scale.last)
