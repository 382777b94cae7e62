"""`/` leads each person to their own door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts.models import User

DOORS = {User.Role.PATIENT: "/my/", User.Role.CARER: "/my/", User.Role.STAFF: "/ward/"}


def front_door(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("account_login")
    # A connected system has no page; the description of the API is the nearest thing to one.
    return redirect(DOORS.get(User.Role(request.user.role), "/api/v1/"))
