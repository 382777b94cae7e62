"""Rows of what happened to plan, pump, supply and clock."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from apps.core.days import day_bounds
from apps.dashboards.timeline.reading import KnownEvent, TimelineFacts
from apps.dashboards.timeline.shapes import Mark, Row, Span
from apps.tapers.models import PlanVersion, PumpEvent, SupplyEvent

ALARMING = frozenset(
    {
        PumpEvent.Kind.STOPPED,
        PumpEvent.Kind.DELIVERY_LOST,
        PumpEvent.Kind.ALARM,
        PumpEvent.Kind.CATHETER,
        PumpEvent.Kind.REMOVED,
        PumpEvent.Kind.REFILL_MISSED,
        PumpEvent.Kind.REFILL_FAILED,
    }
)


def supply_rows(facts: TimelineFacts) -> tuple[Row, ...]:
    pump = [known for known in facts.events if isinstance(known.event, PumpEvent)]
    supply = [known for known in facts.events if isinstance(known.event, SupplyEvent)]
    rows = [
        Row(
            _("Plan"),
            marks=tuple(
                _version_mark(version) for version in facts.versions if facts.axis.holds(version.effective_at)
            ),
        ),
        Row(_("Pump"), spans=_spans(pump, facts), marks=(*_event_marks(pump, facts), *_refill(facts))),
        Row(_("Supply"), spans=_spans(supply, facts), marks=_event_marks(supply, facts)),
        Row(
            _("Clock"),
            marks=tuple(
                Mark(change.from_at, "⇄", change.zone, "odd")
                for change in facts.zone_changes
                if facts.axis.holds(change.from_at)
            ),
        ),
    ]
    return tuple(row for row in rows if row.spans or row.marks)


def _version_mark(version: PlanVersion) -> Mark:
    return Mark(version.effective_at, "▸", str(version.get_kind_display()))


def _spans(events: Iterable[KnownEvent], facts: TimelineFacts) -> tuple[Span, ...]:
    """What lasts: an alarming event until it was mended, as far as was known."""
    found = []
    for known in events:
        lasts = known.ended_at is not None or known.event.kind in ALARMING
        begins = max(known.event.occurred_at, facts.axis.since)
        ends = min(known.ended_at or facts.known_at, facts.axis.until)
        if lasts and begins < ends:
            found.append(Span(begins, ends, event_words(known), _event_tone(known)))
    return tuple(found)


def _event_marks(events: Iterable[KnownEvent], facts: TimelineFacts) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            known.event.occurred_at,
            "▲" if known.event.kind in ALARMING else "●",
            event_words(known),
            _event_tone(known),
        )
        for known in events
        if facts.axis.holds(known.event.occurred_at)
    )


def _event_tone(known: KnownEvent) -> str:
    return "bad" if known.event.kind in ALARMING or known.event.kind == SupplyEvent.Kind.STOPPED else "odd"


def event_words(known: KnownEvent) -> str:
    event = known.event
    words = str(event.get_kind_display())
    if isinstance(event, PumpEvent) and event.tone:
        words += f", {event.get_tone_display()}"
    if isinstance(event, PumpEvent) and event.reservoir_ml is not None:
        words += f", {event.reservoir_ml.normalize():f} mL"
    return words


def _refill(facts: TimelineFacts) -> tuple[Mark, ...]:
    told = facts.pump_dates
    if told is None or told.refill_due_on is None:
        return ()
    at = day_bounds(told.refill_due_on, facts.axis.zone)[0]
    return (Mark(at, "◇", _("refill due")),) if facts.axis.holds(at) else ()
