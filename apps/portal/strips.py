"""Where everything of the picture of the last days stands: a strip of 14 cells for each sign, drawn by the server.
Lengths are units of the picture, which is as wide as the page allows."""

from dataclasses import dataclass
from datetime import date

from apps.portal.fortnight import DoseMark, Fortnight, Kind, SignRow

CELL_WIDTH = 24
CELL_HEIGHT = 32
SLIM_HEIGHT = 22
"""Without the dots that count a grade: for the printed page."""
DOSE_HEIGHT = 16
MARK_Y = 17
DAYS_HEIGHT = 13
DOT_GAP = 5
MOST_DOSES = 8
"""Drawn for one day; the table lists all."""


@dataclass(frozen=True, slots=True)
class Cell:
    x: int
    kind: str
    mark: str
    """Empty for a gap and where nothing was said."""
    grade: int | None
    dots: tuple[int, ...]
    """Where the dots stand that count the grade, seen from the cell's own edge."""


@dataclass(frozen=True, slots=True)
class Strip:
    name: str
    cells: tuple[Cell, ...]
    legend: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PlacedDose:
    y: int
    mark: DoseMark


@dataclass(frozen=True, slots=True)
class DoseColumn:
    x: int
    day: date
    doses: tuple[PlacedDose, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    """Of a strip, and of what is drawn in it: the frame of a cell, and the foot of its mark."""
    frame_height: int
    mark_y: int
    days: tuple[tuple[int, date], ...]
    reports: tuple[Cell, ...]
    there: tuple[Strip, ...]
    not_there: tuple[Strip, ...]
    doses: tuple[DoseColumn, ...]
    dose_height: int

    @property
    def tall(self) -> int:
        """With the days above."""
        return self.height + DAYS_HEIGHT

    @property
    def dose_tall(self) -> int:
        return self.dose_height + DAYS_HEIGHT


def picture(shown: Fortnight, *, from_right: bool, height: int = CELL_HEIGHT) -> Picture:
    """`from_right`: the oldest day stands at the right, as Arabic is read."""
    places = [CELL_WIDTH * place for place in range(len(shown.days))]
    if from_right:
        places.reverse()
    at = {day.day: x for day, x in zip(shown.days, places, strict=True)}
    most = max((len(day.doses) for day in shown.days), default=0)
    return Picture(
        width=CELL_WIDTH * len(shown.days),
        height=height,
        frame_height=height - 2,
        mark_y=MARK_Y,
        days=tuple((at[day.day], day.day) for day in shown.days),
        reports=tuple(
            Cell(at[day.day], str(Kind.THERE), str(day.reports), None, ())
            if day.reports
            else Cell(at[day.day], str(Kind.GAP), "", None, ())
            for day in shown.days
        ),
        there=tuple(strip(row, shown, at) for row in shown.there),
        not_there=tuple(strip(row, shown, at) for row in shown.not_there),
        doses=tuple(
            DoseColumn(
                at[day.day],
                day.day,
                tuple(PlacedDose(DOSE_HEIGHT * n, mark) for n, mark in enumerate(day.doses[:MOST_DOSES])),
            )
            for day in shown.days
        ),
        dose_height=DOSE_HEIGHT * min(most, MOST_DOSES),
    )


def strip(row: SignRow, shown: Fortnight, at: dict[date, int]) -> Strip:
    return Strip(row.name, tuple(_cell(row, day.day, day.reports, at[day.day]) for day in shown.days), row.legend)


def _cell(row: SignRow, day: date, reports: int, x: int) -> Cell:
    said = row.said.get(day)
    if said is None:
        return Cell(x, str(Kind.UNSAID if reports else Kind.GAP), "", None, ())
    return Cell(x, str(said.kind), said.mark, said.grade, _dots(said.grade or 0))


def _dots(count: int) -> tuple[int, ...]:
    first = CELL_WIDTH // 2 - DOT_GAP * (count - 1) // 2
    return tuple(first + DOT_GAP * place for place in range(count))
