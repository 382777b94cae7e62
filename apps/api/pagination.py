"""Pages by key, not by number: no row is shown twice or skipped while others are added."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, create_model
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import Problem

from .fields import WholeInQuery, fault, text
from .shapes import Answer, BadQuery, Given

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
CURSOR_LIFE_SECONDS = 24 * 3600
_SALT = "api.cursor"

M = TypeVar("M", bound=Model)
A = TypeVar("A", bound=Answer)


class CursorTooOld(APIException):
    status_code = 410
    default_code = "cursor_too_old"


def _within_limit(value: int) -> int:
    if not 1 <= value <= MAX_LIMIT:
        raise fault("out_of_range", _("Ask for 1 to %d.") % MAX_LIMIT)
    return value


class PageQuery(Given):
    limit: Annotated[
        WholeInQuery, AfterValidator(_within_limit), Field(json_schema_extra={"minimum": 1, "maximum": MAX_LIMIT})
    ] = DEFAULT_LIMIT
    cursor: Annotated[str, text(1000, one_line=True)] | None = None
    """From the `next` link of the page before; with the same filters."""

    lookups: ClassVar[dict[str, str]] = {}
    """Filter -> the lookup it stands for."""

    def narrow(self, rows: QuerySet[M]) -> QuerySet[M]:
        wanted = {
            lookup: value for name, lookup in self.lookups.items() if (value := getattr(self, name)) is not None
        }
        return rows.filter(**wanted)

    @property
    def filters(self) -> dict[str, str]:
        return {name: str(value) for name, value in self if name not in {"limit", "cursor"} and value is not None}


def paged(answer: type[A]) -> type[Answer]:
    """A page of this shape, under a name fit for OpenAPI."""
    return create_model(
        f"{answer.__name__}Page",
        __base__=Answer,
        results=(list[answer], ...),  # type: ignore[valid-type]
        next=(str | None, Field(description="Address of the next page; null on the last.")),
    )


def page(
    request: Request,
    rows: QuerySet[M],
    query: PageQuery,
    shape: Callable[[M], Answer],
    *,
    by: str,
    newest_first: bool = True,
) -> Response:
    """One page of `rows`, ordered by the field `by` and then by id."""
    sign = "-" if newest_first else ""
    wanted = rows.order_by(f"{sign}{by}", f"{sign}id")
    if query.cursor is not None:
        wanted = wanted.filter(_beyond(*_read_cursor(query), by=by, newest_first=newest_first))
    found = list(wanted[: query.limit + 1])
    shown = found[: query.limit]
    following = _next_link(request, query, shown[-1], by) if len(found) > query.limit else None
    return Response({"results": [shape(row) for row in shown], "next": following})


def _beyond(value: Any, row_id: UUID, *, by: str, newest_first: bool) -> Q:
    comparison = "lt" if newest_first else "gt"
    return Q(**{f"{by}__{comparison}": value}) | Q(**{by: value, f"id__{comparison}": row_id})


def _next_link(request: Request, query: PageQuery, last: Model, by: str) -> str:
    key = getattr(last, by)
    cursor = signing.dumps(
        {
            "at" if isinstance(key, datetime) else "key": key.isoformat() if isinstance(key, datetime) else key,
            "id": str(last.pk),
            "filters": _digest(query),
        },
        salt=_SALT,
    )
    params = query.filters | {"limit": str(query.limit), "cursor": cursor}
    return request.build_absolute_uri(f"{request.path}?{urlencode(params)}")


def _read_cursor(query: PageQuery) -> tuple[Any, UUID]:
    try:
        read = signing.loads(query.cursor or "", salt=_SALT, max_age=CURSOR_LIFE_SECONDS)
    except signing.SignatureExpired as error:
        raise CursorTooOld(_("The cursor is too old. Begin again without it.")) from error
    except signing.BadSignature as error:
        raise _bad_cursor() from error
    if read["filters"] != _digest(query):
        raise _bad_cursor()
    key = datetime.fromisoformat(read["at"]) if "at" in read else read["key"]
    return key, UUID(read["id"])


def _digest(query: PageQuery) -> str:
    return hashlib.sha256(json.dumps(query.filters, sort_keys=True).encode()).hexdigest()[:16]


def _bad_cursor() -> BadQuery:
    message = _("The cursor is not one of ours, or belongs to other filters.")
    return BadQuery(message, (Problem("?cursor", "bad_cursor", message),))
