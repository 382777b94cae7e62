"""Who is on duty: read by everybody on the ward, changed by who runs it; one's own duty by oneself."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.dashboards.access import find_ward, for_staff, in_time_of
from apps.dashboards.record_forms import RecordForm
from apps.dashboards.rota_forms import PutForm, SwapForm, UntilForm, week_from
from apps.dashboards.rota_page import RotaPage, held_by, rota_page
from apps.wards.models import Duty, Ward
from apps.wards.rota import (
    copy_week,
    job_of,
    may_run_rota,
    monday_of,
    put_on_duty,
    shifts_of,
    swap,
    take_off,
    take_over,
)
from apps.wards.services import people_of_ward


@require_http_methods(["GET", "POST"])
@for_staff
def rota(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    this_week = monday_of(at, ward.time_zone)
    monday = week_from(request.GET.get("week", ""), this_week)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    with in_time_of(ward):
        page = rota_page(ward, monday, at)
        forms = _forms(request, do, user, ward, page, this_week, at)
        if do and _done(request, do, user, ward, monday, forms, at):
            return redirect(f"{reverse('dashboards:rota', args=[ward.pk])}?week={monday}")
        refused = forms.get(do)
        shown = {
            "ward": ward,
            "page": page,
            "forms": forms,
            "refused": refused if refused is not None and refused.errors else None,
            "runs_rota": may_run_rota(user, ward),
            "this_week": this_week,
            "now": at,
        }
        return render(request, "dashboards/rota.html", shown, status=422 if do else 200)


def _forms(
    request: HttpRequest, do: str, user: User, ward: Ward, page: RotaPage, this_week: date, at: datetime
) -> dict[str, RecordForm]:
    def sent(name: str) -> QueryDict | None:
        return request.POST if do == name else None

    people = [one for one in people_of_ward(ward) if one.role == User.Role.STAFF]
    if not may_run_rota(user, ward):
        people = [one for one in people if one.pk == user.pk]
    day = page.today if page.monday == this_week else page.monday
    until = UntilForm(sent("until"), initial={"job": job_of(user, ward)}, auto_id="until-%s")
    return {
        "until": until,
        "put": PutForm(sent("put"), ward=ward, people=people, shifts=shifts_of(ward), day=day),
        "swap": SwapForm(sent("swap"), duties=list(page.duties)),
    }


def _done(
    request: HttpRequest,
    do: str,
    user: User,
    ward: Ward,
    monday: date,
    forms: dict[str, RecordForm],
    at: datetime,
) -> bool:
    """False, with the reason beside its field or above the page."""
    if do in forms and not forms[do].is_valid():
        return False
    acts: dict[str, Callable[[], str]] = {
        "until": lambda: _until(forms["until"], user, ward, at),
        "put": lambda: _put(forms["put"], user, ward, at),
        "swap": lambda: _swap(forms["swap"], user, at),
        "take_over": lambda: _take_over(request, user, ward, at),
        "take_off": lambda: _take_off(request, user, ward, at),
        "copy": lambda: _copy(request, ward, monday, user, at),
    }
    if do not in acts:
        raise Http404
    try:
        with transaction.atomic():
            said = acts[do]()
    except DomainError as refusal:
        if do in forms:
            forms[do].refuse(refusal)
        else:
            messages.error(request, refusal.message)
        return False
    messages.success(request, said)
    return True


def _until(form: RecordForm, user: User, ward: Ward, at: datetime) -> str:
    given = form.cleaned_data
    put_on_duty(ward=ward, user=user, job=given["job"], starts_at=at, ends_at=given["until"], by=user, at=at)
    return _("You are on duty now. Alerts of this ward call you.")


def _put(form: RecordForm, user: User, ward: Ward, at: datetime) -> str:
    given = form.cleaned_data
    duty = put_on_duty(
        ward=ward, user=given["user"], job=given["job"], starts_at=given["starts_at"], ends_at=given["ends_at"],
        by=user, at=at,
    )  # fmt: skip
    return _("%(name)s is on the rota.") % {"name": duty.user}


def _swap(form: RecordForm, user: User, at: datetime) -> str:
    swap(one=form.cleaned_data["one"], other=form.cleaned_data["other"], by=user, at=at)
    return _("Swapped.")


def _take_over(request: HttpRequest, user: User, ward: Ward, at: datetime) -> str:
    duty = _duty(request, ward)
    take_over(duty=duty, by=user, at=at)
    return _with_what_is_held(_("You have this duty now."), duty, at)


def _take_off(request: HttpRequest, user: User, ward: Ward, at: datetime) -> str:
    duty = _duty(request, ward)
    take_off(duty=duty, by=user, at=at)
    return _with_what_is_held(_("Taken off the rota."), duty, at)


def _with_what_is_held(said: str, duty: Duty, at: datetime) -> str:
    """Whoever leaves with an alert in hand still has it: somebody must hear of that."""
    count = held_by(duty.user) if duty.starts_at <= at else 0
    if not count:
        return said
    held = ngettext(
        "%(name)s still has %(count)d alert: have it passed on.",
        "%(name)s still has %(count)d alerts: have them passed on.",
        count,
    ) % {"name": duty.user, "count": count}
    return f"{said} {held}"


def _copy(request: HttpRequest, ward: Ward, monday: date, user: User, at: datetime) -> str:
    copied = copy_week(ward=ward, monday=monday, to_monday=monday + timedelta(days=7), by=user, at=at)
    said = ngettext(
        "%(count)d duty copied to the next week.", "%(count)d duties copied to the next week.", copied.made
    ) % {"count": copied.made}
    if copied.left_out:
        said += " " + _("Not copied: %(names)s.") % {"names": "; ".join(copied.left_out)}
    return said


def _duty(request: HttpRequest, ward: Ward) -> Duty:
    try:
        key = UUID(request.POST.get("duty", ""))
    except ValueError as error:
        raise Http404 from error
    found = Duty.objects.filter(ward=ward, pk=key).select_related("user", "ward").first()
    if found is None:
        raise Http404
    return found
