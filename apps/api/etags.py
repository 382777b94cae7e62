"""Versions of what several people may change at once: whoever writes says which version they have seen."""

import hashlib
import re
from collections.abc import Iterable

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]*)"')


class PreconditionRequired(APIException):
    status_code = 428
    default_code = "if_match_required"


class Stale(APIException):
    status_code = 412
    default_code = "stale"


def etag_of(parts: Iterable[object]) -> str:
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
    return f'W/"{digest[:20]}"'


def refuse_stale(request: Request, etag: str) -> None:
    """Refuse a write that does not say what it has seen (428) or has seen something older (412)."""
    if not is_fresh(request, etag):
        raise Stale(
            _("This has changed since you read it. Read it again before you change it."),
        )


def is_fresh(request: Request, etag: str) -> bool:
    given = request.headers.get("If-Match", "").strip()
    if not given:
        raise PreconditionRequired(_("Send If-Match with the ETag of what you have read."))
    if given == "*":
        return True
    tags = _TAG.findall(given)
    if not tags:
        raise ParseError(_("If-Match holds no entity tag."))
    return etag.removeprefix("W/").strip('"') in tags
