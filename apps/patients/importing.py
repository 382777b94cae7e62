"""Many patients at once, from a table. Each line stands alone: one that is refused spoils no other and is given
back word for word with its reason, and the same file sent again admits nobody twice."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import DomainError, InvalidInput, Problem
from apps.patients.models import Patient
from apps.patients.services import admit_patient
from apps.wards.models import Ward

NEEDED = ("record_number", "given_name", "family_name", "birth_date")
WELCOME = ("bed", "time_zone", "language", "has_pump")
MOST_BYTES = 1_000_000
MOST_LINES = 2_000
_LONGEST = {"record_number": 40, "given_name": 100, "family_name": 100, "bed": 20}
_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0", ""})


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    """As a text editor counts; the heading is line 1."""
    text: str
    outcome: str
    """"admitted", "here" (was already) or "refused"."""
    reason: str = ""


def import_patients(*, raw: bytes, ward: Ward, by: User, at: datetime) -> list[Line]:
    """What became of each line. Errors: InvalidInput (no table that could be read at all)."""
    return [_take_one(number, row, text, ward, by, at) for number, row, text in _rows(raw)]


def _rows(raw: bytes) -> Iterator[tuple[int, Mapping[str, str], str]]:
    if len(raw) > MOST_BYTES:
        raise _refused("too_large", _("The file is larger than 1 MB."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("encoding", _("The file is not UTF-8 text. Save it as “CSV UTF-8”.")) from None
    if "\0" in text:
        raise _refused("encoding", _("The file is not a table. Save it as CSV."))
    lines = text.splitlines()
    if not lines or not lines[0].strip():
        raise _refused("empty", _("The file is empty."))
    if len(lines) > MOST_LINES + 1:
        raise _refused("too_long", _("The file has more than %(most)d lines.") % {"most": MOST_LINES})
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(lines[0]))
    heading = [name.strip().casefold() for name in next(reader)]
    _check_heading(heading)
    yield from _body(reader, heading)


def _delimiter(heading: str) -> str:
    return max(",;\t", key=heading.count)


def _check_heading(heading: list[str]) -> None:
    missing = [name for name in NEEDED if name not in heading]
    if missing:
        raise _refused("columns", _("These columns are missing: %(names)s") % {"names": ", ".join(missing)})
    unknown = [name for name in heading if name not in NEEDED + WELCOME]
    if unknown or len(set(heading)) != len(heading):
        names = ", ".join(unknown or heading)
        raise _refused("columns", _("These columns are not known, or stand twice: %(names)s") % {"names": names})


def _body(reader: Iterator[list[str]], heading: list[str]) -> Iterator[tuple[int, Mapping[str, str], str]]:
    while True:
        number = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            yield number, {}, str(fault)
            continue
        if not any(cell.strip() for cell in cells):
            continue
        row = (
            {} if len(cells) != len(heading) else dict(zip(heading, (cell.strip() for cell in cells), strict=True))
        )
        yield number, row, " | ".join(cells)


def _take_one(number: int, row: Mapping[str, str], text: str, ward: Ward, by: User, at: datetime) -> Line:
    try:
        if not row:
            raise _refused("cells", _("This line has more or fewer cells than the heading."))
        given = _read(row, ward, at)
        if _is_here(given, ward):
            return Line(number, text, "here")
        with transaction.atomic():
            admit_patient(ward=ward, admitted_at=at, by=by, at=at, **given)
    except DomainError as refusal:
        return Line(number, text, "refused", refusal.message)
    return Line(number, text, "admitted")


class _Given(TypedDict):
    record_number: str
    given_name: str
    family_name: str
    birth_date: date
    bed: str
    time_zone: str
    language: str
    has_pump: bool


def _read(row: Mapping[str, str], ward: Ward, at: datetime) -> _Given:
    for name in NEEDED:
        if not row[name]:
            raise _refused(name, _("“%(name)s” is empty.") % {"name": name})
    for name, longest in _LONGEST.items():
        if len(row.get(name, "")) > longest:
            raise _refused(name, _("“%(name)s” is too long.") % {"name": name})
    return {
        "record_number": row["record_number"],
        "given_name": row["given_name"],
        "family_name": row["family_name"],
        "birth_date": _date(row["birth_date"], at),
        "bed": row.get("bed", ""),
        "time_zone": _one_of("time_zone", row.get("time_zone") or ward.time_zone, available_timezones()),
        "language": _one_of("language", row.get("language") or settings.LANGUAGE_CODE, dict(settings.LANGUAGES)),
        "has_pump": _yes_or_no(row.get("has_pump", "")),
    }


def _date(text: str, at: datetime) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        message = _("“%(text)s” is no date. Write year-month-day, such as 1958-03-09.") % {"text": text}
        raise _refused("birth_date", message) from None
    if not (found.year >= 1900 and found <= at.date()):
        raise _refused("birth_date", _("Nobody was born on %(text)s.") % {"text": text})
    return found


def _one_of(name: str, text: str, known: object) -> str:
    if text not in known:  # type: ignore[operator]
        raise _refused(name, _("“%(text)s” is not known as %(name)s.") % {"text": text, "name": name})
    return text


def _yes_or_no(text: str) -> bool:
    if text.casefold() not in _YES | _NO:
        raise _refused("has_pump", _("“%(text)s” is neither yes nor no.") % {"text": text})
    return text.casefold() in _YES


def _is_here(given: _Given, ward: Ward) -> bool:
    known = Patient.objects.filter(
        record_number=given["record_number"],
        family_name__iexact=given["family_name"],
        birth_date=given["birth_date"],
    )
    return known.filter(stays__ward=ward, stays__discharged_at=None).exists()


def _refused(code: str, message: str) -> InvalidInput:
    return InvalidInput(message, (Problem(f"/{code}", code, message),))
