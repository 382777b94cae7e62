from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.assessments.active import active_version
from apps.dashboards.access import find_patient, for_staff, in_time_of, stay_of
from apps.dashboards.patient_page import patient_page
from apps.dashboards.record import remember_patient_view
from apps.dashboards.standing_of_supply import standing_of_supply
from apps.reminders.selectors import standing_of_reminders
from apps.tapers.selectors import open_proposals


@require_GET
@for_staff
def patient(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    found = find_patient(user, patient_id)
    at = timezone.now()
    stay = stay_of(found)
    remember_patient_view(request, user, found, subject=found, at=at)
    context = {
        "page": patient_page(found, catalogue_version=active_version(), at=at),
        "patient": found,
        "proposals": open_proposals(found),
        "supply": standing_of_supply(found, at),
        "reminders": standing_of_reminders(found, at),
        "stay": stay,
        "ward": stay.ward,
        "now": at,
    }
    with in_time_of(stay.ward):
        return render(request, "dashboards/patient.html", context)
