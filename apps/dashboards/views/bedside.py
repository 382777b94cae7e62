"""Ward staff log for a patient. Once it is sent it is stored, and an emergency in it is on the board; what is
unlikely is stored as well and asked about afterwards, since a log that waits for an answer may never come."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.assessments.active import active_version
from apps.core.days import local_day
from apps.core.errors import DomainError
from apps.dashboards.access import find_patient, for_staff, in_time_of, stay_of
from apps.dashboards.bedside.forms import BedsideForm, UsualForm, initial_from
from apps.dashboards.record import remember_patient_view
from apps.dashboards.wording import catalogue_of, pattern_label, reading_words
from apps.monitoring.intake import SubmittedLog, submit_symptom_log
from apps.monitoring.log_checks import version_of_form
from apps.monitoring.record_intake import submit_baseline
from apps.patients.models import Patient
from apps.rules.catalogue import load
from apps.rules.types import Reporter
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import LogConflict

TOLD_BY = {"staff": Reporter.STAFF, "patient": Reporter.PATIENT, "carer": Reporter.CARER}
CHANNEL = "ward"
LAST_TOLD = 10


@require_http_methods(["GET", "POST"])
@for_staff
def log(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient, at = find_patient(user, patient_id), timezone.now()
    ward = stay_of(patient).ward
    corrected = _corrected(request, user, patient)
    reporter = Reporter(corrected.reporter) if corrected else _told_by(request)
    with in_time_of(ward):
        form = _form(request, patient, reporter, corrected, at)
        if form.is_bound and form.is_valid():
            submitted = _hand_over(patient, user, form, corrected)
            if submitted is not None:
                _say(request, patient, submitted)
                return redirect("dashboards:patient", patient.pk)
        remember_patient_view(request, user, patient, subject=patient, at=at)
        shown = {
            "form": form,
            "patient": patient,
            "ward": ward,
            "told_by": str(reporter),
            "corrected": corrected,
            "now": at,
        }
        return render(request, "dashboards/bedside.html", shown, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@for_staff
def usual(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """How the person usually is: what "new" and "worse" are measured from."""
    patient, at = find_patient(user, patient_id), timezone.now()
    ward = stay_of(patient).ward
    told = list(patient.baselines.select_related("recorded_by").order_by("-recorded_at")[:LAST_TOLD])
    form = UsualForm(
        request.POST if request.method == "POST" else None,
        told=told[0] if told else None,
        catalogue=load(active_version()),
        age_years=patient.age_years(local_day(at, patient.time_zone)),
        at=at,
        auto_id="usual-%s",
    )
    with in_time_of(ward):
        if form.is_bound and form.is_valid() and _is_told(form, patient, user, at):
            messages.success(request, _("Kept. The logs of the last 14 days are looked at again."))
            return redirect("dashboards:record", patient.pk)
        remember_patient_view(request, user, patient, subject=patient, at=at)
        shown = {"form": form, "patient": patient, "ward": ward, "told": told, "now": at}
        return render(request, "dashboards/usual.html", shown, status=422 if form.errors else 200)


def _is_told(form: UsualForm, patient: Patient, user: User, at: datetime) -> bool:
    given = form.cleaned_data
    try:
        submit_baseline(
            patient=patient, by=user, at=at, answers=given["answers"], vital_signs=given["vital_signs"]
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


def _told_by(request: HttpRequest) -> Reporter:
    told = request.GET.get("told_by", "staff")
    if told not in TOLD_BY:
        raise Http404
    return TOLD_BY[told]


def _corrected(request: HttpRequest, user: User, patient: Patient) -> SymptomLog | None:
    """A log of this person's own making that is to be put right."""
    wanted = request.POST.get("supersedes") or request.GET.get("corrects")
    if not wanted:
        return None
    try:
        key = UUID(wanted)
    except ValueError as error:
        raise Http404 from error
    written = SymptomLog.objects.filter(patient=patient, recorded_by=user, reporter__in=list(TOLD_BY))
    return get_object_or_404(written, pk=key)


def _form(
    request: HttpRequest, patient: Patient, reporter: Reporter, corrected: SymptomLog | None, at: datetime
) -> BedsideForm:
    version = version_of_form(request.POST.get("asked_by", ""), at).version if request.POST else active_version()
    return BedsideForm(
        request.POST if request.method == "POST" else None,
        initial=initial_from(corrected) if corrected else None,
        catalogue=load(version),
        reporter=reporter,
        age_years=patient.age_years(local_day(at, patient.time_zone)),
        at=at,
        auto_id="log-%s",
    )


def _hand_over(
    patient: Patient, user: User, form: BedsideForm, corrected: SymptomLog | None
) -> SubmittedLog | None:
    given = form.cleaned_data
    try:
        return submit_symptom_log(
            patient=patient,
            by=user,
            reporter=form.reporter,
            at=form.at,
            client_id=given["client_id"],
            observed_at=given["observed_at"] or form.at,
            answers=given["answers"],
            vital_signs=given["vital_signs"],
            note=given["note"],
            channel=CHANNEL,
            supersedes=corrected,
            asked_by=form.catalogue.version,
        )
    except LogConflict:
        form.start_anew()
        form.add_error(None, _("This page was sent before with other content. Both logs are kept: look at them."))
    except DomainError as refusal:
        form.refuse(refusal)
    return None


def _say(request: HttpRequest, patient: Patient, submitted: SubmittedLog) -> None:
    stored = submitted.log
    messages.success(request, _("Kept. The assessment follows within seconds."))
    for alert in submitted.alerts:
        messages.error(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _("%(level)s:") % {"level": alert.get_level_display()},
                reverse("dashboards:alert", args=[alert.pk]),
                pattern_label(alert.pattern, alert.catalogue_version),
            ),
        )
    doubtful = _doubtful(stored)
    if doubtful:
        correct = f"{reverse('dashboards:bedside-log', args=[patient.pk])}?corrects={stored.pk}"
        messages.warning(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                _("Seldom as high or low as this: %(readings)s. It counts as it is.")
                % {"readings": "; ".join(doubtful)},
                correct,
                _("Put it right"),
            ),
        )


def _doubtful(stored: SymptomLog) -> list[str]:
    """Readings that can be true but seldom are."""
    catalogue = catalogue_of(stored.catalogue_version)
    known = catalogue.vital_signs if catalogue else {}
    return [
        f"{known[code].label} {reading_words(code, reading, catalogue)}"
        for code, reading in stored.vital_signs.items()
        if code in known and not known[code].questioned[0] <= reading["value"] <= known[code].questioned[1]
    ]
