"""For the phone that sends by itself: who is signed in, taking in a report, and pages that open without a
connection."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import User
from apps.accounts.sessions import go_on
from apps.patients.models import Patient
from apps.portal.forms.moments import NOW
from apps.portal.forms.symptom_log import SymptomLogForm
from apps.portal.people import PORTAL_ROLES, for_one_person, my_address, people_of, user_of, ward_of
from apps.portal.phone_keys import sealing_keys
from apps.portal.receipts import receipts
from apps.portal.rescue import send_what_can_be_read
from apps.portal.views.logs import corrected_log, hand_over, log_form
from apps.symptoms.models import SymptomLog

SHELL = {"help": "portal/help.html", "phone": "portal/phone.html"}


@never_cache
@require_GET
def who(request: HttpRequest) -> JsonResponse:
    """Who is signed in, their keys, the token for sending, and what became of the reports named (`of`)."""
    user = request.user
    if not isinstance(user, User) or user.role not in PORTAL_ROLES:
        return JsonResponse({"state": "signed_out"}, status=401)
    go_on(request)
    return JsonResponse(
        {
            "person": str(user.pk),
            "keys": sealing_keys(user),
            "csrf": get_token(request),
            "at": timezone.now().timestamp() * 1000,
            "receipts": receipts(user, asked_ids(request)),
        }
    )


def asked_ids(request: HttpRequest) -> list[UUID]:
    found = []
    for text in filter(None, request.GET.get("of", "").split(",")):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@never_cache
@require_POST
@for_one_person
def send_log(request: HttpRequest, patient: Patient) -> JsonResponse:
    """The form of the page, field by field, sent by a script: same checks, same intake. The headers say whose it
    is, when it was made by the server's clock, and whether it was left unfinished."""
    if request.headers.get("Taperwatch-Person") != str(user_of(request).pk):
        # Somebody else has signed in between writing and sending.
        return JsonResponse({"state": "other_person"}, status=409)
    at = timezone.now()
    corrected = corrected_log(request, patient)
    form = log_form(request, patient, at=at, corrected=corrected)
    is_valid = form.is_valid()
    put_in_its_time(form, request)
    if is_valid:
        submitted = hand_over(request, patient, form, corrected)
        if submitted is not None:
            return JsonResponse(taken(request, patient, submitted.log), status=201 if submitted.created else 200)
    rescued = send_what_can_be_read(patient, form, by=user_of(request))
    problems = [{"field": anchor, "words": words} for anchor, words in form.problems]
    return JsonResponse({"state": "refused", "problems": problems, "rescued": bool(rescued)}, status=422)


def taken(request: HttpRequest, patient: Patient, log: SymptomLog) -> dict[str, Any]:
    receipt = receipts(user_of(request), [log.pk])[str(log.pk)]
    return receipt | {"state": "received", "address": my_address(request, patient, "receipt", log.pk)}


def put_in_its_time(form: SymptomLogForm, request: HttpRequest) -> None:
    """“Now” on the phone was when it was written, not when it came in. A note for the ward says that the person
    did not press Send, in the ward's language and the same at each try: it is part of the report."""
    given = form.cleaned_data
    if given.get("when") == NOW:
        given["moment"] = made_at(request, form.at)
    if request.headers.get("Taperwatch-Unfinished"):
        with translation.override(settings.LANGUAGE_CODE):
            unfinished = _("Not finished: these answers were left on the phone and sent by themselves.")
        given["note"] = f"{unfinished}\n{given.get('note') or ''}".strip()


def made_at(request: HttpRequest, at: datetime) -> datetime:
    """When the phone says it was written, by the server's clock; never later than now. Without a word, now."""
    try:
        made = datetime.fromtimestamp(int(request.headers.get("Taperwatch-Made", "")) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return at
    return min(made, at)


@require_GET
def shell(request: HttpRequest, name: str) -> HttpResponse:
    """A page for everybody, that a phone keeps and fills in itself. With `in` (a language) it names nobody at all:
    that is the copy that is kept."""
    language = request.GET.get("in")
    if language in dict(settings.LANGUAGES):
        with translation.override(language):
            answer = render(request, SHELL[name])
        answer["Cache-Control"] = "no-cache"
        return answer
    answer = render(request, SHELL[name], {"ward": own_ward(request)})
    answer["Cache-Control"] = "no-store, private"
    return answer


def own_ward(request: HttpRequest) -> Any:
    """The ward to call, if there is one person that it can be asked for."""
    user = request.user
    if not isinstance(user, User) or user.role not in PORTAL_ROLES:
        return None
    people = list(people_of(user)[:2])
    return ward_of(people[0]) if len(people) == 1 else None
