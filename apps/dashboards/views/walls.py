"""The board on the wall: nobody is signed in there, so it shows initials and beds and takes no orders."""

from http import HTTPStatus
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import User
from apps.core.errors import DomainError
from apps.dashboards.access import find_ward, for_staff, in_time_of
from apps.dashboards.selectors import board_of, read_ward
from apps.dashboards.views.boards import STALE_AFTER_SECONDS, with_times
from apps.wards.walls import find_link, make_screen, open_screen, revoke_screen, screen_of, screens_of

KEY = "taperwatch_wall"
KEPT_S = 365 * 24 * 3600


@require_http_methods(["GET", "POST"])
@for_staff
def screens(request: HttpRequest, user: User, ward_id: UUID) -> HttpResponse:
    ward, at = find_ward(user, ward_id), timezone.now()
    shown: dict[str, object] = {}
    if request.method == "POST" and request.POST.get("do") == "make":
        try:
            made, token = make_screen(ward=ward, label=request.POST.get("label", ""), by=user, at=at)
        except DomainError as refusal:
            shown = {"problem": refusal.message}
        else:
            address = request.build_absolute_uri(reverse("dashboards:wall-open", args=(token,)))
            shown = {"made": made, "address": address}
    elif request.method == "POST":
        revoke_screen(screen=get_object_or_404(screens_of(ward), pk=_id(request)), by=user, at=at)
        messages.success(request, _("That screen shows nothing more."))
        return redirect("dashboards:screens", ward.pk)
    shown |= {"ward": ward, "screens": screens_of(ward), "now": at}
    with in_time_of(ward):
        return render(request, "dashboards/screens.html", shown, status=422 if "problem" in shown else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def wall_open(request: HttpRequest, token: str) -> HttpResponse:
    """Looking at the link does not use it up: a programme that reads links in messages is not the screen."""
    at = timezone.now()
    screen = find_link(token, at)
    if screen is None:
        return render(request, "dashboards/wall_spent.html", status=HTTPStatus.NOT_FOUND)
    if request.method == "GET":
        return render(request, "dashboards/wall_open.html", {"screen": screen})
    try:
        key = open_screen(token=token, at=at)
    except DomainError:
        return render(request, "dashboards/wall_spent.html", status=HTTPStatus.NOT_FOUND)
    answer = redirect("dashboards:wall")
    answer.set_cookie(
        KEY, key, max_age=KEPT_S, path=reverse("dashboards:wall"), httponly=True, samesite="Strict",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@never_cache
@require_GET
def wall(request: HttpRequest) -> HttpResponse:
    """As the board: 204 where nothing has changed, 404 once the screen was taken back."""
    screen = screen_of(request.COOKIES.get(KEY, ""))
    if screen is None:
        return render(request, "dashboards/wall_spent.html", status=HTTPStatus.NOT_FOUND)
    ward, at = screen.ward, timezone.now()
    read = read_ward(ward, at)
    if request.GET.get("v") == read.version:
        return with_times(HttpResponse(status=HTTPStatus.NO_CONTENT), read)
    template = "_wall_rows.html" if request.headers.get("HX-Request") else "wall.html"
    with in_time_of(ward):
        # Nobody's own: no alert is "yours" on a wall.
        board = board_of(read, user=User(pk=uuid4()))
        shown = {"board": board, "ward": ward, "screen": screen, "now": at}
        shown["stale_after"] = STALE_AFTER_SECONDS
        return with_times(render(request, f"dashboards/{template}", shown), read)


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError as error:
        raise Http404 from error
