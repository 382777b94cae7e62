"""The plan editor: what was typed, and the plan that comes of it, the same for preview and proposal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.core.days import local_day
from apps.dashboards.plan_breaches import BrokenRail, broken_rails
from apps.dashboards.plan_chart import Chart, draw_charts
from apps.dashboards.plan_forms import MOST_ROWS, CourseForm, HeadForm, RowForm
from apps.dashboards.plan_steps import StepRow, Total, step_rows, totals
from apps.patients.models import Patient
from apps.tapers.courses.asking import Asked, CannotDraw, Method
from apps.tapers.courses.drawing import CourseInput, draw_course
from apps.tapers.courses.steps import StepInput
from apps.tapers.guard_rails import Breach
from apps.tapers.models import PlanVersion, Route, TaperPlan
from apps.tapers.proposals import find_breaches
from apps.tapers.selectors import plan_at, present_steps, steps_of
from apps.tapers.stock import active_products, product_values

FIRST_ROWS = 3
RISES = "dose_rises"
SHORT = 7
"""Digits of any number that a page of ours has told."""
FIELD_OF = {
    "final_holds": "final_hold",
    "times_of_day": "times",
    "by_hand_days": "first_days",
    "by_hand": "method",
    "course": "step_days",
}
"""Where the arithmetic names a field otherwise than the page does."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The whole plan that was asked for, and what it breaks."""

    steps: tuple[StepInput, ...]
    rows: dict[str, list[StepRow]]
    charts: list[Chart]
    totals: list[Total]
    breaches: tuple[Breach, ...]
    effective_at: datetime
    ends_at: datetime | None
    """When the last of its steps begins."""

    @property
    def refusals(self) -> list[Breach]:
        return [breach for breach in self.breaches if breach.is_refusal]

    @property
    def broken_rails(self) -> list[BrokenRail]:
        return broken_rails(self.breaches)

    @property
    def is_rounded(self) -> bool:
        return any(row.is_rounded for rows in self.rows.values() for row in rows)

    @property
    def step_count(self) -> int:
        return sum(len(rows) for rows in self.rows.values())


def preview_of(
    patient: Patient,
    steps: Sequence[StepInput],
    *,
    kind: str,
    effective_at: datetime,
    is_held_by_guard_rails: bool = True,
) -> Preview:
    """What is prescribed from `effective_at` on. What no guard rail holds up still tells a dose that was never
    given before."""
    breaches = find_breaches(patient=patient, kind=kind, steps=steps, effective_at=effective_at)
    if not is_held_by_guard_rails:
        breaches = tuple(breach for breach in breaches if breach.code == RISES)
    ahead = [step for step in steps if not _is_over(step, effective_at)]
    rows = step_rows(ahead, patient.time_zone)
    return Preview(
        steps=tuple(steps),
        rows=rows,
        charts=draw_charts(ahead),
        totals=totals(ahead, patient.time_zone),
        breaches=breaches,
        effective_at=effective_at,
        ends_at=max((step.starts_at for step in steps), default=None),
    )


class Editor:
    """`data` None: an empty form, with the dose that is prescribed now as the start."""

    def __init__(self, patient: Patient, at: datetime, data: QueryDict | None = None) -> None:
        self.patient, self.at = patient, at
        view = plan_at(patient, at)
        self.version = view.version if view else None
        self.plan: TaperPlan | None = view.plan if view else None
        self.present = present_steps(patient, at)
        self.head = HeadForm(data, is_first=self.plan is None, initial=self._head_initial())
        self.courses = [
            CourseForm(data, route=route, products=active_products(route), initial=self._initial(route))
            for route in (Route.ORAL.value, Route.INTRATHECAL.value)
        ]
        self.rows = {course.route: self._row_forms(course.route, data) for course in self.courses}

    @property
    def newest(self) -> int:
        """The number of the plan's newest version, which may not be in force yet."""
        newest = self.plan.versions.order_by("-number").first() if self.plan else None
        return newest.number if newest else 0

    @property
    def seen(self) -> int | None:
        """The newest version that was there when the page was opened."""
        told = self.head["seen"].value() if self.head.is_bound else None
        return int(told) if told and told.isascii() and told.isdigit() and len(told) < SHORT else None

    @property
    def is_out_of_date(self) -> bool:
        """Somebody has changed the plan while this was typed."""
        return self.seen is not None and self.newest > self.seen

    @property
    def kind(self) -> str:
        return PlanVersion.Kind.REVISE if self.plan else PlanVersion.Kind.START

    @property
    def parts(self) -> list[tuple[CourseForm, list[RowForm]]]:
        return [(course, self.rows[course.route]) for course in self.courses]

    @property
    def kept_routes(self) -> list[str]:
        """Given now, and left as they are."""
        tapered = {course.route for course in self._included()}
        return [route for route in self.present if route not in tapered]

    def draw(self) -> Preview | None:
        """None: something is missing or is no course; the fields then say what."""
        included = self._included()
        self.head.full_clean()
        starts_on = self.head.cleaned_data.get("starts_on")
        if not included:
            self.courses[0].add_error("is_included", _("Choose what is tapered: by mouth, by pump, or both."))
            return None
        drawn = [self._drawn(course, starts_on) for course in included] if starts_on else []
        steps = [step for course in drawn if course for step in course]
        if not drawn or any(course is None for course in drawn):
            return None
        effective_at = min(step.starts_at for step in steps)
        whole = [*steps, *self._kept(effective_at)]
        return preview_of(self.patient, whole, kind=self.kind, effective_at=effective_at)

    def faults(self) -> list[tuple[str, str]]:
        """Each with its field."""
        found = []
        for form in self._forms():
            for name, errors in form.errors.items():
                field = form[name] if name in form.fields else None
                for error in errors:
                    words = f"{field.label}: {error}" if field else str(error)
                    found.append((field.id_for_label if field else "", words))
        return found

    def _forms(self) -> Iterable[Any]:
        yield self.head
        for course in self.courses:
            yield course
            if self._is_by_hand(course):
                yield from self.rows[course.route]

    def _included(self) -> list[CourseForm]:
        return [course for course in self.courses if course["is_included"].value() and course.is_bound]

    def _is_by_hand(self, course: CourseForm) -> bool:
        return course in self._included() and course["method"].value() == Method.BY_HAND

    def _drawn(self, course: CourseForm, starts_on: date) -> list[StepInput] | None:
        rows = self.rows[course.route] if self._is_by_hand(course) else []
        forms = [course, *rows]
        # Each is looked at, so that all their faults are told at once.
        if sum(form.is_valid() for form in forms) < len(forms):
            return None
        wanted = set(course.cleaned_data["products"])
        products = [
            product_values(product) for product in active_products(course.route) if str(product.pk) in wanted
        ]
        try:
            drawn = draw_course(_course_input(course, rows, starts_on), products, self.patient.time_zone)
        except CannotDraw as refusal:
            self._add(course, rows, refusal)
            return None
        return drawn.step_inputs()

    def _add(self, course: CourseForm, rows: list[RowForm], refusal: CannotDraw) -> None:
        name, _slash, place = refusal.pointer.strip("/").partition("/")
        words = _words(refusal.code)
        if name == "by_hand" and place.isdigit() and int(place) < len(rows):
            rows[int(place)].add_error("dose", words)
        elif name == "by_hand_days" and place.isdigit() and 0 < int(place) <= len(rows):
            rows[int(place) - 1].add_error("days", words)
        else:
            field = FIELD_OF.get(name, name)
            course.add_error(field if field in course.fields else None, words)

    def _kept(self, effective_at: datetime) -> list[StepInput]:
        """The other route goes on as it was planned."""
        if self.version is None:
            return []
        kept = set(self.kept_routes)
        return [step for step in steps_of(self.version) if step.route in kept and not _is_over(step, effective_at)]

    def _head_initial(self) -> dict[str, Any]:
        return {"starts_on": local_day(self.at, self.patient.time_zone) + timedelta(days=1)}

    def _initial(self, route: str) -> dict[str, Any]:
        now = self.present.get(route)
        initial: dict[str, Any] = {"target": "0", "method": Method.LINEAR.value}
        if now is None:
            return initial
        return initial | {
            "is_included": True,
            "start": f"{now.daily_dose.normalize():f}",
            "times": " ".join(f"{clock:%H:%M}" for clock in now.times_of_day),
        }

    def _row_forms(self, route: str, data: QueryDict | None) -> list[RowForm]:
        numbers = row_numbers(route, data) if data is not None else list(range(FIRST_ROWS))
        return [RowForm(data, route=route, number=number) for number in numbers]


def row_numbers(route: str, data: QueryDict) -> list[int]:
    """The rows on the page, in order."""
    told = [word for word in data.getlist(f"{route}-rows") if word.isascii() and word.isdigit() and len(word) < 5]
    return list(dict.fromkeys(int(word) for word in told))[:MOST_ROWS]


def with_row(data: QueryDict, route: str) -> QueryDict:
    numbers = row_numbers(route, data)
    changed = data.copy()
    changed.setlist(f"{route}-rows", [str(one) for one in [*numbers, max(numbers, default=-1) + 1]])
    return changed


def without_row(data: QueryDict, route: str, number: str) -> QueryDict:
    changed = data.copy()
    changed.setlist(f"{route}-rows", [str(one) for one in row_numbers(route, data) if str(one) != number])
    return changed


def _is_over(step: StepInput, at: datetime) -> bool:
    return step.ends_at is not None and step.ends_at <= at


def _course_input(course: CourseForm, rows: Sequence[RowForm], starts_on: date) -> CourseInput:
    given = course.cleaned_data
    asked = Asked(
        method=Method(given["method"] or Method.LINEAR),
        start=given["start"],
        target=given["target"] or Decimal(0),
        reduction=given["reduction"] or Decimal(0),
        percent=given["percent"] or Decimal(0),
        to_target_below=given["to_target_below"] or Decimal(0),
    )
    drawn = CourseInput(
        route=course.route,
        asked=asked,
        starts_on=starts_on,
        step_days=given["step_days"],
        first_days=given["first_days"],
        final_holds=() if given["final_hold"] is None else (given["final_hold"],),
        times_of_day=given.get("times", ()),
        weights=given.get("weights", ()),
    )
    return _by_hand(drawn, rows) if asked.method is Method.BY_HAND else drawn


def _by_hand(drawn: CourseInput, rows: Sequence[RowForm]) -> CourseInput:
    """The last dose that is written is the target, and has no end."""
    doses = [row.cleaned_data["dose"] for row in rows]
    lengths = [drawn.first_days, *(row.cleaned_data["days"] for row in rows[:-1])]
    return replace(
        drawn,
        asked=replace(drawn.asked, by_hand=tuple(doses), target=doses[-1] if doses else Decimal(0)),
        by_hand_days=tuple(drawn.step_days if days is None else days for days in lengths) if rows else (),
        first_days=None,
        final_holds=(),
    )


def _words(code: str) -> str:
    known = {
        "required": _("This is needed."),
        "negative": _("A dose is never negative."),
        "nothing_to_taper": _("There is no dose to taper from."),
        "not_below_the_start": _("The target is below the starting dose."),
        "out_of_range": _("This is out of range."),
        "too_many_steps": _("This makes more steps than a plan can have."),
        "rises": _("A step of a taper never rises: use “back a step” or “given again”."),
        "ends_elsewhere": _("The last step is the target."),
        "repeated": _("A time is there twice."),
        "one_for_each_time": _("Give one share for each time."),
        "one_for_each_step": _("Give the days of each step."),
        "parts_too_fine": _("The parts of these products are too fine for a dose as large as this."),
        "cannot_make_the_start": _("These products do not make the starting dose."),
    }
    return known.get(code, _("This is no course that can be worked out."))
