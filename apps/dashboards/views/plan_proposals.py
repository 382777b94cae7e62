"""A plan that somebody has written: read, signed by a named clinician, or withdrawn."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import User
from apps.dashboards.access import for_staff
from apps.dashboards.plan_door import attempt, in_time_of_patient, show
from apps.dashboards.plan_editor import preview_of
from apps.dashboards.plan_forms import SignForm, WithdrawForm
from apps.monitoring.plan_intake import submit_signature
from apps.patients.models import Patient
from apps.tapers.courses.writing import steps_from_json
from apps.tapers.models import PlanProposal
from apps.tapers.proposals import withdraw_proposal


def find_proposal(user: User, proposal_id: UUID) -> PlanProposal:
    proposals = PlanProposal.objects.select_related("patient", "author", "plan", "version", "withdrawn_by")
    return get_object_or_404(proposals, pk=proposal_id, patient__in=Patient.objects.visible_to(user))


@require_GET
@for_staff
def proposal(request: HttpRequest, user: User, proposal_id: UUID) -> HttpResponse:
    return _page(request, user, find_proposal(user, proposal_id))


@require_POST
@for_staff
def sign(request: HttpRequest, user: User, proposal_id: UUID) -> HttpResponse:
    found, at = find_proposal(user, proposal_id), timezone.now()
    form = SignForm(request.POST, auto_id="sign-%s")

    def act() -> Any:
        return submit_signature(proposal=found, by=user, at=at, reason=form.cleaned_data["reason"])

    return _answer(request, user, found, form, act, _("Signed. The plan is in force."))


@require_POST
@for_staff
def withdraw(request: HttpRequest, user: User, proposal_id: UUID) -> HttpResponse:
    found, at = find_proposal(user, proposal_id), timezone.now()
    form = WithdrawForm(request.POST, auto_id="withdraw-%s")

    def act() -> Any:
        return withdraw_proposal(proposal=found, by=user, at=at, reason=form.cleaned_data["reason"])

    return _answer(request, user, found, form, act, _("Withdrawn. It will not be signed."))


def _answer(
    request: HttpRequest,
    user: User,
    found: PlanProposal,
    form: forms.Form,
    act: Callable[[], Any],
    said: str,
) -> HttpResponse:
    if form.is_valid() and attempt(form, act):
        messages.success(request, said)
        return redirect("dashboards:plan", found.patient_id)
    found.refresh_from_db()
    return _page(request, user, found, refused=form, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    user: User,
    found: PlanProposal,
    *,
    refused: forms.Form | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    at, patient = timezone.now(), found.patient
    # What a signature would put into force now: not before now.
    effective_at = max(found.effective_at, at) if found.is_open else found.effective_at
    steps = steps_from_json(found.steps)
    context = {
        "proposal": found,
        "preview": preview_of(patient, steps, kind=found.kind, effective_at=effective_at),
        "is_author": found.author_id == user.pk,
        "refused": refused,
        "sign_form": refused if isinstance(refused, SignForm) else SignForm(auto_id="sign-%s"),
        "withdraw_form": refused if isinstance(refused, WithdrawForm) else WithdrawForm(auto_id="withdraw-%s"),
        "tab": "plan",
    }
    with in_time_of_patient(patient):
        return show(request, user, patient, "dashboards/plan/proposal.html", at, context, status)
