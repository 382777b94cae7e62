"""The timeline of one patient as a page shows it: lanes to be drawn and lines for the table, of one reading."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from apps.dashboards.timeline.answers import alert_panel, note_panel
from apps.dashboards.timeline.axis import Axis, Period
from apps.dashboards.timeline.doses import dose_panels, told_doses
from apps.dashboards.timeline.reading import TimelineFacts, read_timeline
from apps.dashboards.timeline.shapes import Panel
from apps.dashboards.timeline.standing import Standing, standing_of
from apps.dashboards.timeline.stories import story_of
from apps.dashboards.timeline.symptoms import heat_rows, vital_panels
from apps.dashboards.timeline.table import Line, table_lines
from apps.dashboards.timeline.windows import Gap, Recovery, Window, gaps, recoveries, watch_panel, watch_windows
from apps.patients.models import Patient


@dataclass(frozen=True, slots=True)
class TimelinePage:
    axis: Axis
    known_at: datetime
    panels: tuple[Panel, ...]
    lines: tuple[Line, ...]
    windows: tuple[Window, ...]
    recoveries: tuple[Recovery, ...]
    gaps: tuple[Gap, ...]
    never_there: tuple[str, ...]
    standing: Standing

    @property
    def drawing(self) -> dict[str, Any]:
        """For the script: instants as seconds since the epoch."""
        return {
            "since": seconds(self.axis.since),
            "until": seconds(self.axis.until),
            "now": seconds(self.known_at),
            "bins": len(self.axis.bins),
            "ticks": as_json(self.axis.ticks),
            "clockChanges": as_json(self.axis.clock_changes),
            "windows": [{"begins": seconds(one.begins), "ends": seconds(one.ends)} for one in self.windows],
            "recoveries": [
                {"begins": seconds(one.begins), "ends": seconds(one.ends), "checks": as_json(one.checks)}
                for one in self.recoveries
            ],
            "gaps": as_json(self.gaps),
            "panels": as_json(self.panels),
        }


def timeline_page(patient: Patient, *, period: Period, known_at: datetime, catalogue_version: str) -> TimelinePage:
    """What was known at `known_at`. A fixed number of statements."""
    return page_of(read_timeline(patient, period=period, known_at=known_at), catalogue_version)


def page_of(facts: TimelineFacts, catalogue_version: str) -> TimelinePage:
    told = told_doses(facts)
    stories = tuple(story_of(known, facts.known_at) for known in facts.alerts)
    windows = watch_windows(facts)
    checks = recoveries(facts)
    silent = gaps(facts, windows, stories)
    heat = heat_rows(facts, catalogue_version)
    panels = (
        *dose_panels(facts, told),
        watch_panel(windows, checks, facts.axis),
        alert_panel(facts, stories),
        heat.panel,
        *vital_panels(facts, silent, catalogue_version),
        note_panel(facts, stories),
    )
    return TimelinePage(
        axis=facts.axis,
        known_at=facts.known_at,
        panels=tuple(panel for panel in panels if panel is not None),
        lines=table_lines(facts, told, stories, windows, checks, silent),
        windows=windows,
        recoveries=checks,
        gaps=silent,
        never_there=heat.never_there,
        standing=standing_of(facts, windows),
    )


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return seconds(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, (tuple, list)):
        return [as_json(one) for one in value]
    if isinstance(value, Mapping):
        return {key: as_json(one) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return value
