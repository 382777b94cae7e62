"""What is asked and what is answered has a named shape (pydantic models): strict going in, every fault at once;
the same models are the OpenAPI schema. A shape checks form only; it saves nothing and knows no clinical rule."""

from typing import Any, TypeVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from apps.core.errors import InvalidInput, Problem


class Given(BaseModel):
    """What a caller sends. Unknown fields are refused: a misspelt one would otherwise be lost."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Answer(BaseModel):
    """What the API answers. Built by us, so not checked again."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class BadQuery(InvalidInput):
    code = "bad_query"
    status = 400


G = TypeVar("G", bound=Given)

_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "none_required": "not_allowed",
    "model_type": "not_an_object",
    "dict_type": "not_an_object",
    "list_type": "not_a_list",
    "int_type": "not_a_whole_number",
    "bool_type": "not_a_boolean",
    "too_long": "too_many",
}
_WORDS: dict[str, Promise] = {
    "required": gettext_lazy("This is missing."),
    "unknown_field": gettext_lazy("There is no such field."),
    "not_an_object": gettext_lazy("Give a JSON object."),
    "not_a_list": gettext_lazy("Give a JSON list."),
    "not_a_whole_number": gettext_lazy("Give a whole number."),
    "not_a_boolean": gettext_lazy("Give true or false."),
}


def read_body(request: Request, shape: type[G]) -> G:
    """The body in its shape, or InvalidInput (422) with every fault."""
    return read(json_body(request), shape)


def json_body(request: Request) -> Any:
    # The framework does not look at the content type of an empty body.
    if request.content_type.split(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType(request.content_type or "none")
    return request.data


def read(data: Any, shape: type[G], *, under: str = "") -> G:
    try:
        return shape.model_validate(data)
    except ValidationError as error:
        raise InvalidInput(
            _("What was sent cannot be taken as it is."), problems_of(error, under=under)
        ) from error


def read_query(request: Request, shape: type[G]) -> G:
    """The query parameters in their shape, or BadQuery (400). An unknown or repeated parameter is refused: in a
    clinical worklist a filter that is quietly dropped is the worse failure."""
    params: QueryDict = request.query_params
    repeated = [name for name, values in params.lists() if len(values) > 1]
    problems = tuple(Problem(f"?{name}", "repeated", _("This is given more than once.")) for name in repeated)
    try:
        found = shape.model_validate(params.dict())
    except ValidationError as error:
        problems += tuple(
            Problem("?" + problem.pointer.removeprefix("/"), problem.code, problem.detail)
            for problem in problems_of(error)
        )
    if problems:
        raise BadQuery(_("The query cannot be answered as it is."), problems)
    return found


def problems_of(error: ValidationError, *, under: str = "") -> tuple[Problem, ...]:
    return tuple(_problem(details, under) for details in error.errors(include_url=False, include_input=False))


def _problem(details: ErrorDetails, under: str) -> Problem:
    code = _CODES.get(details["type"], details["type"])
    words = _WORDS.get(code, details["msg"])
    return Problem(under + pointer_to(details["loc"]), code, str(words))


def pointer_to(path: tuple[int | str, ...]) -> str:
    """RFC 6901. A key that is not plain text is shown escaped, so that the answer itself stays readable."""
    return "".join(
        "/" + ascii(str(part))[1:-1].replace("~", "~0").replace("/", "~1")
        for part in path
        if part != "[key]"  # pydantic's mark for "the key itself"
    )
