"""Who has a way in to a patient's pages: the ward invites them, and ends what has to end."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.accounts.sessions import end_sessions
from apps.core.errors import DomainError
from apps.dashboards.access import find_patient, for_staff, in_time_of, stay_of
from apps.dashboards.record import remember_patient_view
from apps.patients.invitations import invite, open_invitations, revoke_invitation, withdraw_consent
from apps.patients.letters import qr_code
from apps.patients.models import Patient


@require_http_methods(["GET", "POST"])
@for_staff
def people(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient = find_patient(user, patient_id)
    at, stay = timezone.now(), stay_of(patient)
    shown: dict[str, Any] = {}
    problem = ""
    if request.method == "POST" and request.POST.get("do") == "invite":
        try:
            shown = _invitation(request, user, patient)
        except DomainError as refusal:
            problem = refusal.message
    elif request.method == "POST":
        _do(request, user, patient)
        return redirect("dashboards:people", patient.pk)
    remember_patient_view(request, user, patient, subject=patient, at=at)
    shown |= {
        "patient": patient,
        "stay": stay,
        "ward": stay.ward,
        "carers": patient.carers.filter(withdrawn_at=None).select_related("user").order_by("consented_at"),
        "ended": patient.carers.exclude(withdrawn_at=None).select_related("user").order_by("-withdrawn_at"),
        "invitations": open_invitations(patient, at).select_related("made_by").order_by("made_at"),
        "problem": problem,
        "now": at,
    }
    with in_time_of(stay.ward):
        return render(request, "dashboards/people.html", shown, status=422 if problem else 200)


def _invitation(request: HttpRequest, user: User, patient: Patient) -> dict[str, Any]:
    invites = request.POST.get("invites", "")
    if invites not in ("patient", "carer"):
        raise Http404
    relationship = request.POST.get("relationship", "") if invites == "carer" else ""
    made, token = invite(patient=patient, invites=invites, relationship=relationship, by=user, at=timezone.now())
    address = request.build_absolute_uri(reverse("portal:join", args=(token,)))
    # Made of our own address by the library; holds no text that anybody typed.
    return {"made": made, "address": address, "picture": mark_safe(qr_code(address))}  # noqa: S308


def _do(request: HttpRequest, user: User, patient: Patient) -> None:
    at, do = timezone.now(), request.POST.get("do", "")
    if do == "withdraw":
        carer = get_object_or_404(patient.carers.select_related("user"), pk=_id(request))
        withdraw_consent(carer=carer, by=user, at=at)
        messages.success(request, _("%(name)s no longer sees or reports anything.") % {"name": carer.user})
    elif do == "revoke":
        revoke_invitation(invitation=get_object_or_404(patient.invitations, pk=_id(request)), at=at)
        messages.success(request, _("The invitation can no longer be used."))
    elif do == "sign_out" and patient.user is not None:
        end_sessions(user=patient.user, by=user, at=at)
        messages.success(request, _("Every phone of the patient is signed out."))
    else:
        raise Http404


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError as error:
        raise Http404 from error
