"""The patient has travelled: doses are due by the clock of where they are."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.core.errors import DomainError
from apps.monitoring.supply_intake import submit_time_zone
from apps.patients.models import Patient
from apps.portal.forms.zone import ZoneForm
from apps.portal.people import for_one_person, my_address, page, user_of


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def change_zone(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    form = ZoneForm(request.POST if request.method == "POST" else None, current=patient.time_zone)
    if form.is_bound and form.is_valid():
        try:
            submit_time_zone(patient=patient, zone=form.cleaned_data["zone"], by=user_of(request), at=at)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("From now on the times here are those of where you are."))
            return redirect(my_address(request, patient, "today"))
    shown = page(request, patient) | {"form": form, "now": at}
    return render(request, "portal/zone.html", shown, status=422 if form.errors else 200)
