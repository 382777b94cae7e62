"""Telling the ward what was noticed of the pump."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.core.errors import DomainError
from apps.monitoring.intake import submit_pump_event
from apps.patients.models import Patient
from apps.portal.forms.pump import PumpForm
from apps.portal.people import for_one_person, my_address, page, user_of
from apps.tapers.models import PumpEvent


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def report_pump(request: HttpRequest, patient: Patient) -> HttpResponse:
    if not patient.has_pump:
        raise Http404
    at = timezone.now()
    sent = request.POST if request.method == "POST" else None
    form = PumpForm(sent, at=at, zone=patient.time_zone)
    if form.is_bound and form.is_valid() and hand_over(request, patient, form):
        messages.success(request, _("The ward has this now."))
        return redirect(my_address(request, patient, "today"))
    shown = page(request, patient) | {"form": form, "now": at}
    return render(request, "portal/pump.html", shown, status=422 if form.errors else 200)


def hand_over(request: HttpRequest, patient: Patient, form: PumpForm) -> bool:
    given = form.cleaned_data
    if PumpEvent.objects.filter(patient=patient, client_id=given["client_id"]).exists():
        return True  # a second tap on the button: it is stored already
    try:
        submit_pump_event(
            patient=patient,
            by=user_of(request),
            at=form.at,
            kind=given["kind"],
            occurred_at=given["moment"],
            tone=given["tone"],
            client_id=given["client_id"],
        )
    except DomainError as refusal:
        form.add_refusal(refusal)
        return False
    return True
