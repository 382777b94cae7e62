"""Telling what was taken, what is in hand and what happened to the pump, for a patient."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.dashboards.access import find_patient, for_staff
from apps.dashboards.plan_door import attempt, in_time_of_patient, show
from apps.dashboards.supply_forms import (
    CountForm,
    DoseTickForm,
    EventEndForm,
    OutsideForm,
    PumpDatesForm,
    PumpEventForm,
)
from apps.dashboards.taken_page import open_dose, taken_days
from apps.monitoring.supply_intake import (
    submit_dose,
    submit_event_end,
    submit_pump_dates,
    submit_pump_event,
    submit_supply_count,
)
from apps.patients.models import Patient
from apps.tapers.models import Dose, PumpEvent, Route
from apps.tapers.selectors import pump_dates
from apps.tapers.stock import active_products, in_hand, newest_count, runs_out_at

PUMP_EVENTS_SHOWN = 20


@require_http_methods(["GET", "POST"])
@for_staff
def doses(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        if request.method == "GET":
            return _doses_page(request, user, patient)
        form: Any
        act: Callable[[Patient, User, Any, Any], Dose | None]
        if "outside" in request.POST:
            form = OutsideForm(request.POST, at=at)
            act = _tell_outside
        else:
            form = DoseTickForm(request.POST)
            act = _tell_planned
        if form.is_valid() and attempt(form, lambda: act(patient, user, at, form)):
            messages.success(request, _("Kept."))
            came_from = "patient" if request.POST.get("next") == "patient" else "doses"
            return redirect(f"dashboards:{came_from}", patient.pk)
        return _doses_page(request, user, patient, refused=form)


@require_http_methods(["GET", "POST"])
@for_staff
def supply(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """Buttons of the forms say which of them it is."""
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        if request.method == "GET":
            return _supply_page(request, user, patient)
        name = next((one for one in FORMS if one in request.POST), "count")
        form = _form(name, patient, request.POST)
        if form.is_valid() and attempt(form, lambda: FORMS[name](patient, user, at, form)):
            messages.success(request, _("Kept."))
            return redirect("dashboards:supply", patient.pk)
        return _supply_page(request, user, patient, refused=(name, form))


def _tell_planned(patient: Patient, user: User, at: Any, form: Any) -> Dose | None:
    given = form.cleaned_data
    due = open_dose(patient, given["due"], at)
    if due is None:
        form.add_error(None, _("The plan has no such dose now. Look at the page again."))
        return None
    earlier = due.dose
    if earlier is not None and earlier.client_id == given["client_id"]:
        return earlier
    if (earlier.pk if earlier else None) != given["seen"]:
        form.add_error(None, _("Somebody has reported this dose since. Look at it before you change it."))
        return None
    is_taken = given["status"] == Dose.Status.TAKEN
    return submit_dose(
        patient=patient,
        by=user,
        at=at,
        route=Route.ORAL,
        status=given["status"],
        client_id=given["client_id"],
        due_at=due.due_at,
        taken_at=(given["taken_at"] or due.due_at) if is_taken else None,
        amount=due.amount if is_taken else None,
        reason=given["reason"],
        supersedes=earlier,
    )


def _tell_outside(patient: Patient, user: User, at: Any, form: Any) -> Dose:
    given = form.cleaned_data
    return submit_dose(
        patient=patient,
        by=user,
        at=at,
        route=Route.ORAL,
        status=Dose.Status.TAKEN,
        client_id=given["client_id"],
        taken_at=given["taken_at"] or at,
        amount=given["amount"],
    )


def _tell_count(patient: Patient, user: User, at: Any, form: Any) -> Any:
    given = form.cleaned_data
    return submit_supply_count(
        patient=patient,
        by=user,
        at=at,
        client_id=given["client_id"],
        counted_at=given["counted_at"] or at,
        counts=form.counts(),
    )


def _tell_pump_dates(patient: Patient, user: User, at: Any, form: Any) -> Any:
    return submit_pump_dates(patient=patient, by=user, at=at, **form.cleaned_data)


def _tell_pump_event(patient: Patient, user: User, at: Any, form: Any) -> Any:
    given = dict(form.cleaned_data)
    given["occurred_at"] = given["occurred_at"] or at
    return submit_pump_event(patient=patient, by=user, at=at, **given)


def _tell_end(patient: Patient, user: User, at: Any, form: Any) -> bool:
    given = form.cleaned_data
    event = PumpEvent.objects.filter(pk=given["event"], patient=patient).first()
    if event is None:
        form.add_error(None, _("There is no such event of this patient."))
        return False
    submit_event_end(event=event, by=user, at=at, ended_at=given["ended_at"] or at)
    return True


FORMS: dict[str, Callable[[Patient, User, Any, Any], Any]] = {
    "count": _tell_count,
    "dates": _tell_pump_dates,
    "happened": _tell_pump_event,
    "ended": _tell_end,
}


def _form(name: str, patient: Patient, data: Any = None) -> forms.Form:
    at = timezone.now()
    if name == "count":
        return CountForm(data, at=at, products=active_products(Route.ORAL), auto_id="count-%s")
    if name == "happened":
        return PumpEventForm(data, at=at, auto_id="happened-%s")
    if name == "ended":
        return EventEndForm(data, auto_id="ended-%s")
    known = pump_dates(patient)
    names = ("refill_due_on", "low_reservoir_on", "refill_booked", "service_ends_on", "alarm_volume_ml")
    initial = {one: getattr(known, one) for one in names} if known else {}
    return PumpDatesForm(data, at=at, initial=initial, auto_id="dates-%s")


def _doses_page(
    request: HttpRequest, user: User, patient: Patient, *, refused: forms.Form | None = None
) -> HttpResponse:
    at = timezone.now()
    is_outside = isinstance(refused, OutsideForm)
    context = {
        "days": taken_days(patient, at),
        "refused": refused,
        "outside_form": refused if is_outside else OutsideForm(at=at, auto_id="outside-%s"),
        "tab": "doses",
    }
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return show(request, user, patient, "dashboards/plan/doses.html", at, context, status)


def _supply_page(
    request: HttpRequest, user: User, patient: Patient, *, refused: tuple[str, forms.Form] | None = None
) -> HttpResponse:
    at = timezone.now()
    runs_out = runs_out_at(patient, at)
    shown = {f"{name}_form": _form(name, patient) for name in FORMS}
    if refused is not None:
        shown[f"{refused[0]}_form"] = refused[1]
    context = shown | {
        "refused": refused[1] if refused else None,
        "count": newest_count(patient),
        "in_hand": in_hand(patient, at),
        "runs_out_at": runs_out,
        "has_run_out": runs_out is not None and runs_out <= at,
        "known": pump_dates(patient),
        "events": PumpEvent.objects.filter(patient=patient)
        .select_related("recorded_by")
        .order_by("-occurred_at")[:PUMP_EVENTS_SHOWN],
        "tab": "supply",
    }
    status = HTTPStatus.CONFLICT if refused else HTTPStatus.OK
    return show(request, user, patient, "dashboards/plan/supply.html", at, context, status)
