"""How a plan came to be what it is: its versions, two side by side, and what the ward believed at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.dashboards.plan_chart import Chart, draw_charts
from apps.dashboards.plan_forms import MomentField
from apps.dashboards.plan_page import course_of
from apps.dashboards.plan_steps import StepRow, step_rows
from apps.patients.models import Patient
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import PlanVersion
from apps.tapers.selectors import PlanView, plan_as_known, steps_of


class KnownForm(forms.Form):
    """`known_at` by the patient's clock; `one` and `other` are versions to lay side by side."""

    known_at = MomentField(label=_("What did the ward believe at"), required=False)
    one = forms.UUIDField(required=False)
    other = forms.UUIDField(required=False)


@dataclass(frozen=True, slots=True)
class DoseThen:
    dose: Decimal
    is_foreseen: bool


@dataclass(frozen=True, slots=True)
class Difference:
    route: str
    since: datetime
    one: DoseThen | None
    """None: nothing is planned."""
    other: DoseThen | None

    @property
    def both(self) -> tuple[DoseThen | None, DoseThen | None]:
        return self.one, self.other

    @property
    def is_changed(self) -> bool:
        return self.one != self.other


@dataclass(frozen=True, slots=True)
class Believed:
    known_at: datetime
    view: PlanView | None
    rows: dict[str, list[StepRow]]
    charts: list[Chart]
    later: tuple[PlanVersion, ...]
    """Versions that were in force then and were not on record yet."""


@dataclass(frozen=True, slots=True)
class PlanHistory:
    versions: tuple[PlanVersion, ...]
    """Newest first, over all plans."""
    one: PlanVersion | None
    other: PlanVersion | None
    differences: tuple[Difference, ...]
    believed: Believed | None


def plan_history(patient: Patient, wanted: dict[str, Any], at: datetime) -> PlanHistory:
    versions = tuple(
        PlanVersion.objects.filter(plan__patient=patient)
        .select_related("plan", "author", "signature__by", "release__by")
        .prefetch_related("steps")
        .order_by("-recorded_at", "-number")
    )
    by_id: dict[Any, PlanVersion] = {version.pk: version for version in versions}
    other = by_id.get(wanted.get("other")) or (versions[0] if versions else None)
    one = by_id.get(wanted.get("one")) or (versions[1] if len(versions) > 1 else None)
    known_at = wanted.get("known_at")
    return PlanHistory(
        versions=versions,
        one=one,
        other=other,
        differences=differences(steps_of(one), steps_of(other)) if one and other else (),
        believed=_believed(patient, versions, min(known_at, at)) if known_at else None,
    )


def differences(one: Sequence[StepInput], other: Sequence[StepInput]) -> tuple[Difference, ...]:
    """Wherever either changes, the dose of both from then on."""
    found = []
    for route in sorted({step.route for step in (*one, *other)}, reverse=True):
        mine = [step for step in one if step.route == route]
        theirs = [step for step in other if step.route == route]
        both = [*mine, *theirs]
        moments = {step.starts_at for step in both} | {step.ends_at for step in both if step.ends_at is not None}
        found += [Difference(route, since, _then(mine, since), _then(theirs, since)) for since in sorted(moments)]
    return tuple(found)


def _then(steps: Sequence[StepInput], at: datetime) -> DoseThen | None:
    """What is prescribed or foreseen: where one waits and the one before has no end, the one that waits."""
    covering = [step for step in steps if step.covers(at)]
    if not covering:
        return None
    step = max(covering, key=lambda one: one.starts_at)
    return DoseThen(step.daily_dose, step.is_locked)


def _believed(patient: Patient, versions: Sequence[PlanVersion], known_at: datetime) -> Believed:
    view = plan_as_known(patient, known_at, known_at)
    steps = steps_of(view.version) if view else ()
    return Believed(
        known_at=known_at,
        view=view,
        rows=step_rows(steps, patient.time_zone, known_at),
        charts=draw_charts(course_of(patient, steps, known_at), known_at),
        later=tuple(version for version in versions if version.effective_at <= known_at < version.recorded_at),
    )
