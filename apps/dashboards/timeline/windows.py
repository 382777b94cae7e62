"""When somebody had to look harder, and when nobody said anything: watch windows, recovery checks, gaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.core.days import from_t, to_t
from apps.dashboards.timeline.axis import Axis
from apps.dashboards.timeline.reading import RUN_UP, TimelineFacts
from apps.dashboards.timeline.shapes import Mark, Row, Rows, Span
from apps.dashboards.timeline.stories import Story, highest_open
from apps.dashboards.wording import plain
from apps.monitoring.recovery import CHECKS
from apps.monitoring.silence import GRACE_STEADY, GRACE_WATCHED, Hearing, hours_between_logs
from apps.monitoring.watch_windows import OPENING, WINDOW_HOURS
from apps.tapers.models import Dose, PlanVersion, SupplyEvent
from apps.tapers.timeline import changes

WINDOW = timedelta(hours=WINDOW_HOURS)
MISSED_DOSE = "missed_dose"


@dataclass(frozen=True, slots=True)
class Opening:
    at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Window:
    begins: datetime
    ends: datetime
    kinds: tuple[str, ...]
    """Every kind of change that opened it or kept it open, in order."""

    def holds(self, at: datetime) -> bool:
        return self.begins <= at < self.ends


@dataclass(frozen=True, slots=True)
class Recovery:
    """Baclofen was given again, and is asked after at these moments."""

    begins: datetime
    checks: tuple[datetime, ...]

    @property
    def ends(self) -> datetime:
        return self.checks[-1]


@dataclass(frozen=True, slots=True)
class Gap:
    """No log, though one was due: nobody knows how it was."""

    begins: datetime
    ends: datetime


def watch_windows(facts: TimelineFacts) -> tuple[Window, ...]:
    """Those opened by what had happened by then; what is ahead opens none yet."""
    openings = sorted(_openings(facts), key=lambda one: (one.at, one.kind))
    return _on_axis(_joined(openings), facts)


def _openings(facts: TimelineFacts) -> Iterable[Opening]:
    for change in changes(facts.stretches, facts.known_at):
        if change.kind in OPENING:
            yield Opening(from_t(change.t), change.kind)
    for known in facts.events:
        kind = MISSED_DOSE if known.event.kind == SupplyEvent.Kind.MISSED else str(known.event.kind)
        if kind in OPENING and known.event.occurred_at <= facts.known_at:
            yield Opening(known.event.occurred_at, kind)
    for dose in facts.doses:
        if dose.status == Dose.Status.MISSED and dose.due_at is not None:
            yield Opening(dose.due_at, MISSED_DOSE)


def _joined(openings: Iterable[Opening]) -> list[Window]:
    found: list[Window] = []
    for one in openings:
        if found and one.at <= found[-1].ends:
            last = found[-1]
            kinds = last.kinds if one.kind in last.kinds else (*last.kinds, one.kind)
            found[-1] = Window(last.begins, one.at + WINDOW, kinds)
        else:
            found.append(Window(one.at, one.at + WINDOW, (one.kind,)))
    return found


def _on_axis(windows: Sequence[Window], facts: TimelineFacts) -> tuple[Window, ...]:
    axis = facts.axis
    return tuple(one for one in windows if one.begins < axis.until and one.ends > axis.since)


def recoveries(facts: TimelineFacts) -> tuple[Recovery, ...]:
    ordered = {version.effective_at for version in facts.versions if version.kind == PlanVersion.Kind.REINSTATE}
    reported = {
        known.event.occurred_at for known in facts.events if known.event.kind == SupplyEvent.Kind.RESTARTED
    }
    given = sorted(moment for moment in ordered | reported if moment <= facts.known_at)
    found = (Recovery(at, tuple(at + check for check in CHECKS)) for at in given)
    return tuple(one for one in found if one.begins < facts.axis.until and one.ends > facts.axis.since)


def gaps(facts: TimelineFacts, windows: Sequence[Window], stories: Sequence[Story]) -> tuple[Gap, ...]:
    """By the rhythm that is asked for: from when a log was due to when one came, or to the moment looked at. A log
    that comes within its grace leaves none."""
    heard = [known.log.observed_at for known in facts.logs if known.corrected_at is None]
    moments = [at for at in heard if at >= facts.watched_since]
    edges = [max(facts.watched_since, facts.axis.since - RUN_UP), *moments]
    ends = [*moments, min(facts.known_at, facts.watched_until or facts.known_at)]
    found = []
    for begins, end in zip(edges, ends, strict=True):
        every, grace = _rhythm(begins, windows, stories)
        if end - begins > every + grace:
            found.append(Gap(max(begins + every, facts.axis.since), min(end, facts.axis.until)))
    return tuple(gap for gap in found if gap.begins < gap.ends)


def _rhythm(at: datetime, windows: Sequence[Window], stories: Sequence[Story]) -> tuple[timedelta, timedelta]:
    """(how often, how late it may be) from that log on."""
    in_window = any(window.holds(at) for window in windows)
    level = highest_open(stories, at)
    hearing = Hearing(to_t(at), has_log=True, in_window=in_window, in_peak=False, open_level=level)
    grace = GRACE_WATCHED if in_window or level else GRACE_STEADY
    return timedelta(hours=hours_between_logs(hearing)), timedelta(hours=grace)


def watch_panel(windows: Sequence[Window], checks: Sequence[Recovery], axis: Axis) -> Rows | None:
    """The shading in words."""
    spans = tuple(
        Span(max(one.begins, axis.since), min(one.ends, axis.until), because(one), "window") for one in windows
    )
    marks = tuple(
        Mark(at, "◆", _("%(hours)d h") % {"hours": (at - one.begins) // timedelta(hours=1)}, "recovery")
        for one in checks
        for at in one.checks
        if axis.holds(at)
    )
    rows = []
    if spans:
        rows.append(Row(_("72-hour watch"), spans=spans))
    if marks:
        rows.append(Row(_("Is it better?"), marks=marks))
    return Rows("watch", _("Watch windows"), tuple(rows)) if rows else None


def because(window: Window) -> str:
    return ", ".join(plain(kind) for kind in window.kinds)
