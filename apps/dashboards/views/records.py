"""Who is on the ward: admitted one by one or from a table, moved, discharged; and what is on their record."""

from datetime import UTC, datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.dashboards.access import find_patient, find_ward, for_staff, in_time_of, stay_of
from apps.dashboards.patient_page import risk_factors_at
from apps.dashboards.record import remember_patient_view
from apps.dashboards.record_forms import (
    AdmitForm,
    ImportForm,
    MoveForm,
    RecordForm,
    RiskFactorForm,
    ZoneOfPatientForm,
)
from apps.monitoring.record_intake import submit_risk_factor, submit_risk_factor_end
from apps.monitoring.supply_intake import submit_time_zone
from apps.patients.importing import Line, import_patients
from apps.patients.models import Patient, RiskFactor
from apps.patients.services import admit_patient, discharge_patient, transfer_patient
from apps.wards.models import Ward


@require_http_methods(["GET", "POST"])
@for_staff
def admit(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    form = AdmitForm(request.POST if request.method == "POST" else None, ward=ward, at=at)
    if form.is_bound and form.is_valid():
        try:
            patient = admit_patient(ward=ward, admitted_at=at, by=user, at=at, **form.cleaned_data)
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(name)s is in this ward's care.") % {"name": patient.name})
            return redirect("dashboards:people", patient.pk)
    shown = {"form": form, "ward": ward, "here": "admit"}
    return render(request, "dashboards/admit.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_staff
def import_table(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    lines: list[Line] = []
    if form.is_bound and form.is_valid():
        try:
            lines = import_patients(raw=form.cleaned_data["table"].read(), ward=ward, by=user, at=at)
        except DomainError as refusal:
            form.add_error("table", refusal.message)
    shown = {
        "form": form,
        "ward": ward,
        "refused": [line for line in lines if line.outcome == "refused"],
        "admitted": sum(line.outcome == "admitted" for line in lines),
        "were_here": sum(line.outcome == "here" for line in lines),
        "is_done": bool(lines),
    }
    return render(request, "dashboards/import.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_staff
def record(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient, at = find_patient(user, patient_id), timezone.now()
    stay = stay_of(patient)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, do, user, patient, stay.ward, stay.bed, at)
    if do == "discharge":
        return _discharge(request, user, patient, at)
    if do == "end_risk":
        return _end_risk(request, user, patient, at)
    if do and do not in forms:
        raise Http404
    if do and forms[do].is_valid() and _done(request, user, patient, do, forms[do], at):
        if Patient.objects.visible_to(user).filter(pk=patient.pk).exists():
            return redirect("dashboards:record", patient.pk)
        # Moved to where this person does not work.
        return redirect("dashboards:board", stay.ward_id)
    remember_patient_view(request, user, patient, subject=patient, at=at)
    is_refused = bool(do) and bool(forms[do].errors)
    shown = {
        "patient": patient,
        "stay": stay,
        "ward": stay.ward,
        "has_left": stay.discharged_at is not None,
        "forms": forms,
        "refused": forms[do] if is_refused else None,
        "risk_factors": risk_factors_at(patient, at),
        "now": at,
    }
    with in_time_of(stay.ward):
        return render(request, "dashboards/record.html", shown, status=422 if is_refused else 200)


def _forms(
    request: HttpRequest, do: str, user: User, patient: Patient, ward: Ward, bed: str, at: datetime
) -> dict[str, RecordForm]:
    def sent(name: str) -> object:
        return request.POST if do == name else None

    # Anybody may hand a patient over to any ward; who works there sees them from then on.
    wards = Ward.objects.filter(is_synthetic=False)
    return {
        "move": MoveForm(sent("move"), wards=wards, ward=ward, bed=bed),
        "zone": ZoneOfPatientForm(sent("zone"), current=patient.time_zone),
        "risk": RiskFactorForm(sent("risk"), at=at),
    }


def _done(request: HttpRequest, user: User, patient: Patient, do: str, form: RecordForm, at: datetime) -> bool:
    given = form.cleaned_data
    try:
        if do == "move":
            transfer_patient(patient=patient, ward=given["ward"], bed=given["bed"], by=user, at=at)
        elif do == "zone":
            submit_time_zone(patient=patient, zone=given["time_zone"], by=user, at=at)
        else:
            since = datetime.combine(given["since"], time(0), UTC) if given["since"] else at
            submit_risk_factor(patient=patient, code=given["code"], by=user, at=at, since=min(since, at))
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Recorded."))
    return True


def _discharge(request: HttpRequest, user: User, patient: Patient, at: datetime) -> HttpResponse:
    try:
        stay = discharge_patient(patient=patient, by=user, at=at)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("dashboards:record", patient.pk)
    messages.success(
        request, _("%(name)s is no longer in this ward's care. Open alerts stay open.") % {"name": patient.name}
    )
    return redirect("dashboards:board", stay.ward_id)


def _end_risk(request: HttpRequest, user: User, patient: Patient, at: datetime) -> HttpResponse:
    code = request.POST.get("code", "")
    if code not in RiskFactor.Code.values:
        raise Http404
    submit_risk_factor_end(patient=patient, code=code, by=user, at=at)
    messages.success(request, _("Recorded."))
    return redirect("dashboards:record", patient.pk)
