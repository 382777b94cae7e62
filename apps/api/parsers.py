"""JSON, read so that nothing is guessed: one value per key, finite numbers, a bounded size and depth."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_INTEGER_DIGITS = 18
"""Whatever has no more digits fits a signed 64-bit integer."""

# Possessive, and an unfinished string runs to the end: linear in time whatever the bytes.
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        request = (parser_context or {})["request"]
        refuse_other_encodings(request.META)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES:
            raise _too_large()
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise _too_large()
        return read_json(body)


def refuse_other_encodings(meta: Mapping[str, Any]) -> None:
    content_type = meta.get("CONTENT_TYPE", "")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", content_type, re.IGNORECASE)
    if charset and charset[1].lower() not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType(content_type, _("Only UTF-8 is read."))
    if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise UnsupportedMediaType(content_type, _("Compressed bodies are not read."))


def read_json(body: bytes) -> Any:
    """The value, or ParseError (400) in words. Raises nothing else, whatever the bytes."""
    _refuse_depth(body)
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_constant,
        )
    except UnicodeDecodeError as fault:
        raise ParseError(_("The body is not UTF-8 (byte %d).") % fault.start) from fault
    except json.JSONDecodeError as fault:
        raise ParseError(
            _("The body is not JSON (line %(line)d, column %(column)d).")
            % {"line": fault.lineno, "column": fault.colno}
        ) from fault


def _refuse_depth(body: bytes) -> None:
    # Counting is cheap and enough for nearly every body; only a crowded one is walked.
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _BRACKETS.finditer(body):
        first = body[token.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ParseError(_("The body is nested deeper than %d.") % MAX_DEPTH)
        elif first in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _value in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ParseError(_("The key %s is given twice.") % ascii(twice)[:80])
    return found


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise ParseError(_("A number has too many digits."))
    return int(text)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ParseError(_("A number is too large to be read."))
    return number


def _constant(text: str) -> float:
    raise ParseError(_("%s is not a number.") % text)


def _too_large() -> TooLarge:
    return TooLarge(_("The body is larger than %d bytes.") % MAX_BYTES)
