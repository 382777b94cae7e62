"""Holding, slowing, going back, giving again, stopping, transferring: each shows first what it comes to."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.dashboards.access import find_alert, find_patient, for_staff
from apps.dashboards.plan_change_forms import ChangeForm
from apps.dashboards.plan_changes import CHANGES, Change, carry_out, new_form, what_it_comes_to
from apps.dashboards.plan_door import attempt, in_time_of_patient, show
from apps.dashboards.plan_editor import Preview
from apps.dashboards.wording import pattern_label
from apps.patients.models import Patient
from apps.tapers.models import PlanProposal, TaperPlan

NAMES = {"daily_dose": "dose", "steps": "dose", "times_of_day": "times"}


@require_http_methods(["GET", "POST"])
@for_staff
def change(request: HttpRequest, user: User, patient_id: UUID, name: str) -> HttpResponse:
    patient, at, wanted = find_patient(user, patient_id), timezone.now(), CHANGES.get(name)
    if wanted is None:
        raise Http404
    plan = last_plan(patient)
    if plan is None:
        messages.info(request, _("There is no plan to change: write one."))
        return redirect("dashboards:plan-edit", patient.pk)
    alert = _alert(request, user, patient)
    with in_time_of_patient(patient):
        if request.method == "GET":
            form = new_form(wanted, plan, at, reason=_because_of(alert))
            seen, why_not = _foreseen(wanted, plan, user, at)
            return _page(request, user, wanted, form, alert, seen, why_not=why_not)
        form = new_form(wanted, plan, at, request.POST)
        if not form.is_valid():
            return _page(request, user, wanted, form, alert, None, HTTPStatus.UNPROCESSABLE_ENTITY)
        if "do" not in request.POST:
            seen = attempt(form, lambda: what_it_comes_to(wanted, plan, user, at, form.arguments()), NAMES)
            if seen is None:
                form.show_newest()
            return _page(request, user, wanted, form, alert, seen, HTTPStatus.OK if seen else HTTPStatus.CONFLICT)
        done = attempt(form, lambda: carry_out(wanted, plan, user, at, form.arguments()), NAMES)
        if done is None:
            form.show_newest()
            return _page(request, user, wanted, form, alert, None, HTTPStatus.CONFLICT)
    return _done(request, done, patient, alert)


def last_plan(patient: Patient) -> TaperPlan | None:
    """The open one, or the one closed last: baclofen can be given again after it."""
    plans = patient.plans.order_by("-created_at")
    return plans.filter(closed_at=None).first() or plans.first()


def _done(request: HttpRequest, done: Any, patient: Patient, alert: Alert | None) -> HttpResponse:
    if isinstance(done, PlanProposal):
        messages.warning(
            request,
            _("It breaks a guard rail, so it is proposed and not in force: a second clinician signs."),
        )
        return redirect("dashboards:proposal", done.pk)
    messages.success(request, _("Done. Version %(number)d of the plan is in force.") % {"number": done.number})
    if alert is not None:
        return redirect("dashboards:alert", alert.pk)
    return redirect("dashboards:plan", patient.pk)


def _foreseen(wanted: Change, plan: TaperPlan, user: User, at: datetime) -> tuple[Preview | None, str]:
    """With nothing typed; None where something has to be typed first, or (in words) nothing can be changed."""
    empty = new_form(wanted, plan, at, {"seen": "0", "reason": "–"})
    if not empty.is_valid():
        return None, ""
    given = empty.arguments() | {"seen": None}
    found: Preview | None = attempt(empty, lambda: what_it_comes_to(wanted, plan, user, at, given), NAMES)
    return found, " ".join(str(error) for error in empty.non_field_errors())


def _alert(request: HttpRequest, user: User, patient: Patient) -> Alert | None:
    told = request.POST.get("alert") or request.GET.get("alert")
    if not told:
        return None
    try:
        alert = find_alert(user, UUID(told))
    except ValueError as error:
        raise Http404 from error
    if alert.patient_id != patient.pk:
        raise Http404
    return alert


def _because_of(alert: Alert | None) -> str:
    if alert is None:
        return ""
    return _("Alert: %(pattern)s.") % {"pattern": pattern_label(alert.pattern, alert.catalogue_version)}


def _page(
    request: HttpRequest,
    user: User,
    wanted: Change,
    form: ChangeForm,
    alert: Alert | None,
    seen: Preview | None,
    status: int = HTTPStatus.OK,
    why_not: str = "",
) -> HttpResponse:
    context = {
        "change": wanted,
        "form": form,
        "alert": alert,
        "preview": seen,
        "why_not": why_not,
        "tab": "plan",
    }
    return show(request, user, form.plan.patient, "dashboards/plan/change.html", form.at, context, status)
