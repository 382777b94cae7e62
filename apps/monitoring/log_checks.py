"""What a log has to be before it is taken in: all faults at once, none mended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from apps.assessments.active import active_catalogue, active_version, in_force_since
from apps.core.errors import InvalidInput, Problem
from apps.rules import check_answers, normalise
from apps.rules.catalogue import Catalogue, load

CLOCK_SLACK = timedelta(minutes=2)
OLDEST_LOG = timedelta(days=30)
"""Beyond these the sender's clock is likelier wrong than the log late (project choice)."""
FORM_KEPT = timedelta(hours=24)
"""How long a form may have been open whose door does not say by which version it was made (project choice)."""
LONGEST_NOTE = 4000


def check_log(
    asked_by: str,
    reporter: str,
    answers: Mapping[str, Any],
    vital_signs: Mapping[str, Any],
    note: str,
    observed_at: datetime,
    at: datetime,
) -> Catalogue:
    """The catalogue whose questions were answered: that of `asked_by`, else the one in force, else one that was in
    force when the form may have been opened. A report is not refused because the questions changed meanwhile.

    Errors: InvalidInput, by the first of these."""
    problems = _time_problems(observed_at, at)
    given = reporter, answers, vital_signs, note
    first = version_of_form(asked_by, at)
    faults = _faults(first, *given)
    if not faults and not problems:
        return first
    if not problems:
        for version in in_force_since(min(observed_at, at - FORM_KEPT)):
            if not _faults(load(version), *given):
                return load(version)
    found = (*faults, *problems)
    raise InvalidInput(found[0].detail, found)


def version_of_form(asked_by: str, at: datetime) -> Catalogue:
    """The version that a form says it was made by, if it was in force within the time that a log may be late; else
    the one in force."""
    if asked_by in ("", active_version()) or asked_by not in in_force_since(at - OLDEST_LOG):
        return active_catalogue()
    return load(asked_by)


def _faults(
    catalogue: Catalogue, reporter: str, answers: Mapping[str, Any], vital_signs: Mapping[str, Any], note: str
) -> list[Problem]:
    problems = [
        Problem(fault.path, fault.code, _(fault.message))
        for fault in check_answers(catalogue, str(reporter), answers, vital_signs)
    ]
    if not (answers or vital_signs or note.strip()):
        problems.append(Problem("", "empty", _("The log says nothing.")))
    if len(note) > LONGEST_NOTE or "\x00" in note:
        problems.append(Problem("/note", "unusable_text", _("The note is too long, or is no plain text.")))
    return problems


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
