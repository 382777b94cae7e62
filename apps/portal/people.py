"""Whose pages these are. A patient sees their own; a carer those of the people they care for, each under an
address that names the person; everybody else finds nothing here."""

import uuid
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone, translation

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.patients.models import Patient, PatientQuerySet
from apps.wards.models import Ward

PORTAL_ROLES = (User.Role.PATIENT, User.Role.CARER)


def user_of(request: HttpRequest) -> User:
    """Whoever is signed in; the views are behind `login_required`."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def people_of(user: User) -> PatientQuerySet:
    if user.role not in PORTAL_ROLES:
        raise Http404
    return Patient.objects.visible_to(user)


P = ParamSpec("P")


def for_one_person(
    view: Callable[Concatenate[HttpRequest, Patient, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Signed in, and one person settled: by the address, or because it is the patient's own. The page is then
    made in that person's time zone, and in their language unless the browser chose one."""

    @wraps(view)
    @login_required
    def inner(
        request: HttpRequest, *args: Any, patient_id: uuid.UUID | None = None, **named: Any
    ) -> HttpResponseBase:
        people = people_of(user_of(request))
        if patient_id is not None:
            patient = get_object_or_404(people, pk=patient_id)
        elif user_of(request).role == User.Role.CARER:
            return redirect("portal:people")
        else:
            patient = get_object_or_404(people)
        speak_language_of(patient, request)
        with timezone.override(ZoneInfo(patient.time_zone)):
            response = view(request, patient, *args, **named)
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            remember_view(request, patient)
        return response

    return inner


def remember_view(request: HttpRequest, patient: Patient) -> None:
    """Who has seen whose pages goes into the record."""
    record_event(
        AuditEvent.Type.PATIENT_VIEWED,
        subject=patient,
        by=user_of(request),
        at=timezone.now(),
        patient_id=patient.pk,
        detail={"door": "portal", "page": request.resolver_match.url_name},  # type: ignore[union-attr]
    )


def speak_language_of(patient: Patient, request: HttpRequest) -> None:
    """LocaleMiddleware sets the language anew with every request, so this one does not outlive it."""
    chosen_here = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    is_own_page = request.user.pk == patient.user_id
    if is_own_page and not chosen_here and patient.language in dict(settings.LANGUAGES):
        translation.activate(patient.language)


def ward_of(patient: Patient) -> Ward | None:
    """Whom to call: the ward that has this person now."""
    stay = patient.stays.current().select_related("ward").first()
    return stay.ward if stay else None


def is_carer(request: HttpRequest, patient: Patient) -> bool:
    return request.user.pk != patient.user_id


def my_address(request: HttpRequest, patient: Patient, name: str, *args: Any) -> str:
    """A portal address for this person; a carer's says whose it is."""
    if is_carer(request, patient):
        return reverse(f"portal:person-{name}", args=(patient.pk, *args))
    return reverse(f"portal:{name}", args=args)


def page(request: HttpRequest, patient: Patient) -> dict[str, Any]:
    """What every page of the portal shows."""
    return {
        "patient": patient,
        "ward": ward_of(patient),
        "is_carer": is_carer(request, patient),
    }
