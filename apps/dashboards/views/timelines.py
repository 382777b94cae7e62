"""Everything about one patient on one time axis, as it is known now or was known at any moment."""

from bisect import bisect_right
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.assessments.active import active_version
from apps.dashboards.access import find_patient, for_staff
from apps.dashboards.plan_door import in_time_of_patient, show
from apps.dashboards.timeline.forms import PERIODS, TimelineForm
from apps.dashboards.timeline.moments import known_moments
from apps.dashboards.timeline.page import timeline_page

IN_AN_ADDRESS = "%Y-%m-%dT%H:%MZ"
"""As universal time: by a clock that goes back, a moment would have to be asked for again."""
SLID_BACK = timedelta(days=90)
"""How far before what is shown the slider reaches; the field reaches any moment."""


@require_GET
@for_staff
def timeline(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        form = TimelineForm(request.GET)
    wanted: datetime | None = form.cleaned_data.get("known_at")
    known_at = min(wanted or at, at)
    page = timeline_page(patient, period=form.chosen, known_at=known_at, catalogue_version=active_version())
    stops = known_moments(patient, page.axis.since - SLID_BACK, at)
    place = bisect_right(stops, known_at)
    # By the clock that was known of then, as the lanes are.
    with timezone.override(ZoneInfo(page.axis.zone)):
        shown = {
            "page": page,
            "form": form,
            "periods": PERIODS,
            "is_then": known_at < at,
            "stops": [{"value": stop.strftime(IN_AN_ADDRESS), "label": _label(stop)} for stop in stops],
            "place": max(place - 1, 0) if known_at < at else len(stops),
            "earlier": next((stop for stop in reversed(stops[:place]) if stop < known_at), None),
            "later": stops[place] if place < len(stops) else None,
        }
        return show(request, user, patient, "dashboards/timeline.html", at, shown)


def _label(stop: datetime) -> str:
    return date_format(timezone.localtime(stop), "D j M Y, H:i")
