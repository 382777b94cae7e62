"""A symptom log from JSON: form and catalogue are both asked, so that one answer names every fault."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.assessments.active import active_catalogue
from apps.core.errors import InvalidInput, Problem
from apps.rules.checks import check_answers
from apps.symptoms.models import Reporter

from .reporters import reporter_of
from .shapes import read
from .symptom_log_shapes import LogGiven


def read_log(data: Any, user: User) -> LogGiven:
    """The log in its shape. What is well formed is checked against the catalogue by the intake; only where the
    form is at fault already is the catalogue asked here."""
    try:
        return read(data, LogGiven)
    except InvalidInput as refusal:
        found = {problem.pointer for problem in refusal.problems}
        more = [problem for problem in _catalogue_faults(data, user) if _is_new(problem, found)]
        raise InvalidInput(refusal.message, (*refusal.problems, *more)) from refusal


def _is_new(problem: Problem, found: set[str]) -> bool:
    return not any(problem.pointer == seen or problem.pointer.startswith(f"{seen}/") for seen in found)


def _catalogue_faults(data: Any, user: User) -> list[Problem]:
    if not isinstance(data, Mapping):
        return []
    named = data.get("reporter")
    reporter = reporter_of(user, None) if named not in Reporter.values else str(named)
    catalogue = active_catalogue()
    faults = check_answers(catalogue, reporter, data.get("answers", {}), data.get("vital_signs", {}))
    return [Problem(fault.path, fault.code, _(fault.message)) for fault in faults]
