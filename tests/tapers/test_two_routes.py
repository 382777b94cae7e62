"""By mouth and by pump at once: what is changed of one route leaves the other as it was, however late a locked step is."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tapers.courses import editing
from apps.tapers.courses.asking import Asked, Method
from apps.tapers.courses.drawing import CourseInput, draw_course
from apps.tapers.courses.products import ProductValues
from apps.tapers.courses.steps import StepInput

ZONE = "Europe/London"
TABLETS = (
    ProductValues("10", "10 mg", "oral", "tablet", Decimal(10), Decimal("0.5")),
    ProductValues("500", "500 microgram/mL", "intrathecal", "solution", Decimal(500), Decimal("0.001")),
)
OTHER = {"oral": "intrathecal", "intrathecal": "oral"}


@st.composite
def plans(draw: st.DrawFn) -> tuple[tuple[StepInput, ...], datetime]:
    starts_on = draw(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
    steps: list[StepInput] = []
    for route, start, reduction in (("oral", 40, 10), ("intrathecal", 400, 50)):
        course = draw_course(
            CourseInput(
                route=route,
                asked=Asked(Method.LINEAR, Decimal(start), reduction=Decimal(reduction)),
                starts_on=starts_on,
                step_days=draw(st.integers(1, 9)),
                times_of_day=(time(8), time(20)) if route == "oral" else (),
            ),
            TABLETS,
            ZONE,
        )
        steps += course.step_inputs()
    first = min(step.starts_at for step in steps)
    return (editing.gated(steps, first, {}) if draw(st.booleans()) else tuple(steps)), first


def orders(steps: Sequence[StepInput], route: str, at: datetime) -> list[tuple[datetime, Decimal]]:
    """What begins by itself after this moment."""
    return [
        (step.starts_at, step.daily_dose)
        for step in sorted(steps, key=lambda one: one.starts_at)
        if step.route == route and not step.is_locked and step.starts_at > at
    ]


def given_at(steps: Sequence[StepInput], route: str, at: datetime) -> Decimal | None:
    found = [one for one in steps if one.route == route and not one.is_locked and one.covers(at)]
    assert len(found) <= 1
    return found[0].daily_dose if found else None


def changed(
    steps: Sequence[StepInput], action: str, route: str, at: datetime, days: int
) -> Sequence[StepInput] | None:
    line = editing.lines(steps, at)[route]
    if action == "stop":
        return editing.stop(steps, at, [route])
    if action == "release":
        if not line.ahead or not line.ahead[0].is_locked:
            return None
        begins = max(at, line.ahead[0].starts_at)
        return editing.release(steps, line.ahead[0], at, begins, ZONE, next_waits=True)
    higher = next((one for one in reversed(line.past) if line.now and one.daily_dose > line.now.daily_dose), None)
    return editing.step_back(steps, at, {route: higher}, days or None, ZONE) if higher else None


@settings(max_examples=300, deadline=None)
@given(
    plan=plans(),
    actions=st.lists(
        st.tuples(
            st.sampled_from(("release", "release", "step_back", "stop")),
            st.sampled_from(("oral", "intrathecal")),
            st.integers(0, 20 * 24 * 60),
            st.integers(0, 9),
        ),
        max_size=8,
    ),
)
def test_what_is_changed_of_one_route_leaves_the_other_as_it_was(plan, actions) -> None:
    steps, at = plan
    for action, route, minutes, days in actions:
        at += timedelta(minutes=minutes)
        after = changed(steps, action, route, at, days)
        if after is None:
            continue
        other = OTHER[route]
        assert given_at(after, other, at) == given_at(steps, other, at)
        assert orders(after, other, at) == orders(steps, other, at)
        assert [one for one in after if one.route == other and one.is_locked] == [
            one for one in steps if one.route == other and one.is_locked
        ]
        steps = tuple(after)


@settings(max_examples=200, deadline=None)
@given(
    plan=plans(),
    minutes=st.integers(0, 60 * 24 * 60),
    days=st.integers(1, 9),
    how=st.sampled_from(("hold", "slower")),
)
def test_a_hold_of_the_whole_plan_lowers_no_route_at_the_moment_it_is_made(plan, minutes, days, how) -> None:
    steps, first = plan
    at = first + timedelta(minutes=minutes)

    after = getattr(editing, how)(steps, at, days, ZONE)

    for route in OTHER:
        assert given_at(after, route, at) == given_at(steps, route, at)
        was = {step.starts_at for step in steps if step.route == route and not step.is_locked}
        assert all(begins >= at for begins, _dose in orders(after, route, at) if begins not in was)
