"""Telling the ward what became of a dose."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.core.errors import DomainError
from apps.monitoring.intake import submit_dose
from apps.patients.models import Patient
from apps.portal.doses import DoseRow, due_dose, taken_close_by
from apps.portal.forms.dose import DoseForm
from apps.portal.people import for_one_person, my_address, page, user_of, ward_of
from apps.tapers.models import Dose
from apps.wards.texts import missed_dose_text


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def report_dose(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    due = asked_dose(request, patient, at)
    form = DoseForm(
        request.POST if request.method == "POST" else None,
        initial={
            "route": due.route,
            "due": due.key,
            "seen": due.report.pk if due.report else None,
            "when": request.GET.get("what"),
        },
        at=at,
        zone=patient.time_zone,
        due_at=due.due_at,
    )
    if request.method == "POST" and form.is_valid() and hand_over(request, patient, form, due):
        messages.success(request, _("The ward has this now."))
        tell_what_to_do(request, patient, form)
        return redirect(my_address(request, patient, "today"))
    shown = page(request, patient) | {
        "form": form,
        "due": due,
        "now": at,
        "missed_dose": missed_dose_text(ward_of(patient), get_language() or "en"),
    }
    return render(request, "portal/dose.html", shown, status=422 if form.errors else 200)


def asked_dose(request: HttpRequest, patient: Patient, at: datetime) -> DoseRow:
    asked = request.POST if request.method == "POST" else request.GET
    due = due_dose(patient, asked.get("route", ""), asked.get("due", ""), at)
    if due is None:
        raise Http404
    return due


def hand_over(request: HttpRequest, patient: Patient, form: DoseForm, due: DoseRow) -> bool:
    given = form.cleaned_data
    if due.report is not None and due.report.client_id == given["client_id"]:
        return True  # a second tap on the button: it is stored already
    if (due.report.pk if due.report else None) != given["seen"]:
        form.add_error(
            None,
            _("Somebody has told us about this dose in the meantime. Look at it before you change it."),
        )
        return False
    other = taken_close_by(patient, due, given["taken_at"])
    if other is not None and not given["both"]:
        form.ask_about_both(other)
        return False
    try:
        submit_dose(
            patient=patient,
            by=user_of(request),
            at=form.at,
            route=due.route,
            due_at=due.due_at,
            status=given["status"],
            taken_at=given["taken_at"],
            amount=due.amount if given["taken_at"] else None,
            reason=given["reason"],
            client_id=given["client_id"],
            supersedes=due.report,
        )
    except DomainError as refusal:
        form.add_refusal(refusal)
        return False
    return True


def tell_what_to_do(request: HttpRequest, patient: Patient, form: DoseForm) -> None:
    """After a dose that was missed, or two that were close together: whom to ask. Never what to take."""
    if form.cleaned_data["both"] and form.cleaned_data["taken_at"]:
        messages.warning(request, _("Two doses were taken close together. Call the ward now and tell them."))
    elif form.cleaned_data["status"] == Dose.Status.MISSED:
        text = missed_dose_text(ward_of(patient), get_language() or "en")
        messages.warning(request, text or _("Call the ward and ask what to do about the missed dose."))
