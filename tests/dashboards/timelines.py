"""How the tests look at a timeline."""

from datetime import datetime
from typing import Any

from apps.alerts.models import Alert, AlertEvent
from apps.dashboards.timeline.axis import Period
from apps.dashboards.timeline.page import TimelinePage, timeline_page
from apps.dashboards.timeline.shapes import Curves, Row, Rows
from apps.patients.models import Patient
from tests.factories import CATALOGUE, NOON, AlertFactory


def look(patient: Patient, period: Period = Period.DAYS, known_at: datetime = NOON) -> TimelinePage:
    return timeline_page(patient, period=period, known_at=known_at, catalogue_version=CATALOGUE)


def panel(page: TimelinePage, key: str) -> Any:
    return next((one for one in page.panels if one.key == key), None)


def row(page: TimelinePage, key: str, label: str) -> Row:
    found: Rows = panel(page, key)
    return next(one for one in found.rows if one.label == label)


def curve(page: TimelinePage, key: str, label: str) -> Any:
    found: Curves = panel(page, key)
    return next(one for one in found.curves if one.label == label)


def printed(one: Row) -> list[str]:
    return [cell.text for cell in one.cells]


def words(page: TimelinePage, kind: str | None = None) -> list[str]:
    return [line.text for line in page.lines if kind is None or line.kind == kind]


def happened(alert: Alert, *steps: tuple[Any, ...]) -> None:
    """(kind, at, by, level, note) of each; what is left out is nobody, the alert's level, nothing."""
    for kind, at, *more in steps:
        by, level, note = [*more, *[None, None, ""][len(more) :]]
        AlertEvent.objects.create(
            alert=alert, kind=kind, at=at, by=by, level=level or alert.level, note=note or ""
        )


def an_alert(patient: Patient, opened_at: datetime, **given: Any) -> Alert:
    return AlertFactory(patient=patient, opened_at=opened_at, log=None, **given)
