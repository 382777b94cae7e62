"""Saying how I am, and what happens then."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import User
from apps.assessments.active import active_version
from apps.core.days import local_day
from apps.core.errors import DomainError
from apps.monitoring.intake import SubmittedLog, submit_symptom_log
from apps.monitoring.log_checks import version_of_form
from apps.patients.models import Patient
from apps.portal.at_once import at_once
from apps.portal.carrying import CARRIED_FOR, Carried, carried, codes_as_before, last_report, left_open
from apps.portal.forms.moments import EARLIER, FIRST, NOW, SECOND, meanings
from apps.portal.forms.symptom_log import SymptomLogForm, initial_from
from apps.portal.people import for_one_person, is_carer, my_address, page, user_of
from apps.portal.rescue import send_what_can_be_read
from apps.portal.selectors import (
    advice_on_answers,
    alert_status,
    log_row,
    logs_of,
    questioned_readings,
)
from apps.portal.translations import spoken
from apps.rules.types import Reporter
from apps.symptoms.models import SymptomLog
from apps.symptoms.services import LogConflict


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def log_today(request: HttpRequest, patient: Patient) -> HttpResponse:
    at = timezone.now()
    corrected = corrected_log(request, patient)
    same = None if corrected else what_was_same(request, patient, at)
    form = log_form(request, patient, at=at, corrected=corrected, same=same if request.GET.get("same") else None)
    if request.method == "POST" and form.is_valid() and is_asked_afresh(form):
        submitted = hand_over(request, patient, form, corrected)
        if submitted is not None:
            return redirect(my_address(request, patient, "receipt", submitted.log.pk))
    is_refused = request.method == "POST" and bool(form.errors)
    rescued = send_what_can_be_read(patient, form, by=user_of(request)) if is_refused else None
    shown = page(request, patient) | {"here": "log", "form": form, "corrected": corrected, "now": at}
    shown |= {"same": same, "is_same": bool(form["carried_from"].value())}
    if rescued:
        shown |= {"rescued": True} | alert_status(patient)
    shown["at_once"] = at_once(
        patient, form.catalogue, form.reporter, at=at, is_own_page=not is_carer(request, patient)
    )
    return render(request, "portal/log.html", shown, status=422 if form.errors else 200)


def what_was_same(request: HttpRequest, patient: Patient, at: datetime) -> Carried | None:
    """What may be carried over from this person's last report."""
    log = last_report(patient, reporter_of(request, patient, None), user_of(request), at=at)
    return carried(log, spoken(active_version()))


def is_asked_afresh(form: SymptomLogForm) -> bool:
    """False, with the questions named, when a report that is about the same leaves open what is never carried
    over. Only here, where the person still sits before the page: a phone asks before it sends."""
    if not form.cleaned_data["carried_from"] or form.cleaned_data.get("why_not"):
        return True
    for question in left_open(form.all_questions(), form.cleaned_data["answers"]):
        form.add_error(f"answer-{question.code}", _("Please answer this again: it is asked afresh each time."))
    return not form.errors


def log_form(
    request: HttpRequest,
    patient: Patient,
    *,
    at: datetime,
    corrected: SymptomLog | None,
    same: Carried | None = None,
) -> SymptomLogForm:
    initial = as_filled_in(corrected, patient) if corrected else {"by": by(request)}
    if same:
        initial |= {"carried_from": same.log.pk, **same.choices}
    return SymptomLogForm(
        request.POST if request.method == "POST" else None,
        initial=initial,
        catalogue=spoken(version_of_form(request.POST.get("catalogue_version", ""), at).version),
        reporter=reporter_of(request, patient, corrected),
        age_years=patient.age_years(local_day(at, patient.time_zone)),
        at=at,
        zone=patient.time_zone,
    )


def hand_over(
    request: HttpRequest, patient: Patient, form: SymptomLogForm, corrected: SymptomLog | None
) -> SubmittedLog | None:
    """The stored log, or None with the reason added to the form."""
    given = form.cleaned_data
    observed_at = moment_of(form, patient)
    source = carried_log(form, patient, user_of(request), observed_at)
    try:
        return submit_symptom_log(
            patient=patient,
            by=user_of(request),
            reporter=form.reporter,
            at=form.at,
            client_id=given["client_id"],
            observed_at=observed_at,
            answers=given["answers"],
            vital_signs=given["vital_signs"],
            note=given["note"],
            channel="browser",
            supersedes=corrected,
            asked_by=form.catalogue.version,
            carried_from=source,
            carried=codes_as_before(source, given["answers"], form.catalogue) if source else (),
            filled_in_seconds=given["seconds"],
        )
    except LogConflict as conflict:
        # Sent before with other answers: both are true reports, and this one was kept as its own.
        return SubmittedLog(conflict.kept, created=False, alerts=[])
    except DomainError as refusal:
        form.add_refusal(refusal)
    return None


def carried_log(form: SymptomLogForm, patient: Patient, user: User, observed_at: datetime) -> SymptomLog | None:
    """The earlier report that the page named. One that is too old or somebody else's is passed over: the answers
    stand for themselves."""
    named = form.cleaned_data["carried_from"]
    own = logs_of(patient).filter(recorded_by=user, reporter=str(form.reporter))
    found = own.filter(pk=named).first() if named else None
    return found if found and timedelta(0) <= observed_at - found.observed_at <= CARRIED_FOR else None


def moment_of(form: SymptomLogForm, patient: Patient) -> datetime:
    """“Now” is when the form first came in: a second tap on the button is the same report."""
    moment: datetime = form.cleaned_data["moment"]
    if form.cleaned_data["when"] != NOW:
        return moment
    first = logs_of(patient).filter(client_id=form.cleaned_data["client_id"]).first()
    return first.observed_at if first else moment


def by(request: HttpRequest) -> str:
    """“carer” when somebody else fills the form in at the patient's own sign-in."""
    asked = request.POST if request.method == "POST" else request.GET
    return "carer" if asked.get("by") == "carer" else ""


def reporter_of(request: HttpRequest, patient: Patient, corrected: SymptomLog | None) -> Reporter:
    if corrected is not None:
        return Reporter(corrected.reporter)
    if is_carer(request, patient) or by(request) == "carer":
        return Reporter.CARER
    return Reporter.PATIENT


def corrected_log(request: HttpRequest, patient: Patient) -> SymptomLog | None:
    """The earlier log that this one puts right: only one's own."""
    name = "supersedes" if request.method == "POST" else "corrects"
    asked = request.POST if request.method == "POST" else request.GET
    given = asked.get(name, "")
    if not given:
        return None
    try:
        wanted = uuid.UUID(given)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(logs_of(patient), pk=wanted, recorded_by=user_of(request))


def as_filled_in(log: SymptomLog, patient: Patient) -> dict[str, Any]:
    """The form as it was for this log, at the moment it spoke of."""
    local = log.observed_at.astimezone(ZoneInfo(patient.time_zone))
    found = meanings(local.date(), local.time(), patient.time_zone)
    return initial_from(log) | {
        "when": EARLIER,
        "day": local.date(),
        "clock": local.time().replace(second=0, microsecond=0),
        "which": "" if len(found) < 2 else (SECOND if local.fold else FIRST),
    }


@never_cache
@require_GET
@for_one_person
def receipt(request: HttpRequest, patient: Patient, log_id: uuid.UUID) -> HttpResponse:
    at = timezone.now()
    catalogue = spoken(active_version())
    log = get_object_or_404(logs_of(patient), pk=log_id)
    shown = {
        "log": log_row(log, user_of(request).pk),
        "questioned": questioned_readings(log),
        "extra_advice": advice_on_answers(log, catalogue),
        "now": at,
    }
    return render(request, "portal/receipt.html", page(request, patient) | alert_status(patient) | shown)


@never_cache
@require_GET
@for_one_person
def status(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The piece of a page that changes by itself: whether a person has taken the alert. 204: as it was."""
    found = alert_status(patient)
    if found["status_digest"] == request.GET.get("shown"):
        return HttpResponse(status=204)
    return render(request, "portal/_status.html", page(request, patient) | found)
