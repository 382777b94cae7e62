"""The patient's calendar address: made and taken back on a page, read by calendar programs without a sign-in."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.patients.calendar_links import find_link, link_of, make_link, revoke_link
from apps.patients.models import Patient
from apps.portal.calendar import feed
from apps.portal.people import for_one_person, is_carer, my_address, page

ASKED_A_MINUTE = 30


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def calendar(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Only the patient decides over an address that needs no sign-in."""
    if is_carer(request, patient):
        raise Http404
    at = timezone.now()
    shown = page(request, patient) | {"here": "plan", "now": at}
    if request.method == "POST" and "revoke" in request.POST:
        revoke_link(patient=patient, at=at)
        messages.success(request, _("The address no longer works."))
        return redirect(my_address(request, patient, "calendar"))
    if request.method == "POST":
        token = make_link(
            patient=patient,
            shows_doses=request.POST.get("shows_doses") == "yes",
            language=get_language() or "en",
            at=at,
        )
        shown["address"] = request.build_absolute_uri(f"/my/calendar/{token}.ics")
    return render(request, "portal/calendar.html", shown | {"link": link_of(patient)})


@require_GET
def read_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs. Whoever guesses is slowed down; what was revoked is not there."""
    key = f"calendar:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, timeout=60)
    if cache.incr(key) > ASKED_A_MINUTE:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": "60"})
    link = find_link(token)
    if link is None:
        raise Http404
    language = link.language if link.language in dict(settings.LANGUAGES) else "en"
    with translation.override(language):
        body = feed(link, timezone.now())
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Cache-Control": "private, no-store",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",
        },
    )
