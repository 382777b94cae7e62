"""Reminders of the log: on which phones, by e-mail or not, at what time, and who else is asked."""

from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.errors import DomainError
from apps.messaging.errors import SubscriptionRefused
from apps.messaging.services import subscribe, unsubscribe
from apps.monitoring.clock import log_asked
from apps.patients.models import Carer, Patient
from apps.portal.forms.reminders import ReminderForm
from apps.portal.people import PORTAL_ROLES, for_one_person, is_carer, my_address, page, user_of
from apps.portal.phone_names import name_of_browser
from apps.reminders.selectors import is_reminded, my_reminders
from apps.reminders.services import agree_to_reminders, choose, note_shown, send_test, stop_reminders


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def reminders(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Everybody sees and chooses their own; a carer, those about one person they care for."""
    at = timezone.now()
    shown = my_reminders(user_of(request), patient, at)
    given = request.POST if request.POST.get("do") == "choose" else None
    form = ReminderForm(given, choice=shown.choice, is_carer=is_carer(request, patient))
    if request.method == "POST" and _do(request, patient, form):
        return redirect(my_address(request, patient, "reminders"))
    carer = _carer(request, patient)
    told = page(request, patient) | {
        "form": form,
        "reminders": shown,
        "log_asked": log_asked(patient, at),
        "push_key": settings.VAPID_PUBLIC_KEY,
        "is_reminded": carer is not None and is_reminded(carer),
        "now": at,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "portal/reminders.html", told, status=status)


def _do(request: HttpRequest, patient: Patient, form: ReminderForm) -> bool:
    """False: the form has to be put right."""
    asked = request.POST.get("do")
    if asked == "choose":
        return _choose(request, form)
    if asked == "test":
        _test(request, patient)
    elif asked == "remove":
        _remove(request)
    elif asked in ("agree", "stop"):
        _as_carer(request, patient, agrees=asked == "agree")
    return True


def _choose(request: HttpRequest, form: ReminderForm) -> bool:
    if not form.is_valid():
        return False
    try:
        choose(
            user=user_of(request),
            by_email=form.cleaned_data["by_email"],
            chosen=form.chosen,
            language=get_language() or "en",
            at=timezone.now(),
        )
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    messages.success(request, _("Your choice is kept."))
    return True


def _test(request: HttpRequest, patient: Patient) -> None:
    try:
        send_test(patient=patient, user=user_of(request), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("A test is on its way. Load this page again to see whether it arrived."))


def _remove(request: HttpRequest) -> None:
    try:
        wanted = UUID(request.POST.get("phone", ""))
    except ValueError:
        raise Http404 from None
    if unsubscribe(user=user_of(request), subscription_id=wanted, at=timezone.now()):
        messages.success(request, _("This phone gets no more messages."))


def _carer(request: HttpRequest, patient: Patient) -> Carer | None:
    return Carer.objects.filter(patient=patient, user=user_of(request), withdrawn_at=None).first()


def _as_carer(request: HttpRequest, patient: Patient, *, agrees: bool) -> None:
    """Only for themself: nobody else can have a carer woken."""
    carer = _carer(request, patient)
    if carer is None:
        raise Http404
    if agrees:
        agree_to_reminders(carer=carer, at=timezone.now())
        messages.success(request, _("You will be reminded when no log comes."))
    else:
        stop_reminders(carer=carer, at=timezone.now())
        messages.success(request, _("You will not be reminded any more."))


@never_cache
@require_POST
@login_required
def add_phone(request: HttpRequest) -> JsonResponse:
    """What the browser's `PushManager.subscribe` answered, from the page or from the worker."""
    user = user_of(request)
    if user.role not in PORTAL_ROLES:
        raise Http404
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        subscribe(
            user=user,
            label=name_of_browser(request.headers.get("User-Agent", "")),
            language=get_language() or "en",
            at=timezone.now(),
            **given,
        )
    except SubscriptionRefused as refusal:
        return JsonResponse({"state": refusal.code, "words": refusal.message}, status=refusal.status)
    return JsonResponse({"state": "taken"}, status=201)


@csrf_exempt  # The worker may have no session any more; it knows the id only because it opened the message.
@require_POST
def message_shown(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Says nothing of whether there is such a message."""
    note_shown(attempt_id=attempt_id, was_opened="opened" in request.GET, at=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)
