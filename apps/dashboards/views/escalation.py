"""Was everybody called who should have been: a ward's last days, looked at afterwards."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.alerts.escalation_audit import find_missed
from apps.alerts.models import Alert
from apps.dashboards.access import find_ward, for_staff, in_time_of
from apps.dashboards.record import remember_board_view
from apps.dashboards.wording import pattern_label
from apps.patients.models import Patient

DAYS = (1, 7, 30)


@require_GET
@for_staff
def escalation(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    told = request.GET.get("days", "")
    days = int(told) if told in {str(one) for one in DAYS} else DAYS[0]
    since = at - timedelta(days=days)
    missed = find_missed(since, at, ward)
    alerts = Alert.objects.select_related("patient").in_bulk({one.alert_id for one in missed})
    seen = set(
        Patient.objects.visible_to(user)
        .filter(pk__in=[one.patient_id for one in alerts.values()])
        .values_list("pk", flat=True)
    )
    lines = [
        {
            "missed": one,
            "alert": alerts[one.alert_id],
            "pattern": pattern_label(alerts[one.alert_id].pattern, alerts[one.alert_id].catalogue_version),
            "may_open": alerts[one.alert_id].patient_id in seen,
        }
        for one in missed
    ]
    remember_board_view(user, ward, seen, at)
    shown = {
        "ward": ward,
        "lines": lines,
        "days": days,
        "choices": DAYS,
        "since": at - timedelta(days=days),
        "now": at,
    }
    with in_time_of(ward):
        return render(request, "dashboards/escalation.html", shown)
