"""Writing a plan. A preview says what comes of it while it is typed; only a signature puts it into force."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.dashboards.access import find_patient, for_staff
from apps.dashboards.patient_page import risk_factors_at
from apps.dashboards.plan_door import attempt, in_time_of_patient, show
from apps.dashboards.plan_editor import Editor, Preview, with_row, without_row
from apps.tapers.models import PlanProposal
from apps.tapers.proposals import propose_change, propose_plan


@require_http_methods(["GET", "POST"])
@for_staff
def edit(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """Buttons of the form say what is wanted: a row more or less, the preview, or to propose it."""
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        if request.method == "GET":
            return _page(request, user, Editor(patient, at), None)
        editor = Editor(patient, at, _with_rows_as_wanted(request.POST))
        if "add-row" in request.POST or "remove-row" in request.POST:
            return _page(request, user, editor, editor.draw(), hushed=True)
        drawn = editor.draw()
        if "propose" not in request.POST:
            return _page(request, user, editor, drawn)
        proposal = _proposed(editor, drawn, user)
        if proposal is None:
            return _page(request, user, editor, drawn, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    messages.success(request, _("Proposed. Nothing has changed yet: it is in force once somebody signs it."))
    return redirect("dashboards:proposal", proposal.pk)


@require_POST
@for_staff
def preview(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    """The piece of the page that follows what is typed."""
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        editor = Editor(patient, at, request.POST)
        drawn = editor.draw()
        context = {"editor": editor, "preview": drawn, "missing": editor.faults(), "is_piece": True}
        return show(request, user, patient, "dashboards/plan/_preview.html", at, context)


def _page(
    request: HttpRequest,
    user: User,
    editor: Editor,
    drawn: Preview | None,
    *,
    hushed: bool = False,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    """`hushed`: a row was added or taken away, and nobody is done yet."""
    is_refused = status != HTTPStatus.OK
    context = {
        "tab": "edit",
        "editor": editor,
        "preview": drawn,
        "missing": editor.faults() if editor.head.is_bound and not hushed else [],
        "problems": editor.faults() if is_refused else [],
        "risk_factors": risk_factors_at(editor.patient, editor.at),
    }
    return show(request, user, editor.patient, "dashboards/plan/edit.html", editor.at, context, status)


def _with_rows_as_wanted(data: QueryDict) -> QueryDict:
    if "add-row" in data:
        return with_row(data, str(data["add-row"]))
    if "remove-row" in data:
        route, _dash, number = str(data["remove-row"]).partition("-")
        return without_row(data, route, number)
    return data


def _proposed(editor: Editor, drawn: Preview | None, user: User) -> PlanProposal | None:
    if drawn is None or not editor.head.is_valid():
        return None
    given = editor.head.cleaned_data
    about: dict[str, Any] = {"by": user, "at": editor.at, "effective_at": drawn.effective_at, "steps": drawn.steps}

    def act() -> PlanProposal:
        if editor.plan is None:
            return propose_plan(
                patient=editor.patient,
                indication=given["indication"],
                use_started_on=given["use_started_on"],
                is_gated=given["is_gated"],
                reason=given["reason"],
                **about,
            )
        return propose_change(
            plan=editor.plan, kind=editor.kind, reason=given["reason"], seen=editor.seen, **about
        )

    found: PlanProposal | None = attempt(editor.head, act)
    return found
