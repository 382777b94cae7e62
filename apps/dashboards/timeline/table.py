"""The same facts in words, one line each, by time: what is read without the drawing, and what the drawing's cursor
reads out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.alerts.models import AlertEvent, Level
from apps.dashboards.alert_page import readings_of
from apps.dashboards.timeline.answers import TONES
from apps.dashboards.timeline.doses import BAD, Told, dose_story, dose_words
from apps.dashboards.timeline.reading import KnownLog, TimelineFacts
from apps.dashboards.timeline.stories import Story
from apps.dashboards.timeline.supply import event_words
from apps.dashboards.timeline.symptoms import is_late
from apps.dashboards.timeline.windows import Gap, Recovery, Window, because
from apps.dashboards.wording import Answered, answers_of, pattern_label
from apps.symptoms.models import Reporter
from apps.tapers.models import Dose, Route


class Kind(StrEnum):
    PLAN = "plan"
    DOSE = "dose"
    SUPPLY = "supply"
    LOG = "log"
    ALERT = "alert"
    WINDOW = "window"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    kind: Kind
    text: str
    who: str = ""
    known_at: datetime | None = None
    """When it came in, where that was later."""
    note: str = ""
    tone: str = ""
    alert_id: UUID | None = None
    is_struck: bool = False
    """Corrected since: it no longer counts."""
    clock: str = ""
    """Summer or winter time, where the clock shows this time twice."""


def table_lines(
    facts: TimelineFacts,
    told: Sequence[Told],
    stories: Sequence[Story],
    windows: Sequence[Window],
    recoveries: Sequence[Recovery],
    gaps: Sequence[Gap],
) -> tuple[Line, ...]:
    """Oldest first."""
    lines = [
        *_plan_lines(facts),
        *_dose_lines(facts, told),
        *_supply_lines(facts),
        *(_log_line(known) for known in facts.logs),
        *_alert_lines(stories),
        *_window_lines(windows, recoveries),
        *_gap_lines(gaps),
    ]
    shown = (_with_clock(line, ZoneInfo(facts.axis.zone)) for line in lines if facts.axis.holds(line.at))
    return tuple(sorted(shown, key=lambda line: line.at))


def _with_clock(line: Line, zone: ZoneInfo) -> Line:
    there = line.at.astimezone(zone)
    if there.replace(fold=0).utcoffset() == there.replace(fold=1).utcoffset():
        return line
    return replace(line, clock=there.tzname() or "")


def _plan_lines(facts: TimelineFacts) -> Iterator[Line]:
    for version in facts.versions:
        later = version.recorded_at if version.recorded_at > version.effective_at else None
        words = _("version %(number)d: %(kind)s") % {"number": version.number, "kind": version.get_kind_display()}
        yield Line(version.effective_at, Kind.PLAN, words, str(version.author or ""), later, version.reason)
    for stretch in facts.stretches:
        yield Line(stretch.starts_at, Kind.PLAN, dose_words(stretch.route, stretch.daily_dose))
        if stretch.ends_at is not None and not any(
            other.route == stretch.route and other.starts_at == stretch.ends_at for other in facts.stretches
        ):
            # A closed plan says nothing of what is taken since.
            words = _("the plan was closed") if stretch.is_cut_by_closing else _("no dose is prescribed any more")
            yield Line(stretch.ends_at, Kind.PLAN, words)
    for step in facts.foreseen:
        words = dose_words(step.route, step.daily_dose)
        yield Line(step.starts_at, Kind.PLAN, _("foreseen, waits to be released: %(dose)s") % {"dose": words})


def _dose_lines(facts: TimelineFacts, told: Sequence[Told]) -> Iterator[Line]:
    for one in told:
        later = one.dose.recorded_at if one.dose and one.dose.recorded_at > one.when else None
        tone = "bad" if one.deviation in BAD else ""
        yield Line(one.when, Kind.DOSE, dose_story(one), _teller(one.dose), later, tone=tone)
    for dose in facts.doses:
        if dose.route == Route.INTRATHECAL:
            amount = f"{dose.amount.normalize():f} " if dose.amount is not None else ""
            words = _("by pump: %(status)s") % {"status": dose.get_status_display()}
            text = f"{words} {amount}".strip() + (" " + _("microgram") if amount else "")
            yield Line(dose.due_at or dose.taken_at or dose.recorded_at, Kind.DOSE, text, _teller(dose))


def _teller(dose: Dose | None) -> str:
    if dose is None:
        return ""
    if dose.reporter == Reporter.STAFF and dose.recorded_by:
        return str(dose.recorded_by)
    return str(Reporter(dose.reporter).label) if dose.reporter in Reporter.values else dose.reporter


def _supply_lines(facts: TimelineFacts) -> Iterator[Line]:
    for known in facts.events:
        event = known.event
        later = event.recorded_at if event.recorded_at > event.occurred_at else None
        who = str(event.recorded_by or "")
        yield Line(event.occurred_at, Kind.SUPPLY, event_words(known), who, later, event.note)
        if known.ended_at is not None and known.ended_at > event.occurred_at:
            words = _("over, or taken back: %(event)s") % {"event": event_words(known)}
            yield Line(known.ended_at, Kind.SUPPLY, words)
    for change in facts.zone_changes:
        yield Line(change.from_at, Kind.SUPPLY, _("lives by the clock of %(zone)s") % {"zone": change.zone})
    for clock in facts.axis.clock_changes:
        yield Line(clock.at, Kind.SUPPLY, clock.label)


def _log_line(known: KnownLog) -> Line:
    log = known.log
    answers = answers_of(log)
    there = [_answer_words(answer) for answer in answers if answer.is_there]
    without = [f"{answer.label}: {answer.words}" for answer in answers if not answer.has_answer]
    absent = sum(answer.has_answer and not answer.is_there for answer in answers)
    readings = [f"{label} {words}" for label, words in readings_of(log)]
    parts = [*there, *without, *readings]
    if absent:
        parts.append(_("%(count)d asked and not there") % {"count": absent})
    if known.corrected_at is not None:
        parts.insert(0, _("corrected since"))
    staff = log.reporter == Reporter.STAFF and log.recorded_by is not None
    return Line(
        at=log.observed_at,
        kind=Kind.LOG,
        text=" · ".join(parts),
        who=str(log.recorded_by) if staff else str(log.get_reporter_display()),
        known_at=log.recorded_at if is_late(known) else None,
        note=log.note,
        is_struck=known.corrected_at is not None,
    )


def _answer_words(answer: Answered) -> str:
    return f"{answer.label} {answer.grade if answer.grade is not None else answer.words}"


def _alert_lines(stories: Sequence[Story]) -> Iterator[Line]:
    for story in stories:
        pattern = pattern_label(story.alert.pattern, story.alert.catalogue_version)
        if not story.events:
            yield _alert_line(story, pattern, story.alert.opened_at, "", story.held[0].level)
        for event in story.events:
            words = str(event.get_kind_display())
            if event.kind == AlertEvent.Kind.RESOLVED:
                words = f"{words}: {story.outcome}"
            because = event.hits[0]["because"] if event.hits else ""
            line = _alert_line(story, f"{pattern}: {words}", event.at, str(event.by or ""), event.level)
            yield replace(line, note=event.note or because)


def _alert_line(story: Story, words: str, at: datetime, who: str, level: int) -> Line:
    text = f"{Level(level).label}, {words}"
    return Line(at, Kind.ALERT, text, who, tone=TONES[Level(level)], alert_id=story.alert.pk)


def _window_lines(windows: Sequence[Window], recoveries: Sequence[Recovery]) -> Iterator[Line]:
    for window in windows:
        words = _("72-hour watch window opens: %(why)s") % {"why": because(window)}
        yield Line(window.begins, Kind.WINDOW, words)
        yield Line(window.ends, Kind.WINDOW, _("watch window closes"))
    for recovery in recoveries:
        for at in recovery.checks:
            hours = int((at - recovery.begins).total_seconds() // 3600)
            words = _("%(hours)d hours after baclofen was given again: is it better?") % {"hours": hours}
            yield Line(at, Kind.WINDOW, words)


def _gap_lines(gaps: Sequence[Gap]) -> Iterator[Line]:
    for gap in gaps:
        hours = round((gap.ends - gap.begins).total_seconds() / 3600)
        words = _("no log for %(hours)d hours after one was due: nobody knows how it was") % {"hours": hours}
        yield Line(gap.begins, Kind.GAP, words, tone="gap")
