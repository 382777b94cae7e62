"""An alert's life as stretches of time: how urgent it was, and who had it. Told from its events alone, so that it
can be told as of any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.alerts.models import Alert, AlertEvent
from apps.dashboards.timeline.reading import KnownAlert

Kind = AlertEvent.Kind
BACK_TO_NOBODY = frozenset({Kind.WORSENED, Kind.RELEASED, Kind.PASSED_ON})
"""Whoever had it no longer has."""


@dataclass(frozen=True, slots=True)
class Held:
    """From `begins` to `ends` at one level and in one hand."""

    begins: datetime
    ends: datetime
    level: int
    owner: str
    """Empty: nobody had taken it."""
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Story:
    alert: Alert
    held: tuple[Held, ...]
    events: tuple[AlertEvent, ...]
    outcome: str
    """Empty while it is open."""

    @property
    def ends(self) -> datetime:
        return self.held[-1].ends


@dataclass(slots=True)
class _State:
    level: int
    owner: str = ""
    is_silent: bool = False
    is_closed: bool = False

    def after(self, event: AlertEvent) -> "_State":
        if event.kind == Kind.RESOLVED or self.is_closed:
            return _State(self.level, self.owner, False, True)
        owner, silent = self.owner, self.is_silent
        if event.kind in BACK_TO_NOBODY:
            owner, silent = "", False
        elif event.kind == Kind.ACKNOWLEDGED:
            owner, silent = str(event.by), False
        elif event.kind in (Kind.SILENCED, Kind.UNSILENCED):
            silent = event.kind == Kind.SILENCED
        raised = event.level if event.kind in (Kind.OPENED, Kind.WORSENED) else 0
        return _State(max(self.level, raised), owner, silent)


def story_of(known: KnownAlert, known_at: datetime) -> Story:
    """As it was known: an alert that is closed today may have been nobody's then."""
    first = next((event.level for event in known.events if event.kind == Kind.OPENED), known.alert.level)
    state, since = _State(first), known.alert.opened_at
    held: list[Held] = []
    closed_at = None
    for event in known.events:
        after = state.after(event)
        if after != state:
            held += _stretch(state, since, event.at)
            state, since = after, max(since, event.at)
        if event.kind == Kind.RESOLVED:
            closed_at = event.at
            break
    if closed_at is None:
        held.append(Held(since, max(known_at, since), state.level, state.owner, state.is_silent))
    elif not held:
        held.append(Held(known.alert.opened_at, closed_at, state.level, state.owner, False))
    outcome = str(known.alert.get_outcome_display()) if closed_at is not None else ""
    return Story(known.alert, tuple(held), known.events, outcome)


def _stretch(state: _State, since: datetime, until: datetime) -> list[Held]:
    return [Held(since, until, state.level, state.owner, state.is_silent)] if since < until else []


def highest_open(stories: Sequence[Story], at: datetime) -> int:
    """0: none was open."""
    held = (one for story in stories for one in story.held)
    return max((one.level for one in held if one.begins <= at < one.ends), default=0)
