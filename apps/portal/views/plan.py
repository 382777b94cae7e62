"""The prescribed plan, shown back to the person it is for."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.core.days import local_day
from apps.patients.models import Patient
from apps.portal.my_plan import month_asked, month_of, stretches_from
from apps.portal.people import for_one_person, page, ward_of
from apps.tapers.models import TaperPlan
from apps.tapers.selectors import last_taken, plan_at
from apps.wards.texts import missed_dose_text


@never_cache
@require_GET
@for_one_person
def my_plan(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    month = month_asked(request.GET.get("month", ""), local_day(at, patient.time_zone))
    plan = plan_at(patient, at)
    shown = page(request, patient) | {
        "here": "plan",
        "now": at,
        "plan": plan,
        "has_ended": plan is None and TaperPlan.objects.filter(patient=patient).exists(),
        "month": month,
        "month_before": month - timedelta(days=1),
        "month_after": month + timedelta(days=31),
        "weeks": month_of(patient, month, at) if plan else [],
        "stretches": stretches_from(patient, at) if plan else [],
        "last_taken": last_taken(patient, at),
        "missed_dose": missed_dose_text(ward_of(patient), get_language() or "en"),
    }
    return render(request, "portal/plan.html", shown)
