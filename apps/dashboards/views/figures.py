"""Is it any good: how fast alerts are answered on a ward, how often they were true, what was missed. Each figure
opens to the rows it was counted from; those are also there as CSV."""

import csv
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.dashboards.access import find_ward, for_staff, in_time_of
from apps.dashboards.figures import counting
from apps.dashboards.figures.reading import AlertRow, Period, read_period
from apps.dashboards.record import remember_board_view
from apps.dashboards.wording import pattern_label
from apps.patients.models import Patient

PERIODS = (7, 30, 90)
Table = tuple[list[str], list[tuple[UUID | None, list[str]]]]
"""Heads, and rows: (the alert to open, or None; the cells)."""


@require_GET
@for_staff
def figures(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    days = _days(request)
    period = read_period(ward, at - timedelta(days=days), at)
    shown = {
        "ward": ward,
        "days": days,
        "choices": PERIODS,
        "period": period,
        "to_take": counting.delays_to_take(period),
        "to_close": counting.delays_to_close(period),
        "rates": counting.rates(period),
        "worths": counting.worths(period),
        "completion": counting.completion(period),
        "seconds": counting.median_seconds(period),
        "too_few": counting.TOO_FEW,
        "now": at,
    }
    with in_time_of(ward):
        return render(request, "dashboards/figures.html", shown)


@require_GET
@for_staff
def figure_rows(request: HttpRequest, user: User, ward_id: UUID, key: str) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    days = _days(request)
    period = read_period(ward, at - timedelta(days=days), at)
    with in_time_of(ward):
        heads, rows = _table(period, key)
        told_of = {alert.patient_id for alert in period.alerts} | {one.patient_id for one in period.missed}
        told_of |= {day.patient_id for day in period.days}
        remember_board_view(user, ward, told_of, at)
        if request.GET.get("format") == "csv":
            return _csv(key, heads, rows)
        may_open = set(
            Alert.objects.filter(
                pk__in=[alert for alert, _cells in rows if alert], patient__in=Patient.objects.visible_to(user)
            ).values_list("pk", flat=True)
        )
        shown = {
            "ward": ward,
            "key": key,
            "days": days,
            "heads": heads,
            "rows": [(alert if alert in may_open else None, cells) for alert, cells in rows],
            "now": at,
        }
        return render(request, "dashboards/figure_rows.html", shown)


def _days(request: HttpRequest) -> int:
    told = request.GET.get("days", "")
    return int(told) if told in {str(one) for one in PERIODS} else PERIODS[1]


def _table(period: Period, key: str) -> Table:
    if key == "missed":
        heads = [_("Patient"), _("Baclofen given back"), _("What was done"), _("Reason")]
        return heads, [(None, [one.patient, _clock(one.at), one.kind, one.reason]) for one in period.missed]
    if key == "days":
        heads = [_("Patient"), _("Day"), _("Logs")]
        return heads, [(None, [one.patient, f"{one.day}", str(one.logs)]) for one in counting.day_rows(period)]
    rows = counting.alert_rows(period, key)
    if rows is None:
        raise Http404
    heads = [_("Raised"), _("Patient"), _("Pattern"), _("Level"), _("Taken"), _("Closed")]
    heads += [_("What became of it"), _("Rules")]
    return heads, [(row.id, _cells(row)) for row in rows]


def _cells(row: AlertRow) -> list[str]:
    return [
        _clock(row.opened_at),
        row.patient,
        pattern_label(row.pattern, row.catalogue_version),
        str(Level(row.level).label),
        _clock(row.taken_at),
        _clock(row.closed_at),
        str(Alert.Outcome(row.outcome).label) if row.outcome else "",
        ", ".join(row.rules),
    ]


def _clock(moment: datetime | None) -> str:
    """Sorted as text it is sorted in time."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


def _csv(key: str, heads: list[str], rows: list[tuple[Any, list[str]]]) -> HttpResponse:
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{key}.csv"'
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow(heads)
    writer.writerows([_harmless(cell) for cell in cells] for _alert, cells in rows)
    return answer


def _harmless(cell: str) -> str:
    """A spreadsheet takes a cell that begins so for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
