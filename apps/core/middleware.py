from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]


def nothing_of_a_person_is_kept(get_response: Answer) -> Answer:
    """What a signed-in person is answered stays in no cache, error pages included, unless the view says so."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" not in response and getattr(request, "user", None) and request.user.is_authenticated:
            response["Cache-Control"] = "no-store, private"
        return response

    return middleware
