"""The way in: whoever holds an invitation gets an account; the patient sees who has one and can end it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.accounts.sessions import end_sessions, stay_signed_in
from apps.core.errors import DomainError
from apps.patients.invitations import (
    InvitationSpent,
    accept,
    find_invitation,
    invite,
    open_invitations,
    revoke_invitation,
    suggested_name,
    withdraw_consent,
)
from apps.patients.letters import qr_code
from apps.patients.models import Invitation, Patient
from apps.portal.forms.joining import InviteCarerForm, JoinForm
from apps.portal.people import for_one_person, is_carer, page, user_of, ward_of

BACKEND = "apps.config.sign_in.PeopleBackend"


@never_cache
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    at = timezone.now()
    invitation = find_invitation(token, at)
    if invitation is None:
        return render(request, "portal/join_spent.html", status=404)
    invites_carer = invitation.invites == Invitation.For.CARER
    account = None if invites_carer else invitation.patient.user
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        is_known=account is not None,
        asks_name=invites_carer,
        suggested=suggested_name(invitation) if request.method == "GET" else "",
    )
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            user = accept(
                token=token,
                at=at,
                display_name=given.get("display_name", ""),
                username=given.get("username", ""),
                passphrase=form.chosen_passphrase,
            )
        except InvitationSpent:
            return render(request, "portal/join_spent.html", status=404)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            return _come_in(request, user, is_own_phone=given["own_phone"])
    shown = {
        "form": form,
        "invitation": invitation,
        "account": account,
        "invites_carer": invites_carer,
        "ward": ward_of(invitation.patient),
    }
    return render(request, "portal/join.html", shown, status=422 if form.errors else 200)


def _come_in(request: HttpRequest, user: User, *, is_own_phone: bool) -> HttpResponse:
    login(request, user, backend=BACKEND)
    if is_own_phone:
        stay_signed_in(request, user)
    messages.success(
        request, _("You are in. To sign in elsewhere, your name is %(name)s.") % {"name": user.username}
    )
    if not user.has_a_way_in:
        return redirect("passkeys:mine")
    return redirect("portal:people" if user.role == User.Role.CARER else "portal:today")


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def access(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Only the patient says who may read and report for them; carers have no such page."""
    if is_carer(request, patient):
        raise Http404
    at, user = timezone.now(), user_of(request)
    form = InviteCarerForm(None)
    shown: dict[str, Any] = {}
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "invite":
            form = InviteCarerForm(request.POST)
            if form.is_valid():
                shown = letter(request, *invite_carer(patient, form.cleaned_data["relationship"], user, at))
        else:
            _do(request, patient, user, do)
            return redirect("portal:access")
    shown |= {
        "form": form,
        "carers": patient.carers.filter(withdrawn_at=None).select_related("user").order_by("consented_at"),
        "invitations": open_invitations(patient, at).filter(invites=Invitation.For.CARER).order_by("made_at"),
        "now": at,
    }
    return render(
        request, "portal/access.html", page(request, patient) | shown, status=422 if form.errors else 200
    )


def invite_carer(patient: Patient, relationship: str, by: User, at: Any) -> tuple[Invitation, str]:
    return invite(patient=patient, invites=Invitation.For.CARER, relationship=relationship, by=by, at=at)


def letter(request: HttpRequest, made: Invitation, token: str) -> dict[str, Any]:
    address = request.build_absolute_uri(reverse("portal:join", args=(token,)))
    # Made of our own address by the library; holds no text that anybody typed.
    return {"made": made, "address": address, "picture": mark_safe(qr_code(address))}  # noqa: S308


def _do(request: HttpRequest, patient: Patient, user: User, do: str) -> None:
    at = timezone.now()
    if do == "withdraw":
        carer = get_object_or_404(patient.carers, pk=_id(request))
        withdraw_consent(carer=carer, by=user, at=at)
        messages.success(request, _("%(name)s no longer sees or reports anything.") % {"name": carer.user})
    elif do == "revoke":
        own = patient.invitations.filter(invites=Invitation.For.CARER)
        revoke_invitation(invitation=get_object_or_404(own, pk=_id(request)), at=at)
        messages.success(request, _("The invitation can no longer be used."))
    elif do == "sign_out":
        end_sessions(user=user, by=user, at=at)
        # All but this one.
        login(request, user, backend=BACKEND)
        messages.success(request, _("Every other phone is signed out."))
    else:
        raise Http404


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError as error:
        raise Http404 from error
