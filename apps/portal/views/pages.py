"""Today, and whom a carer cares for."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.monitoring.clock import log_asked
from apps.patients.models import Patient
from apps.portal.doses import dose_strip, next_due
from apps.portal.people import for_one_person, page, people_of
from apps.portal.selectors import alert_status, last_log
from apps.tapers.selectors import last_taken, plan_at


@never_cache
@require_GET
@for_one_person
def today(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    strip = dose_strip(patient, at)
    shown = (
        page(request, patient)
        | alert_status(patient)
        | {
            "here": "today",
            "now": at,
            "plan": plan_at(patient, at),
            "doses": strip,
            "next_due": next_due(strip, at),
            "last_taken": last_taken(patient, at),
            "last_log": last_log(patient),
            "log_asked": log_asked(patient, at),
        }
    )
    return render(request, "portal/today.html", shown)


@never_cache
@require_GET
@login_required
def people(request: HttpRequest) -> HttpResponse:
    """A carer with one person goes straight to them; with more, or none, sees the list."""
    found = list(people_of(request.user))  # type: ignore[arg-type]
    if len(found) == 1 and "choose" not in request.GET:
        return redirect("portal:person-today", found[0].pk)
    return render(request, "portal/people.html", {"people": found})
