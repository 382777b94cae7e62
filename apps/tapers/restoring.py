"""Which dose is given back, where nobody names one."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.tapers.courses.steps import StepInput
from apps.tapers.errors import NothingToChange
from apps.tapers.selectors import as_step, plan_stretches, present_steps
from apps.tapers.timeline import Stretch


def doses_to_restore(patient: Patient, at: datetime, route: str | None) -> dict[str, StepInput]:
    """The dose before the last fall that has not been made good since, of one route: where both routes have
    fallen, of the one that fell last. What both together would do is for a clinician to say."""
    falls = [
        found
        for one_route, line in _by_route(plan_stretches(patient), at).items()
        if route in (None, one_route) and (found := _last_fall(line, at))
    ]
    if not falls:
        raise NothingToChange(_("No higher dose is known to go back to."))
    _fell_at, earlier = max(falls, key=lambda fall: fall[0])
    return {earlier.route: as_step(earlier)}


def check_restored(patient: Patient, at: datetime, steps: Sequence[StepInput]) -> None:
    """This way past the guard rails is for giving more, not less."""
    now = present_steps(patient, at)
    problems = []
    for place, step in enumerate(steps):
        present = now[step.route].daily_dose if step.route in now else Decimal(0)
        if not step.daily_dose or step.daily_dose < present:
            message = _("Reinstating never lowers a dose: revise the plan instead.")
            problems.append(Problem(f"/steps/{place}/daily_dose", "lowers_the_dose", message))
        if step.route in {other.route for other in steps[:place]}:
            problems.append(Problem(f"/steps/{place}/route", "repeated", _("Give one dose for each route.")))
    if problems:
        raise InvalidInput(problems[0].detail, tuple(problems))


def _by_route(plan: Sequence[Stretch], at: datetime) -> dict[str, list[Stretch]]:
    found: dict[str, list[Stretch]] = {}
    for stretch in plan:
        if stretch.starts_at <= at:
            found.setdefault(stretch.route, []).append(stretch)
    return found


def _last_fall(line: Sequence[Stretch], at: datetime) -> tuple[datetime, Stretch] | None:
    """When the dose last was higher than it is now, and what it was."""
    now = next((stretch.daily_dose for stretch in line if stretch.covers(at)), 0)
    higher = [stretch for stretch in line if stretch.daily_dose > now]
    if not higher or higher[-1].ends_at is None:
        return None
    return higher[-1].ends_at, higher[-1]
