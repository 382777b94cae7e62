from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tapers.courses.asking import Asked, CannotDraw, Method, asked_doses
from apps.tapers.courses.drawing import CourseInput, draw_course
from apps.tapers.courses.products import Dispensary, ProductValues
from apps.tapers.models import PlanVersion
from apps.tapers.timeline import StepValues, VersionValues, due_times, stretches

MONDAY = date(2026, 11, 23)
THREE_TIMES = (time(8), time(14), time(20))
LONDON = "Europe/London"
TENS = ProductValues("10", "Baclofen 10 mg", "oral", "tablet", Decimal(10), Decimal("0.5"))
TWENTY_FIVES = ProductValues("25", "Baclofen 25 mg", "oral", "tablet", Decimal(25), Decimal(1))
LIQUID = ProductValues("1", "Baclofen 1 mg/mL", "oral", "liquid", Decimal(1), Decimal("0.1"))
PUMP = ProductValues("500", "500 microgram/mL", "intrathecal", "solution", Decimal(500), Decimal("0.001"))
TABLETS = (TENS, TWENTY_FIVES)


def asked(method=Method.LINEAR, start=60, target=0, **given):
    shape = {name: Decimal(str(value)) for name, value in given.items() if name != "by_hand"}
    by_hand = tuple(Decimal(str(dose)) for dose in given.get("by_hand", ()))
    return Asked(method, Decimal(str(start)), Decimal(str(target)), by_hand=by_hand, **shape)


def draw(asked, products=TABLETS, zone=LONDON, **given):
    return draw_course(
        CourseInput(
            **{
                "route": "oral",
                "asked": asked,
                "starts_on": MONDAY,
                "step_days": 7,
                "times_of_day": THREE_TIMES,
                **given,
            }
        ),
        products,
        zone,
    )


def doses(course):
    return [float(step.daily_dose) for step in course.steps]


# --- what is asked for ---------------------------------------------------------------------------


def test_a_linear_course_falls_by_as_much_each_time():
    assert asked_doses(asked(reduction=15, start=50)) == (50, 35, 20, 5, 0)


def test_a_course_by_part_of_the_start_falls_by_as_much_each_time_too():
    assert asked_doses(asked(Method.PERCENT_OF_START, start=60, percent=25)) == (60, 45, 30, 15, 0)


def test_a_proportional_course_takes_a_part_of_what_is_left():
    found = asked_doses(asked(Method.PROPORTIONAL, start=100, percent=20, to_target_below=45))

    assert found == (100, 80, 64, Decimal("51.2"), 0)


def test_a_course_to_a_dose_that_is_kept_on_ends_there():
    assert asked_doses(asked(start=60, target=25, reduction=10)) == (60, 50, 40, 30, 25)


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (asked(start=0, reduction=5), "/start"),
        (asked(start="NaN", reduction=5), "/start"),
        (asked(target=60, reduction=5), "/target"),
        (asked(target=-1, reduction=5), "/target"),
        (asked(), "/reduction"),
        (asked(start=600, reduction=1), "/course"),
        (asked(Method.PERCENT_OF_START), "/percent"),
        (asked(Method.PERCENT_OF_START, percent=101), "/percent"),
        (asked(Method.PROPORTIONAL, percent=10), "/to_target_below"),
        (asked(Method.BY_HAND), "/by_hand"),
        (asked(Method.BY_HAND, by_hand=(40, 50, 0)), "/by_hand/1"),
        (asked(Method.BY_HAND, by_hand=(40, 10)), "/by_hand/1"),
    ],
)
def test_what_is_no_course_is_refused_with_the_field(wanted, pointer):
    with pytest.raises(CannotDraw) as refusal:
        asked_doses(wanted)

    assert refusal.value.pointer == pointer


# --- what it is made of --------------------------------------------------------------------------


def test_a_dose_is_made_of_the_fewest_whole_tablets():
    made = Dispensary(TABLETS, Decimal(100)).make(Decimal(45))

    assert [(count.product.name, count.quantity) for count in made.counts] == [
        ("Baclofen 25 mg", 1),
        ("Baclofen 10 mg", 2),
    ]


def test_liquid_only_fills_up_what_tablets_do_not_make():
    made = Dispensary((TENS, LIQUID), Decimal(60)).make(Decimal("21.3"))

    assert [(count.product.form, count.quantity) for count in made.counts] == [
        ("tablet", 2),
        ("liquid", Decimal("1.3")),
    ]


def test_what_is_left_over_is_given_at_night():
    course = draw(asked(start=50, reduction=50), products=(TENS,))

    assert course.steps[0].day.amounts == (15, 15, 20)


def test_the_day_is_divided_as_it_is_weighted():
    course = draw(asked(start=60, reduction=60), weights=(1, 1, 4))

    assert course.steps[0].day.amounts == (10, 10, 40)


def test_rounding_is_shown_and_never_rises_above_the_step_before():
    course = draw(asked(Method.PROPORTIONAL, percent=20, to_target_below=5), products=(TENS,))

    assert [(float(step.asked), float(step.daily_dose)) for step in course.steps] == [
        (60, 60),
        (48, 50),
        (38.4, 40),
        (30.72, 30),
        (24.576, 25),
        (19.661, 20),
        (15.729, 15),
        (10.066, 10),
        (6.442, 5),
        (0, 0),
    ]
    assert [step.is_rounded for step in course.steps[:2]] == [False, True]


def test_a_dose_that_was_asked_for_is_not_rounded_away():
    coarse = ProductValues("20", "Whole 20", "oral", "tablet", Decimal(20), Decimal(1))
    course = draw(asked(Method.BY_HAND, by_hand=(5, 0)), products=(coarse,))

    assert doses(course) == [60, 20, 0]


def test_a_start_that_cannot_be_made_is_refused():
    with pytest.raises(CannotDraw) as refusal:
        draw(asked(start=4, reduction=1), products=(TWENTY_FIVES,))
    assert refusal.value.pointer == "/products"
    with pytest.raises(CannotDraw):
        draw(asked(reduction=10), products=(PUMP,))


def test_a_pump_dose_is_one_dose_of_its_solution():
    course = draw(asked(start=300, reduction=90), products=(PUMP,), route="intrathecal", times_of_day=())

    assert doses(course) == [300, 210, 120, 30, 0]
    assert [step.unit for step in course.step_inputs()] == ["microgram/day"] * 5
    assert [step.times_of_day for step in course.step_inputs()] == [()] * 5
    assert [total.quantity for total in course.totals] == [Decimal("9.24")]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"step_days": 0}, "/step_days"),
        ({"first_days": -1}, "/first_days"),
        ({"final_holds": (7, 0)}, "/final_holds/1"),
        ({"times_of_day": ()}, "/times_of_day"),
        ({"times_of_day": (time(8), time(8))}, "/times_of_day"),
        ({"weights": (1, 1)}, "/weights"),
        ({"weights": (0, 0, 0)}, "/weights"),
        ({"weights": (1, -1, 1)}, "/weights"),
        ({"by_hand_days": (7,)}, "/by_hand_days"),
    ],
)
def test_a_course_that_cannot_be_drawn_names_the_field(change, pointer):
    with pytest.raises(CannotDraw) as refusal:
        draw(asked(reduction=10), **change)

    assert refusal.value.pointer == pointer


# --- when ----------------------------------------------------------------------------------------


def lengths(course):
    return [(after.starts_at - before.starts_at) / timedelta(days=1) for before, after in pairwise(course.steps)]


def test_final_holds_lengthen_the_last_doses():
    assert lengths(draw(asked(reduction=20), final_holds=(14, 28))) == [7, 14, 28]


def test_the_first_reduction_may_be_on_the_first_day():
    course = draw(asked(reduction=20), first_days=0)

    assert doses(course) == [40, 20, 0]
    assert course.steps[0].starts_at == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "zone", [LONDON, "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"]
)
@pytest.mark.parametrize(
    "starts_on", [date(2026, 3, 20), date(2026, 9, 28), date(2026, 10, 19), date(2028, 2, 22)]
)
def test_each_dose_changes_at_the_patients_own_midnight(zone, starts_on):
    course = draw(asked(reduction=10), zone=zone, starts_on=starts_on)

    there = [step.starts_at.astimezone(ZoneInfo(zone)) for step in course.steps]
    assert {moment.time() for moment in there} == {time(0)}
    assert [moment.date() for moment in there] == [starts_on + timedelta(days=7 * number) for number in range(7)]


# --- whatever is asked ---------------------------------------------------------------------------

STRENGTHS = st.sampled_from(("5", "10", "20", "25"))


@st.composite
def products(draw_from):
    found = {
        strength: ProductValues(
            strength,
            f"{strength} mg",
            "oral",
            "tablet",
            Decimal(strength),
            Decimal(draw_from(st.sampled_from(("1", "0.5", "0.25")))),
        )
        for strength in draw_from(st.sets(STRENGTHS, min_size=1))
    }
    if draw_from(st.booleans()):
        found["liquid"] = LIQUID
    return tuple(found.values())


@st.composite
def any_asked(draw_from):
    method = draw_from(st.sampled_from(list(Method)))
    start = Decimal(draw_from(st.integers(20, 160)))
    target = draw_from(st.sampled_from((Decimal(0), Decimal(10))))
    if method is Method.BY_HAND:
        falling = sorted(draw_from(st.lists(st.integers(11, int(start)), max_size=8)), reverse=True)
        return Asked(method, start, target, by_hand=(*map(Decimal, falling), target))
    return Asked(
        method,
        start,
        target,
        reduction=Decimal(draw_from(st.integers(2, 60))),
        percent=Decimal(draw_from(st.integers(3, 100))),
        to_target_below=Decimal(12),
    )


@settings(deadline=None)  # a busy machine is no fault of the arithmetic
@given(
    wanted=any_asked(),
    products=products(),
    times=st.sets(st.sampled_from([time(hour) for hour in range(24)]), min_size=1, max_size=5),
    zone=st.sampled_from((LONDON, "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns")),
    starts_on=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    step_days=st.integers(1, 30),
    first_days=st.none() | st.integers(0, 30),
    final_holds=st.lists(st.integers(1, 30), max_size=3),
)
def test_no_course_has_a_gap_a_rise_or_a_total_that_differs_from_its_tablets(
    wanted, products, times, zone, starts_on, step_days, first_days, final_holds
):
    try:
        course = draw(
            wanted,
            products,
            zone,
            times_of_day=tuple(times),
            starts_on=starts_on,
            step_days=step_days,
            first_days=first_days,
            final_holds=tuple(final_holds),
        )
    except CannotDraw as refusal:
        if refusal.pointer not in ("/products", "/course"):
            raise
        return

    for before, after in pairwise(course.steps):
        assert before.ends_at == after.starts_at
        assert after.daily_dose <= before.daily_dose
        earlier = dict(zip(before.day.times, before.day.amounts, strict=True))
        assert all(
            amount <= earlier.get(clock, 0)
            for clock, amount in zip(after.day.times, after.day.amounts, strict=True)
        )
    assert course.steps[-1].ends_at is None
    assert course.steps[0].daily_dose <= wanted.start
    for step in course.steps:
        assert step.daily_dose >= 0
        assert step.daily_dose or not step.asked
        assert all(sum(count.amount for count in dose.counts) == dose.amount > 0 for dose in step.day.doses)
    assert handed_out(course) == due_in_all(course, zone)


def handed_out(course):
    """mg in all the tablets and mL of the totals."""
    return sum(total.product.strength * total.quantity for total in course.totals)


def due_in_all(course, zone):
    """mg of every dose that falls due until the last step, by the timeline that the ward is shown."""
    values = tuple(
        StepValues(
            number,
            step.route,
            step.starts_at,
            step.ends_at,
            step.daily_dose,
            tuple(step.times_of_day),
            step.amounts,
        )
        for number, step in enumerate(course.step_inputs(), start=1)
    )
    first, last = values[0].starts_at, values[-1].starts_at
    plan = stretches([VersionValues(1, PlanVersion.Kind.START, first, values)])
    tick = timedelta(microseconds=1)
    return sum(due.amount for due in due_times(plan, zone, first - tick, last - tick))
