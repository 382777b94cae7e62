"""Passkeys: the way in by the phone's own lock, and the page on which a person keeps theirs.

Pages and forms work by themselves; only what makes or uses a passkey needs a script, as browsers offer it to
scripts alone (`static/js/passkeys.js`)."""

import json
from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.account.utils import perform_login
from allauth.account.views import password_set
from allauth.core import ratelimit
from allauth.utils import get_request_param
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Passkey, User
from apps.accounts.passkeys.ceremony import PasskeyRefused, begin_making, begin_using, finish_making, finish_using
from apps.accounts.passkeys.fresh import is_fresh, show_who
from apps.accounts.passkeys.keeping import end_passkey, keep_passkey, note_use
from apps.accounts.passkeys.naming import name_of_device
from apps.accounts.sessions import stay_signed_in
from apps.core.errors import DomainError

LONGEST_ANSWER = 20_000


@never_cache
@require_GET
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    user, at = _user(request), timezone.now()
    shown = {
        "passkeys": user.passkeys.filter(ended_at=None).order_by("made_at"),
        "has_passphrase": user.has_usable_password(),
        "has_a_way_in": user.has_a_way_in,
        "is_fresh": is_fresh(request, at),
        "suggested": name_of_device(request.headers.get("User-Agent", "")),
        "now": at,
    }
    return render(request, "accounts/passkeys.html", shown)


@never_cache
@require_POST
@login_required
def make_options(request: HttpRequest) -> JsonResponse:
    at = timezone.now()
    if not is_fresh(request, at):
        return _not_fresh()
    return JsonResponse(begin_making(request, _user(request), at))


@never_cache
@require_POST
@login_required
def make(request: HttpRequest) -> HttpResponse:
    user, at = _user(request), timezone.now()
    if not is_fresh(request, at):
        messages.error(request, _("Show once more that it is you, then try again."))
        return redirect("passkeys:mine")
    try:
        data = finish_making(request, _answer(request), at)
        keep_passkey(user=user, data=data, name=request.POST.get("name", ""), at=at)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Done. From now on you come in with the lock of this phone or computer."))
    return redirect("passkeys:mine")


@never_cache
@require_POST
@login_required
def end(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    user, at = _user(request), timezone.now()
    passkey = get_object_or_404(Passkey, pk=passkey_id, user=user, ended_at=None)
    if not is_fresh(request, at):
        messages.error(request, _("Show once more that it is you, then try again."))
        return redirect("passkeys:mine")
    try:
        end_passkey(passkey=passkey, by=user, at=at)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("“%(name)s” no longer lets anybody in.") % {"name": passkey.name})
    return redirect("passkeys:mine")


@never_cache
@login_required
def set_passphrase(request: HttpRequest) -> HttpResponse:
    """The library's page, for somebody who has none yet."""
    if not is_fresh(request, timezone.now()):
        messages.error(request, _("Show once more that it is you, then try again."))
        return redirect("passkeys:mine")
    answer: HttpResponse = password_set(request)
    return answer


@never_cache
@require_POST
def use_options(request: HttpRequest) -> HttpResponse:
    if not ratelimit.consume(request, action="login"):
        return JsonResponse({"problem": _("Too many tries. Wait a minute.")}, status=HTTPStatus.TOO_MANY_REQUESTS)
    return JsonResponse(begin_using(request, timezone.now()))


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """By the same gate as with a passphrase: whoever may not come in, may not either way."""
    try:
        user, is_of_this_phone = _who_signs(request)
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("account_login")
    answer: HttpResponse = perform_login(request, user, redirect_url=_next(request))
    if is_of_this_phone and request.user == user:
        stay_signed_in(request, user)
    return answer


@never_cache
@require_POST
@login_required
def confirm(request: HttpRequest) -> HttpResponse:
    """By passkey or by passphrase; wrong passphrases count as at the sign-in."""
    user, at = _user(request), timezone.now()
    if request.POST.get("credential"):
        try:
            signer, _is_of_this_phone = _who_signs(request)
        except DomainError as refusal:
            messages.error(request, refusal.message)
            return redirect("passkeys:mine")
        is_they = signer == user
    else:
        given = {"username": user.get_username(), "password": request.POST.get("passphrase", "")}
        is_they = authenticate(request, **given) == user
    if is_they:
        show_who(request, at)
    else:
        messages.error(request, _("That is not right. Nothing was changed."))
    return redirect("passkeys:mine")


def _who_signs(request: HttpRequest) -> tuple[User, bool]:
    at, answer = timezone.now(), _answer(request)
    passkey, sign_count = finish_using(request, answer, at)
    note_use(passkey=passkey, sign_count=sign_count, at=at)
    # "cross-platform": another's computer, and the phone only signed for it.
    return passkey.user, answer.get("authenticatorAttachment") == "platform"


def _answer(request: HttpRequest) -> dict[str, Any]:
    text = request.POST.get("credential", "")
    try:
        answer = json.loads(text) if len(text) <= LONGEST_ANSWER else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise PasskeyRefused(_("This passkey was not accepted. Try again, or use your passphrase."))
    return answer


def _next(request: HttpRequest) -> str | None:
    wanted = get_request_param(request, "next")
    allowed = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if allowed else None


def _not_fresh() -> JsonResponse:
    words = _("Show once more that it is you, then try again.")
    return JsonResponse({"problem": words}, status=HTTPStatus.FORBIDDEN)


def _user(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("nobody is signed in")
    return user
