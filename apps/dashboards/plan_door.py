"""What every page of a patient's plan begins with. Days and times of a plan are the patient's own, so these pages
go by the patient's clock; where the ward's is another, they say so."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import DomainError, InvalidInput
from apps.dashboards.access import stay_of
from apps.dashboards.record import remember_patient_view
from apps.patients.models import Patient
from apps.tapers.wording import ARITHMETIC_ONLY


def show(
    request: HttpRequest,
    user: User,
    patient: Patient,
    template: str,
    at: datetime,
    context: dict[str, Any],
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """The page, by the patient's clock; that it was looked at goes into the record."""
    remember_patient_view(request, user, patient, subject=patient, at=at)
    stay = stay_of(patient)
    common = {
        "patient": patient,
        "stay": stay,
        "ward": stay.ward,
        "now": at,
        "arithmetic_only": ARITHMETIC_ONLY,
        "has_another_clock": patient.time_zone != stay.ward.time_zone,
    }
    return render(request, template, common | context, status=status)


def in_time_of_patient(patient: Patient) -> Any:
    return timezone.override(ZoneInfo(patient.time_zone))


def attempt(form: forms.Form, act: Callable[[], Any], names: dict[str, str] | None = None) -> Any:
    """What `act` gives, or None where it was refused; the form then says why. What a refusal had begun is undone.
    `names`: where a service names a field otherwise than the form does."""
    try:
        with transaction.atomic():
            return act()
    except DomainError as refusal:
        add_refusal(form, refusal, names or {})
        return None


def add_refusal(form: forms.Form, refusal: DomainError, names: dict[str, str]) -> None:
    problems = refusal.problems if isinstance(refusal, InvalidInput) else ()
    on_fields = False
    for problem in problems:
        told = problem.pointer.strip("/").split("/")[0]
        field = names.get(told, told)
        if field in form.fields:
            form.add_error(field, problem.detail)
            on_fields = True
    if on_fields:
        return
    form.add_error(None, refusal.message)
    for problem in problems:
        if problem.detail not in refusal.message:
            form.add_error(None, problem.detail)
