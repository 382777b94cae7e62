"""A summary to print and take along: one page of A4."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.core.days import local_day
from apps.patients.models import Patient
from apps.portal.fortnight import fortnight
from apps.portal.my_plan import stretches_from
from apps.portal.people import for_one_person, page
from apps.portal.selectors import last_log
from apps.portal.summary import last_doses, one_page
from apps.tapers.selectors import plan_at


@never_cache
@require_GET
@for_one_person
def summary(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    found = fortnight(patient, at)
    plan = plan_at(patient, at)
    shown = page(request, patient) | {
        "here": "history",
        "now": at,
        "today": local_day(at, patient.time_zone),
        "plan": plan,
        "stretches": [one for one in stretches_from(patient, at) if one.is_now] if plan else [],
        "doses": last_doses(patient, at),
        "last_log": last_log(patient),
        "fortnight": found,
        "page": one_page(found, from_right=get_language_bidi()),
    }
    return render(request, "portal/summary.html", shown)
