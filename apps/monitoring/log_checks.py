"""What a log has to be before it is taken in: all faults at once, none mended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput, Problem
from apps.rules import check_answers, normalise
from apps.rules.catalogue import Catalogue

CLOCK_SLACK = timedelta(minutes=2)
OLDEST_LOG = timedelta(days=30)
"""Beyond these the sender's clock is likelier wrong than the log late (project choice)."""
LONGEST_NOTE = 4000


def check_log(
    catalogue: Catalogue,
    reporter: str,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, Any],
    note: str,
    observed_at: datetime,
    at: datetime,
) -> None:
    problems = [
        Problem(fault.path, fault.code, _(fault.message))
        for fault in check_answers(catalogue, str(reporter), answers, vital_signs)
    ]
    if not (answers or vital_signs or note.strip()):
        problems.append(Problem("", "empty", _("The log says nothing.")))
    if len(note) > LONGEST_NOTE or "\x00" in note:
        problems.append(Problem("/note", "unusable_text", _("The note is too long, or is no plain text.")))
    problems += _time_problems(observed_at, at)
    if problems:
        raise InvalidInput(problems[0].detail, tuple(problems))


def _time_problems(observed_at: datetime, at: datetime) -> list[Problem]:
    if observed_at.tzinfo is None:
        return [Problem("/observed_at", "no_offset", _("The time needs its offset from UTC."))]
    if observed_at > at + CLOCK_SLACK:
        return [Problem("/observed_at", "time_unsure", _("This moment has not come yet. Check the time."))]
    if observed_at < at - OLDEST_LOG:
        return [Problem("/observed_at", "time_unsure", _("This is more than 30 days ago. Check the date."))]
    return []


def canonical_readings(catalogue: Catalogue, vital_signs: Mapping[str, Any]) -> dict[str, Any]:
    """Each reading in the catalogue's unit, beside what was entered."""
    found = {}
    for code, reading in vital_signs.items():
        read = normalise(catalogue, code, reading["value"], reading.get("unit"), reading.get("site"))
        found[code] = {
            "value": read.vital_sign.value,
            "site": read.vital_sign.site,
            "entered": {"value": read.entered_value, "unit": read.entered_unit},
        }
    return found
