"""My last 14 days, on the screen and on one printed page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.patients.models import Patient
from apps.portal.fortnight import fortnight
from apps.portal.people import for_one_person, page, user_of
from apps.portal.selectors import history
from apps.portal.strips import picture


@never_cache
@require_GET
@for_one_person
def last_days(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    found = fortnight(patient, at)
    shown = page(request, patient) | {
        "here": "history",
        "days": history(patient, viewer_id=user_of(request).pk, at=at),
        "fortnight": found,
        "picture": picture(found, from_right=get_language_bidi()),
        "now": at,
    }
    return render(request, "portal/history.html", shown)
