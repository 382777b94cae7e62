"""How things stood at the moment looked at, in a line above the drawing: the dose, the next change or the step
that waits, the watch window, the refill."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from apps.dashboards.timeline.doses import dose_words
from apps.dashboards.timeline.reading import TimelineFacts
from apps.dashboards.timeline.windows import Window
from apps.tapers.models import PlanVersion, TaperStep


@dataclass(frozen=True, slots=True)
class Standing:
    doses: tuple[str, ...]
    """Prescribed then, by each route; empty: no plan said anything."""
    version: PlanVersion | None
    """In force then."""
    next_change_at: datetime | None
    """Of what is prescribed; it comes by itself."""
    waits: TaperStep | None
    """The next step that somebody has to release."""
    is_waiting: bool
    """Its time had come."""
    watched_until: datetime | None
    refill_due_on: date | None


def standing_of(facts: TimelineFacts, windows: Sequence[Window]) -> Standing:
    at = facts.known_at
    now = [one for one in facts.stretches if one.covers(at)]
    in_force = [version for version in facts.versions if version.effective_at <= at]
    moments = (moment for one in facts.stretches for moment in (one.starts_at, one.ends_at) if moment is not None)
    waits = facts.foreseen[0] if facts.foreseen and now else None
    window = next((one for one in windows if one.holds(at)), None)
    return Standing(
        doses=tuple(dose_words(one.route, one.daily_dose) for one in now),
        version=in_force[-1] if in_force and now else None,
        next_change_at=min((moment for moment in moments if moment > at), default=None),
        waits=waits,
        is_waiting=waits is not None and waits.starts_at <= at,
        watched_until=window.ends if window else None,
        refill_due_on=facts.pump_dates.refill_due_on if facts.pump_dates else None,
    )
