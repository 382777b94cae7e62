"""What each problem type means: the `type` of a problem leads here. Public: a caller may not be signed in."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import DomainError

from .base import ApiView
from .errors import TITLES
from .shapes import Answer


class ProblemType(Answer):
    code: str
    title: str


class OneProblemType(ApiView):
    permission_classes = ()

    def get(self, request: Request, code: str) -> Response:
        title = TITLES.get(code) or _refusals().get(code)
        if title is None:
            raise Http404
        return Response(ProblemType(code=code, title=str(title)))


class NoSuchRoute(ApiView):
    """Any address under /api/v1 that is none: said in the API's own words."""

    permission_classes = ()

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound

    post = put = patch = delete = options = get  # type: ignore[assignment]


def _refusals() -> dict[str, str]:
    """Codes of the refusals that services know, with the first line of what they say about themselves."""
    found: dict[str, str] = {}
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        found.setdefault(kind.code, (kind.__doc__ or kind.__name__).strip().splitlines()[0])
    return found
