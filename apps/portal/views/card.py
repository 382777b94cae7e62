"""“Do not stop my baclofen suddenly”: a card for travel and theatre, in two languages, on the phone or printed."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from apps.patients.models import Patient
from apps.portal.people import for_one_person, page
from apps.tapers.selectors import plan_at


@never_cache
@require_GET
@for_one_person
def card(request: HttpRequest, patient: Patient) -> HttpResponse:
    """`with`: the second language. `dose`: the person chose to have the prescribed dose on it."""
    at = timezone.now()
    known = dict(settings.LANGUAGES)
    own = (get_language() or "en").split("-")[0]
    wanted = request.GET.get("with", "")
    second = wanted if wanted in known and wanted != own else next(code for code in known if code != own)
    languages = [(code, translation.get_language_info(code)) for code in (own, second)]
    plan = plan_at(patient, at)
    shown = page(request, patient) | {
        "here": "plan",
        "now": at,
        "languages": languages,
        "choices": [(code, translation.get_language_info(code)["name_local"]) for code in known if code != own],
        "second": second,
        "daily_doses": dict(plan.daily_doses) if plan and request.GET.get("dose") == "yes" else {},
        "shows_dose": request.GET.get("dose") == "yes",
        "routes": tuple(plan.daily_doses) if plan else (("intrathecal",) if patient.has_pump else ()),
    }
    return render(request, "portal/card.html", shown)
