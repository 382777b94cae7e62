"""The kinds of value that the API reads, each strict: JSON text for text, JSON numbers for numbers, ASCII digits
only, an offset on every instant. A fault has a stable code and a sentence."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal as Dec
from typing import Annotated, Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_DECIMAL = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.\d{1,3})?", re.ASCII)
_DECIMAL_PATTERN = r"^(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,3})?$"
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)

# Controls (but for tab and line ends), halves of surrogate pairs, and the marks that turn the direction of
# the text around them: what a nurse reads must be what was written.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
FORBIDDEN_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199


def fault(code: str, message: str | Promise) -> PydanticCustomError:
    # Braces would be read as a template by the library.
    return PydanticCustomError(code, str(message).replace("{", "(").replace("}", ")"))


def _matching(value: Any, pattern: re.Pattern[str], code: str, message: Promise) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise fault(code, message)
    return value


def _in_reach(year: int) -> None:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise fault("out_of_reach", _("The year is out of reach."))


def _read_instant(value: Any) -> datetime:
    text = _matching(
        value,
        _INSTANT,
        "not_an_instant",
        gettext_lazy("Give date, time and offset, such as 2026-11-23T08:00:00+01:00."),
    )
    _in_reach(int(text[:4]))
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise fault("not_an_instant", _("There is no such date or time.")) from error


def _read_date(value: Any) -> date:
    text = _matching(value, _DATE, "not_a_date", gettext_lazy("Give a date such as 2026-11-23."))
    _in_reach(int(text[:4]))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise fault("not_a_date", _("There is no such date.")) from error


def _read_clock(value: Any) -> time:
    message = gettext_lazy("Give a time of day such as 08:00.")
    return time.fromisoformat(_matching(value, _CLOCK, "not_a_time_of_day", message))


def _read_uuid(value: Any) -> UUID:
    message = gettext_lazy("Give a UUID such as 6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e.")
    return UUID(_matching(value, _UUID, "not_a_uuid", message))


def _read_decimal(value: Any) -> Dec:
    message = gettext_lazy('Give a decimal number as text, such as "12.500".')
    return Dec(_matching(value, _DECIMAL, "not_a_decimal", message))


def _read_whole(value: Any) -> int:
    message = gettext_lazy("Give a whole number in ASCII digits.")
    return int(_matching(value, _WHOLE, "not_a_whole_number", message))


def _read_flag(value: Any) -> bool:
    if value not in {"true", "false"}:
        raise fault("not_a_boolean", _("Give true or false."))
    return bool(value == "true")


Instant = Annotated[
    datetime, BeforeValidator(_read_instant), WithJsonSchema({"type": "string", "format": "date-time"})
]
Date = Annotated[date, BeforeValidator(_read_date), WithJsonSchema({"type": "string", "format": "date"})]
Clock = Annotated[
    time,
    BeforeValidator(_read_clock),
    WithJsonSchema({"type": "string", "pattern": r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"}),
]
Id = Annotated[UUID, BeforeValidator(_read_uuid), WithJsonSchema({"type": "string", "format": "uuid"})]
Decimal = Annotated[
    Dec, BeforeValidator(_read_decimal), WithJsonSchema({"type": "string", "pattern": _DECIMAL_PATTERN})
]
WholeInQuery = Annotated[int, BeforeValidator(_read_whole), WithJsonSchema({"type": "integer"})]
FlagInQuery = Annotated[bool, BeforeValidator(_read_flag), WithJsonSchema({"type": "boolean"})]


@dataclass(frozen=True, slots=True, eq=False)
class _Checked:
    """A text with a check of its own and the JSON Schema that says the same."""

    check: Callable[[str], str]
    schema: dict[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


def text(longest: int, *, required: bool = False, one_line: bool = False) -> _Checked:
    """Use as `Annotated[str, text(200)]`. Lengths are in code points; nothing is cut or trimmed."""
    forbidden = FORBIDDEN_IN_LINE if one_line else FORBIDDEN

    def check(value: Any) -> str:
        if not isinstance(value, str):
            raise fault("not_text", _("Give text."))
        if len(value) > longest:
            raise fault(
                "too_long",
                _("%(given)d characters are given; at most %(longest)d are kept.")
                % {"given": len(value), "longest": longest},
            )
        if forbidden.search(value):
            raise fault(
                "forbidden_character",
                _("The text holds a control character or a mark that turns its direction."),
            )
        if required and not value.strip():
            raise fault("blank", _("This must not be empty."))
        return value

    schema: dict[str, Any] = {"type": "string", "maxLength": longest}
    if required:
        schema |= {"minLength": 1, "pattern": r"\S"}
    return _Checked(check, schema)


def one_of(choices: Iterable[str]) -> _Checked:
    """Use as `Annotated[str, one_of(Route.values)]`."""
    allowed = tuple(str(choice) for choice in choices)

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise fault("not_a_choice", _("Give one of: %s.") % ", ".join(allowed))
        return value

    return _Checked(check, {"type": "string", "enum": list(allowed)})
