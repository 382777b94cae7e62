"""The plan of one patient: as it is, as it was, and the step that waits."""

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import User
from apps.dashboards.access import find_patient, for_staff
from apps.dashboards.plan_door import attempt, in_time_of_patient, show
from apps.dashboards.plan_forms import ReleaseStepForm
from apps.dashboards.plan_history import KnownForm, plan_history
from apps.dashboards.plan_page import plan_page
from apps.monitoring.plan_intake import submit_release
from apps.patients.models import Patient
from apps.tapers.models import TaperStep


@require_GET
@for_staff
def plan(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    return _page(request, user, find_patient(user, patient_id))


@require_POST
@for_staff
def release(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """A named person lets the next step begin."""
    patient, at = find_patient(user, patient_id), timezone.now()
    form = ReleaseStepForm(request.POST)
    with in_time_of_patient(patient):
        if not form.is_valid():
            return _page(request, user, patient, form, HTTPStatus.UNPROCESSABLE_ENTITY)
        step = TaperStep.objects.filter(pk=form.cleaned_data["step"], version__plan__patient=patient).first()
        if step is None:
            form.add_error(None, _("This step is not there any more. Look at the plan again."))
        elif attempt(
            form,
            lambda: submit_release(
                step=step, by=user, at=at, override_reason=form.cleaned_data["override_reason"]
            ),
        ):
            messages.success(request, _("Released. The next step begins as the plan says."))
            return redirect("dashboards:plan", patient.pk)
    return _page(request, user, patient, form, HTTPStatus.CONFLICT)


@require_GET
@for_staff
def history(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        form = KnownForm(request.GET)
        form.is_valid()
        context = {"page": plan_history(patient, form.cleaned_data, at), "form": form, "tab": "history"}
        return show(request, user, patient, "dashboards/plan/history.html", at, context)


def _page(
    request: HttpRequest,
    user: User,
    patient: Patient,
    refused: ReleaseStepForm | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    at = timezone.now()
    with in_time_of_patient(patient):
        context = {
            "page": plan_page(patient, at),
            "tab": "plan",
            "refused": refused,
            "release_form": refused or ReleaseStepForm(),
        }
        return show(request, user, patient, "dashboards/plan/plan.html", at, context, status)
