from http import HTTPStatus
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.dashboards.access import find_ward, for_staff, in_time_of, wards_of
from apps.dashboards.board.narrowing import Narrowing, Show, narrow
from apps.dashboards.board.need import explained_order
from apps.dashboards.record import remember_board_view
from apps.dashboards.selectors import WardRead, board_of, read_ward, unowned_by_ward

STALE_AFTER_SECONDS = 15
"""Without a good answer for this long, a board says by itself that it is not live."""
SOUND_TRIED_FOR_HOURS = 12
"""The longest shift: after it the board's sound is believed only when it has been tried again. Project choice."""


@require_GET
@for_staff
def wards(request: HttpRequest, user: User) -> HttpResponse:
    """The wards somebody works on; straight to the board of one who works on one."""
    mine = list(wards_of(user))
    if len(mine) == 1:
        return redirect("dashboards:board", mine[0].pk)
    waiting = unowned_by_ward(mine)
    shown = [(ward, waiting.get(ward.pk, 0)) for ward in mine]
    return render(request, "dashboards/wards.html", {"wards": shown})


@require_GET
@for_staff
def board(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    """The page, or for htmx the piece that changes. 204: as it was, and the feed lives.

    `show` and `q` narrow the rows (`narrowing`)."""
    ward = find_ward(user, ward_id)
    at = timezone.now()
    read = read_ward(ward, at)
    remember_board_view(user, ward, [patient.patient_id for patient, *_rest in read.patients], at)
    if request.GET.get("v") == read.version:
        return with_times(HttpResponse(status=HTTPStatus.NO_CONTENT), read)
    template = "_ward_board_rows.html" if request.headers.get("HX-Request") else "ward_board.html"
    narrowing = Narrowing.of_query(request.GET)
    with in_time_of(ward):
        whole = board_of(read, user=user)
        context = {
            "board": whole,
            "narrowing": narrowing,
            "narrowed": narrow(whole.rows, narrowing, at),
            "shows": Show,
            "ward": ward,
            "here": "board",
            "now": at,
            "order": explained_order(),
            "stale_after": STALE_AFTER_SECONDS,
            "sound_hours": SOUND_TRIED_FOR_HOURS,
        }
        return with_times(render(request, f"dashboards/{template}", context), read)


@require_POST
@for_staff
def sound(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    """Somebody tried the board's sound and says whether they heard it."""
    ward = find_ward(user, ward_id)
    heard = request.POST.get("heard")
    if heard not in ("yes", "no"):
        return HttpResponse(status=HTTPStatus.UNPROCESSABLE_ENTITY)
    record_event(
        AuditEvent.Type.SOUND_TRIED, subject=ward, by=user, at=timezone.now(), detail={"heard": heard == "yes"}
    )
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def with_times(response: HttpResponse, read: WardRead) -> HttpResponse:
    """When the data were read and when the pipeline last proved itself: with every answer, also an empty one."""
    response["X-Board-At"] = read.at.isoformat()
    response["X-Board-Proven-At"] = read.proven_at.isoformat() if read.proven_at else ""
    return response
