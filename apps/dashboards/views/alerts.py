"""Reading an alert and answering it. Each answer is a small form that works without JavaScript; a refusal is shown
on the page as it is now, so that nobody acts on what was true a minute ago."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import User
from apps.alerts.errors import AlertAlreadyAcknowledged, AlertClosed
from apps.alerts.models import Alert
from apps.alerts.services import (
    acknowledge_alert,
    decline_alert,
    end_silence,
    note_alert,
    pass_on_alert,
    release_alert,
    resolve_alert,
    silence_alert,
)
from apps.alerts.silences import longest_silence
from apps.core.errors import DomainError, InvalidInput
from apps.dashboards.access import find_alert, for_staff, in_time_of, stay_of
from apps.dashboards.alert_page import alert_page, seen_token, state_token
from apps.dashboards.board.need import AlertState, is_past_time, is_silent
from apps.dashboards.colleagues import colleague, colleagues_of
from apps.dashboards.forms import DeclineForm, NoteForm, PassOnForm, ReleaseForm, ResolveForm, SilenceForm
from apps.dashboards.record import remember_patient_view
from apps.dashboards.standing_of_supply import standing_of_supply

Answer = Callable[[Alert, datetime, dict[str, Any]], str]
"""Does it and says what was done."""


FIELDS = {"/until": "hours"}
"""Where the form asks otherwise than the service is told."""


class AlertHasRisen(DomainError):
    code = "alert_has_risen"


@require_GET
@for_staff
def alert(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    return _page(request, user, find_alert(user, alert_id))


@require_GET
@for_staff
def state(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    """Whether the alert stands as the page says. 204: it does."""
    found = find_alert(user, alert_id)
    if request.GET.get("v") == state_token(found):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    at = timezone.now()
    remember_patient_view(request, user, found.patient, subject=found, at=at)
    with in_time_of(stay_of(found.patient).ward):
        shown = _standing(found, user, at) | {"has_changed": True}
        return render(request, "dashboards/_alert_state.html", shown)


@require_POST
@for_staff
def take(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        acknowledge_alert(alert=found, by=user, at=at)
        return _("You have taken it. Say what became of it before you leave it.")

    return _answer(request, user, alert_id, forms.Form, answer)


@require_POST
@for_staff
def release(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        release_alert(alert=found, by=user, at=at, note=given["note"])
        return _("Handed back. The calling has begun anew.")

    return _answer(request, user, alert_id, ReleaseForm, answer)


@require_POST
@for_staff
def decline(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        decline_alert(alert=found, by=user, at=at, note=given["note"])
        return _("Kept: you cannot go. Somebody else is called.")

    return _answer(request, user, alert_id, DeclineForm, answer)


@require_POST
@for_staff
def pass_on(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        to = colleague(found, given["to"])
        pass_on_alert(alert=found, by=user, to=to or user, at=at, note=given["note"])
        return _("%(name)s is asked now. Until they take it, nobody has it.") % {"name": to}

    found = find_alert(user, alert_id)
    colleagues = colleagues_of(found, but=user, at=timezone.now())
    return _answer(request, user, alert_id, partial(PassOnForm, colleagues=colleagues), answer)


@require_POST
@for_staff
def silence(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        until = at + timedelta(hours=given["hours"] or 0)
        silence_alert(alert=found, by=user, at=at, until=until, note=given["note"])
        return _("Nobody is called until %(clock)s. What is worse comes through.") % {"clock": _clock(until)}

    longest = longest_silence(find_alert(user, alert_id)) or timedelta(0)
    return _answer(request, user, alert_id, partial(SilenceForm, longest=longest), answer)


@require_POST
@for_staff
def unsilence(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        end_silence(alert=found, by=user, at=at)
        return _("The silence has ended. The calling has begun anew.")

    return _answer(request, user, alert_id, forms.Form, answer)


@require_POST
@for_staff
def note(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        note_alert(alert=found, by=user, at=at, note=given["note"])
        return _("Note kept.")

    return _answer(request, user, alert_id, NoteForm, answer)


@require_POST
@for_staff
def resolve(request: HttpRequest, user: User, alert_id: UUID) -> HttpResponse:
    def answer(found: Alert, at: datetime, given: dict[str, Any]) -> str:
        _refuse_risen(found, given["seen"])
        resolve_alert(alert=found, by=user, at=at, outcome=given["outcome"], note=given["note"])
        return _("Closed.")

    return _answer(request, user, alert_id, ResolveForm, answer)


def _answer(
    request: HttpRequest, user: User, alert_id: UUID, form_class: Callable[..., forms.Form], answer: Answer
) -> HttpResponse:
    found = find_alert(user, alert_id)
    form = form_class(request.POST)
    with in_time_of(stay_of(found.patient).ward):
        if not form.is_valid():
            return _page(request, user, found, refused=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            # A savepoint: what a refusal had begun is undone, and the page can still be read and recorded.
            with transaction.atomic():
                said = answer(found, timezone.now(), form.cleaned_data)
        except DomainError as refusal:
            found.refresh_from_db()
            _add_refusal(form, refusal, found)
            return _page(request, user, found, refused=form, status=HTTPStatus(refusal.status))
    messages.success(request, said)
    return redirect("dashboards:alert", found.pk)


def _refuse_risen(found: Alert, seen: str) -> None:
    """Held from here to the end of the transaction, so that it cannot rise between the look and the closing."""
    now = Alert.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if now.status != Alert.Status.RESOLVED and seen != seen_token(now):
        raise AlertHasRisen(
            _("It has got worse since you opened this page: it is now “%(level)s”. Read it again, then close it.")
            % {"level": now.get_level_display()}
        )


def _add_refusal(form: forms.Form, refusal: DomainError, found: Alert) -> None:
    """In the words and by the clock of the ward."""
    words = refusal.message
    if isinstance(refusal, AlertAlreadyAcknowledged) and found.acknowledged_at:
        words = _("%(name)s took it at %(clock)s.") % {
            "name": found.acknowledged_by,
            "clock": _clock(found.acknowledged_at),
        }
    elif isinstance(refusal, AlertClosed) and found.resolved_at:
        words = _("%(name)s closed it at %(clock)s.") % {
            "name": found.resolved_by,
            "clock": _clock(found.resolved_at),
        }
    problems = refusal.problems if isinstance(refusal, InvalidInput) else ()
    for problem in problems:
        field = FIELDS.get(problem.pointer, problem.pointer.strip("/"))
        form.add_error(field if field in form.fields else None, problem.detail)
    if not problems:
        form.add_error(None, words)


def _clock(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "H:i")


def _page(
    request: HttpRequest,
    user: User,
    found: Alert,
    *,
    refused: forms.Form | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    at = timezone.now()
    stay = stay_of(found.patient)
    remember_patient_view(request, user, found.patient, subject=found, at=at)
    page = alert_page(found)
    longest = longest_silence(found)
    context = _standing(page.alert, user, at) | {
        "page": page,
        "patient": found.patient,
        "stay": stay,
        "ward": stay.ward,
        "supply": standing_of_supply(found.patient, at),
        "now": at,
        "refused": refused,
        "release_form": _form(ReleaseForm, refused, "release"),
        "note_form": _form(NoteForm, refused, "add"),
        "decline_form": _form(DeclineForm, refused, "decline"),
        "pass_on_form": _form(PassOnForm, refused, "pass-on", colleagues=colleagues_of(found, but=user, at=at)),
        "silence_form": longest and _form(SilenceForm, refused, "silence", longest=longest),
        # What is shown now is what has been seen, whatever the refused form said.
        "resolve_form": _form(ResolveForm, refused, "resolve"),
    }
    with in_time_of(stay.ward):
        return render(request, "dashboards/alert.html", context, status=status)


def _form(form_class: type[forms.Form], refused: forms.Form | None, prefix: str, **given: Any) -> forms.Form:
    if isinstance(refused, form_class):
        refused.auto_id = f"{prefix}-%s"
        return refused
    return form_class(auto_id=f"{prefix}-%s", **given)


def _standing(found: Alert, user: User, at: datetime) -> dict[str, Any]:
    """How the alert stands, for the page and for the piece of it that refreshes."""
    state = AlertState(found.level, found.raised_at, found.acknowledged_at, found.silenced_until)
    return {
        "alert": found,
        "state_token": state_token(found),
        "is_mine": found.acknowledged_by_id == user.pk,
        "is_silent": is_silent(state, at),
        "is_past_time": found.status == Alert.Status.ACKNOWLEDGED and is_past_time(state, at),
        "now": at,
    }
