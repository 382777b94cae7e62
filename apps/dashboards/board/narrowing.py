"""Only some of the board's rows, chosen by whoever looks. What somebody still has to take is never left out, and
the page says how many rows are: a filter that was forgotten must not make a ward look quieter than it is."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.dashboards.board.rows import BoardRow

LONGEST_SEARCH = 60


class Show(TextChoices):
    ALL = "", _("Everybody")
    ALERTS = "alerts", _("Open alerts")
    MINE = "mine", _("What I have")
    OVERDUE = "overdue", _("Log overdue")
    WINDOW = "window", _("Watch window")
    STEPS = "steps", _("Step to release")


@dataclass(frozen=True, slots=True)
class Narrowing:
    show: Show
    search: str
    """Every word of it is in the bed or the name."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "Narrowing":
        """What is not understood leaves nobody out."""
        show = query.get("show", "")
        search = " ".join(query.get("q", "").split())[:LONGEST_SEARCH]
        return cls(Show(show) if show in Show.values else Show.ALL, search)

    @property
    def is_on(self) -> bool:
        return bool(self.show or self.search)

    @property
    def query(self) -> str:
        """For an address; empty when everybody is shown."""
        return urlencode({key: text for key, text in (("show", str(self.show)), ("q", self.search)) if text})


@dataclass(frozen=True, slots=True)
class Narrowed:
    rows: tuple[BoardRow, ...]
    left_out: int
    kept: int
    """Rows that do not fit but stay, as somebody has to take their alert."""


def narrow(rows: Sequence[BoardRow], narrowing: Narrowing, at: datetime) -> Narrowed:
    """In the order given."""
    if not narrowing.is_on:
        return Narrowed(tuple(rows), 0, 0)
    fitting = {row.patient_id for row in rows if _fits(row, narrowing, at)}
    shown = tuple(row for row in rows if row.patient_id in fitting or row.waits_for_somebody)
    return Narrowed(shown, len(rows) - len(shown), len(shown) - len(fitting))


def _fits(row: BoardRow, narrowing: Narrowing, at: datetime) -> bool:
    text = _plain(f"{row.bed} {row.name}")
    return _is_of(row, narrowing.show, at) and all(word in text for word in _plain(narrowing.search).split())


def _is_of(row: BoardRow, show: Show, at: datetime) -> bool:
    match show:
        case Show.ALERTS:
            return row.alert is not None
        case Show.MINE:
            return any(line.is_mine for line in row.lines)
        case Show.OVERDUE:
            return row.log_is_overdue
        case Show.WINDOW:
            return row.watched_until is not None and row.watched_until > at
        case Show.STEPS:
            return row.step_waits
    return True


def _plain(text: str) -> str:
    """Without case and accents: a nurse types "munoz" for Muñoz."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
