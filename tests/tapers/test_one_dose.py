"""A dose that somebody writes down is made of what the pharmacy has, and never of more than was written."""

from datetime import UTC, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.tapers.courses.one_dose import dose_by_mouth
from apps.tapers.courses.products import ProductValues

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TEN = ProductValues("ten", "Baclofen 10 mg", "oral", "tablet", Decimal(10), Decimal("0.5"))
LIQUID = ProductValues("liquid", "Baclofen 1 mg/mL", "oral", "liquid", Decimal(1), Decimal("0.5"))
DUST = ProductValues("dust", "Drops", "oral", "liquid", Decimal("0.01"), Decimal("0.1"))
THRICE = (time(8), time(14), time(20))


def quantities(step):
    return [[(piece["name"], piece["quantity"]) for piece in dose] for dose in step.made_of]


def test_what_is_left_over_of_an_even_share_goes_to_the_later_doses():
    step = dose_by_mouth(NOW, Decimal(40), THRICE, [TEN])

    assert (step.daily_dose, step.asked_dose, step.starts_at, step.ends_at) == (40, 40, NOW, None)
    assert list(step.amounts) == [10, 15, 15]
    assert quantities(step) == [
        [("Baclofen 10 mg", "1")],
        [("Baclofen 10 mg", "1.5")],
        [("Baclofen 10 mg", "1.5")],
    ]


def test_times_in_any_order_and_twice_are_the_times_of_a_day():
    step = dose_by_mouth(NOW, Decimal(40), (time(20), time(8), time(20), time(14)), [TEN])

    assert tuple(step.times_of_day) == THRICE


def test_what_was_rounded_is_told_and_is_never_more_than_was_written():
    step = dose_by_mouth(NOW, Decimal(38), THRICE, [TEN])

    assert (step.daily_dose, step.asked_dose) == (35, 38)


@pytest.mark.parametrize(
    ("dose", "times", "products"),
    [
        (Decimal(40), THRICE, []),
        (Decimal(3), THRICE, [TEN]),
        (Decimal(75), THRICE, [DUST]),
        (Decimal(40), (), [TEN]),
        (Decimal(0), THRICE, [TEN]),
    ],
)
def test_what_no_product_makes_is_not_held_up_and_not_rounded(dose, times, products):
    step = dose_by_mouth(NOW, dose, times, products)

    assert (step.daily_dose, step.amounts, step.made_of, step.asked_dose) == (dose, None, None, None)


@given(
    st.integers(1, 240).map(lambda halves: Decimal(halves) / 2),
    st.lists(st.integers(0, 23).map(time), min_size=1, max_size=4),
    st.sampled_from([[TEN], [LIQUID], [TEN, LIQUID]]),
)
def test_the_day_is_always_the_sum_of_its_tablets(dose, times, products):
    step = dose_by_mouth(NOW, dose, times, products)

    assert step.daily_dose <= dose
    if step.made_of is not None:
        strength = {product.id: product.strength for product in products}
        made = [sum(strength[one["product"]] * Decimal(one["quantity"]) for one in part) for part in step.made_of]
        assert made == list(step.amounts)
        assert sum(made) == step.daily_dose
