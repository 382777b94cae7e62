"""What a drawing of doses over time says, held without a browser."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.dashboards.plan_chart import HEIGHT, TOP, draw_charts
from apps.dashboards.plan_steps import step_rows, totals
from apps.tapers.courses.asking import Asked, Method
from apps.tapers.courses.drawing import CourseInput, draw_course
from apps.tapers.courses.products import ProductValues
from tests.factories import NOON
from tests.tapers.plans import steps_of_doses

DAY = timedelta(days=1)


def heights(path):
    return [float(number) for number in re.findall(r"V ([\d.]+)", path)]


def reaches(path):
    return [float(number) for number in re.findall(r"H ([\d.]+)", path)]


@pytest.mark.parametrize("highest", [3, 5, 12, 15, 60, 90, 95, 101, 400, 1250])
def test_every_dose_is_inside_the_drawing_and_the_axis_reaches_above_it(highest):
    (chart,) = draw_charts(steps_of_doses([highest, 1, 0]))

    assert all(TOP <= height <= HEIGHT for height in heights(chart.prescribed))
    assert Decimal(chart.doses[-1].words) >= highest
    assert 2 <= len(chart.doses) <= 6


def test_steps_that_touch_are_one_stair_and_a_gap_is_a_gap():
    steps = steps_of_doses([60, 40, 20])
    (stair,) = draw_charts(steps)
    (broken,) = draw_charts([steps[0], replace(steps[1], starts_at=steps[1].starts_at + DAY), steps[2]])

    assert stair.prescribed.count("M") == 1
    assert broken.prescribed.count("M") == 2
    assert heights(stair.prescribed) == sorted(heights(stair.prescribed))


def test_what_waits_is_drawn_apart_and_the_present_dose_goes_on_until_now():
    steps = steps_of_doses([60, 40, 20])
    waiting = [replace(steps[0], ends_at=None), *(replace(step, is_locked=True) for step in steps[1:])]
    now = NOON + 9 * DAY

    (chart,) = draw_charts(waiting, now)

    assert reaches(chart.prescribed) == [chart.now]
    assert chart.foreseen.startswith(f"M {chart.now} ")
    # Two days late: nothing of what waits is skipped, all of it is moved.
    assert heights(chart.foreseen) == heights(draw_charts(waiting)[0].foreseen)
    assert chart.last - draw_charts(waiting)[0].last == 2 * DAY


def test_each_route_has_a_drawing_of_its_own_by_mouth_first():
    steps = steps_of_doses([60, 40])
    pump = [replace(step, route="intrathecal", unit="microgram/day", times_of_day=()) for step in steps]

    assert [chart.route for chart in draw_charts([*pump, *steps])] == ["oral", "intrathecal"]
    assert list(step_rows([*pump, *steps], "UTC")) == ["oral", "intrathecal"]


def test_nothing_is_drawn_of_no_dose():
    assert draw_charts(steps_of_doses([0])) == []


def test_what_is_to_be_dispensed_is_the_same_as_the_arithmetic_says():
    tablet = ProductValues("1", "Baclofen 10 mg tablet", "oral", "tablet", Decimal(10), Decimal("0.5"))
    asked = Asked(Method.PERCENT_OF_START, Decimal(85), percent=Decimal(9))
    times = tuple(step.times_of_day[0] for step in steps_of_doses([1]))
    drawn = draw_course(CourseInput("oral", asked, NOON.date(), 7, times_of_day=times), [tablet], "Europe/London")

    (total,) = totals(drawn.step_inputs(), "Europe/London")

    assert total.quantity == drawn.totals[0].quantity > 0
