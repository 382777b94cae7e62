"""The rules: which version is in force, putting another in force, and what one on trial would have changed."""

from http import HTTPStatus
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import User
from apps.assessments.activation import LONGEST_REASON
from apps.assessments.models import ShadowRun
from apps.core.errors import DomainError
from apps.dashboards.access import for_staff, wards_of
from apps.dashboards.catalogue_page import CataloguePage, catalogue_page
from apps.dashboards.record import remember_patient_view
from apps.dashboards.shadow_page import KINDS, shadow_page, shadow_runs
from apps.monitoring.putting_in_force import put_in_force


class ActivationForm(forms.Form):
    """`after`: the number of the activation that the page showed. Of the published versions, the service decides
    which may be put in force now."""

    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    version = forms.ChoiceField(label=gettext_lazy("Version to put in force"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("Kept for good, with your name and the time."),
        widget=forms.Textarea(attrs={"class": "tw-textarea", "rows": 3, "maxlength": LONGEST_REASON}),
    )

    def __init__(self, page: CataloguePage, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={"after": page.seen})
        offered = page.choices if data is None else page.published
        self.fields["version"].choices = [(version, version) for version in offered]  # type: ignore[attr-defined]

    def see_anew(self, page: CataloguePage) -> None:
        """The page as it is shown now is what the next decision rests on."""
        self.data = (
            {**self.data.dict(), "after": str(page.seen)} if isinstance(self.data, QueryDict) else self.data
        )


@require_GET
@for_staff
def catalogue(request: HttpRequest, user: User) -> HttpResponse:
    page = catalogue_page(user)
    return _catalogue(request, user, page, ActivationForm(page))


@require_POST
@for_staff
def activate(request: HttpRequest, user: User) -> HttpResponse:
    page = catalogue_page(user)
    if not page.may_activate:
        raise PermissionDenied
    form = ActivationForm(page, request.POST)
    if not form.is_valid():
        return _catalogue(request, user, page, form, HTTPStatus.UNPROCESSABLE_ENTITY)
    given = form.cleaned_data
    try:
        # A savepoint: what a refusal had begun is undone, and the page can still be read.
        with transaction.atomic():
            done = put_in_force(by=user, at=timezone.now(), **given)
    except DomainError as refusal:
        form.add_error(None, refusal.message)
        page = catalogue_page(user)
        form.see_anew(page)
        return _catalogue(request, user, page, form, HTTPStatus(refusal.status))
    messages.success(request, _("“%(version)s” is in force from now on.") % {"version": done.version})
    return redirect("dashboards:catalogue")


@require_GET
@for_staff
def runs(request: HttpRequest, user: User) -> HttpResponse:
    shown = {"runs": shadow_runs(), "here": "rules", "now": timezone.now(), "zone": _zone(user)}
    with timezone.override(ZoneInfo(_zone(user))):
        return render(request, "dashboards/shadow_runs.html", shown)


@require_GET
@for_staff
def run(request: HttpRequest, user: User, run_id: UUID) -> HttpResponse:
    found = get_object_or_404(ShadowRun.objects.select_related("made_by", "ward"), pk=run_id)
    kind = request.GET.get("kind", "")
    if kind and kind not in KINDS:
        raise Http404
    at = timezone.now()
    page = shadow_page(found, user=user, kind=kind, number=request.GET.get("page", "1"))
    for patient in {line.patient.pk: line.patient for line in page.lines}.values():
        remember_patient_view(request, user, patient, subject=found, at=at)
    shown = {"shadow": page, "run": found, "here": "rules", "now": at, "zone": _zone(user)}
    with timezone.override(ZoneInfo(_zone(user))):
        return render(request, "dashboards/shadow_run.html", shown)


def _catalogue(
    request: HttpRequest,
    user: User,
    page: CataloguePage,
    form: ActivationForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    shown = {"page": page, "form": form, "here": "rules", "now": timezone.now(), "zone": _zone(user)}
    with timezone.override(ZoneInfo(_zone(user))):
        return render(request, "dashboards/catalogue.html", shown, status=status)


def _zone(user: User) -> str:
    """These pages belong to no ward: the clock of the first one that the person works on."""
    ward = wards_of(user).order_by("name").first()
    return ward.time_zone if ward else "UTC"
