"""What a lane is made of, as plain values: a page draws them, a test reads them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """One stretch of a row with a few letters printed in it."""

    begins: datetime
    ends: datetime
    text: str
    tone: str
    """How it is coloured; never the only sign, the text says it too."""


@dataclass(frozen=True, slots=True)
class Span:
    begins: datetime
    ends: datetime
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Mark:
    at: datetime
    glyph: str
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...] = ()
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()
    group: str = ""
    """Rows of one group stand together under its name."""


@dataclass(frozen=True, slots=True)
class Rows:
    key: str
    title: str
    rows: tuple[Row, ...]
    kind: str = "rows"


@dataclass(frozen=True, slots=True)
class Piece:
    begins: datetime
    ends: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Point:
    at: datetime
    value: float | None
    """None: the line is broken here."""


@dataclass(frozen=True, slots=True)
class Curve:
    label: str
    style: str
    """"stair", "dashed" (foreseen), "usual" (of this person), "bar" (of a day) or "line"."""
    pieces: tuple[Piece, ...] = ()
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Curves:
    key: str
    title: str
    unit: str
    low: float
    high: float
    curves: tuple[Curve, ...]
    kind: str = "curves"


Panel = Rows | Curves
