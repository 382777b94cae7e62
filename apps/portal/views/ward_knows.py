"""What the ward knows: reports received and seen, what is being looked at, who may look, which plan holds."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.patients.models import Patient
from apps.portal.people import for_one_person, page, user_of
from apps.portal.selectors import alert_status
from apps.portal.ward_knows import carers_with_access, reports_known
from apps.tapers.selectors import last_taken, plan_at


@never_cache
@require_GET
@for_one_person
def ward_knows(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    shown = page(request, patient) | alert_status(patient)
    shown |= {
        "here": "history",
        "now": at,
        "reports": reports_known(patient, at),
        "carers": carers_with_access(patient, user_of(request)),
        "plan": plan_at(patient, at),
        "last_taken": last_taken(patient, at),
    }
    return render(request, "portal/ward_knows.html", shown)
