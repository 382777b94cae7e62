"""Who may come in by this door: ward staff, to the wards they work on and the patients who are there now."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.patients.models import Patient, Stay
from apps.wards.models import Ward, WardQuerySet

P = ParamSpec("P")
StaffView = Callable[Concatenate[HttpRequest, User, P], HttpResponse]


def for_staff(view: StaffView[P]) -> Callable[..., HttpResponse]:
    """Signed in as ward staff; for everybody else there is nothing here. What is read and the record of who has
    read it are one transaction: without the one there is not the other."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **named: P.kwargs) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or user.role != User.Role.STAFF or not user.is_active:
            raise Http404
        with transaction.atomic():
            return view(request, user, *args, **named)

    return never_cache(_or_sign_in(inner))


def _or_sign_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page leads to the sign-in. A piece of a page is refused: a board must not swallow the sign-in's page."""
    guarded = login_required(view)

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        if request.headers.get("HX-Request") and not request.user.is_authenticated:
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        return guarded(request, *args, **named)

    return inner


def wards_of(user: User) -> WardQuerySet:
    return Ward.objects.visible_to(user).filter(is_synthetic=False)


def find_ward(user: User, ward_id: UUID) -> Ward:
    return get_object_or_404(wards_of(user), pk=ward_id)


def find_patient(user: User, patient_id: UUID) -> Patient:
    return get_object_or_404(Patient.objects.visible_to(user), pk=patient_id)


def find_alert(user: User, alert_id: UUID) -> Alert:
    """An alert of a patient whom the user may see, wherever it was raised."""
    visible = Patient.objects.visible_to(user)
    return get_object_or_404(Alert.objects.select_related("patient"), pk=alert_id, patient__in=visible)


def stay_of(patient: Patient) -> Stay:
    """Where they are now; of somebody who has left with an alert open, where they were last."""
    return patient.stays.select_related("ward").order_by(F("discharged_at").desc(nulls_first=True))[0]


def in_time_of(ward: Ward) -> Any:
    """Moments are shown by the clock on the ward's wall."""
    return timezone.override(ZoneInfo(ward.time_zone))
