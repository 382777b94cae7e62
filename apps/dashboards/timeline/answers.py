"""Lanes of alerts, with who did what, and of notes."""

from collections.abc import Sequence

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from apps.alerts.models import AlertEvent, Level
from apps.dashboards.timeline.reading import TimelineFacts
from apps.dashboards.timeline.shapes import Mark, Row, Rows, Span
from apps.dashboards.timeline.stories import Held, Story
from apps.dashboards.timeline.symptoms import counted
from apps.dashboards.wording import pattern_label

TONES = {Level.WATCH: "watch", Level.URGENT: "urgent", Level.EMERGENCY: "emergency"}
GLYPHS = {
    AlertEvent.Kind.OPENED: "▲",
    AlertEvent.Kind.WORSENED: "▲",
    AlertEvent.Kind.ACKNOWLEDGED: "✓",
    AlertEvent.Kind.PASSED_ON: "→",
    AlertEvent.Kind.DECLINED: "✕",
    AlertEvent.Kind.RELEASED: "↩",
    AlertEvent.Kind.ESCALATED: "↑",
    AlertEvent.Kind.RESOLVED: "■",
}
"""The steps that are marked in an alert's bar; all of them stand in the table."""
WORDS_OF_A_NOTE = 40


def alert_panel(facts: TimelineFacts, stories: Sequence[Story]) -> Rows | None:
    """A row for each pattern, most urgent first; of one pattern only one alert is open at a time."""
    shown = [story for story in stories if story.ends > facts.axis.since]
    by_pattern: dict[str, list[Story]] = {}
    for story in sorted(shown, key=lambda one: -max(held.level for held in one.held)):
        by_pattern.setdefault(story.alert.pattern, []).append(story)
    rows = tuple(
        Row(
            pattern_label(pattern, those[0].alert.catalogue_version),
            spans=tuple(span for story in those for span in _spans(story, facts)),
            marks=tuple(mark for story in those for mark in _marks(story, facts)),
        )
        for pattern, those in by_pattern.items()
    )
    return Rows("alerts", _("Alerts"), rows) if rows else None


def _spans(story: Story, facts: TimelineFacts) -> list[Span]:
    clipped = ((max(held.begins, facts.axis.since), min(held.ends, facts.axis.until), held) for held in story.held)
    return [Span(begins, ends, held_words(held), _tone(held)) for begins, ends, held in clipped if begins < ends]


def held_words(held: Held) -> str:
    who = held.owner or (_("silenced") if held.is_silent else _("nobody"))
    return f"{Level(held.level).label}: {who}"


def _tone(held: Held) -> str:
    """Hollow while nobody has it, so that it shows without colour too."""
    return TONES[Level(held.level)] + ("" if held.owner or held.is_silent else "-open")


def _marks(story: Story, facts: TimelineFacts) -> list[Mark]:
    found = []
    for event in story.events:
        if event.kind in GLYPHS and facts.axis.holds(event.at):
            words = story.outcome if event.kind == AlertEvent.Kind.RESOLVED else ""
            found.append(Mark(event.at, GLYPHS[AlertEvent.Kind(event.kind)], words, "answer"))
    return found


def note_panel(facts: TimelineFacts, stories: Sequence[Story]) -> Rows | None:
    logged = [
        Mark(known.log.observed_at, "✎", _short(known.log.note)) for known in counted(facts) if known.log.note
    ]
    answered = [
        Mark(event.at, "✎", _short(event.note))
        for story in stories
        for event in story.events
        if event.kind == AlertEvent.Kind.NOTED and facts.axis.holds(event.at)
    ]
    rows = [
        Row(label, marks=tuple(sorted(marks, key=lambda mark: mark.at)))
        for label, marks in ((_("Of logs"), logged), (_("Of alerts"), answered))
        if marks
    ]
    return Rows("notes", _("Notes"), tuple(rows)) if rows else None


def _short(note: str) -> str:
    return Truncator(" ".join(note.split())).chars(WORDS_OF_A_NOTE)
