import uuid
from datetime import time, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction

from apps.core.errors import InvalidInput
from apps.tapers.errors import ReportConflict
from apps.tapers.living import hold_plan
from apps.tapers.models import Product, SupplyCount
from apps.tapers.stock import active_products, in_hand, needed, newest_count, record_supply_count, runs_out_at
from tests.factories import NOON, DoseFactory, PatientFactory, ProductFactory, SupplyCountFactory, hours
from tests.tapers.plans import DAY, on_plan

pytestmark = pytest.mark.django_db


def count(patient, counts, **given):
    told = {"by": None, "at": NOON, "client_id": uuid.uuid4(), "counted_at": NOON}
    return record_supply_count(patient=patient, counts=counts, **told | given)


def test_what_is_in_hand_is_the_sum_of_its_tablets_and_millilitres():
    tablets, liquid = ProductFactory(), ProductFactory(form="liquid", strength=1, smallest_part=Decimal("0.5"))

    told = count(PatientFactory(), {tablets: Decimal("10.5"), liquid: Decimal(30)})

    assert told.amount == Decimal(135)
    assert [one["quantity"] for one in told.counts] == ["10.5", "30"]


def test_a_count_sent_again_is_the_same_count():
    patient, product, draft = PatientFactory(), ProductFactory(), uuid.uuid4()

    first = count(patient, {product: Decimal(3)}, client_id=draft)

    assert count(patient, {product: Decimal(3)}, client_id=draft, at=NOON + hours(1)) == first
    with pytest.raises(ReportConflict):
        count(patient, {product: Decimal(4)}, client_id=draft)


@pytest.mark.parametrize(
    ("product", "quantity", "given"),
    [
        ({}, "-1", {}),
        ({}, "NaN", {}),
        ({"route": "intrathecal", "form": "solution", "strength": 500}, "1", {}),
        ({}, "1", {"counted_at": NOON + hours(1)}),
    ],
)
def test_a_count_that_cannot_be_is_refused(product, quantity, given):
    with pytest.raises(InvalidInput):
        count(PatientFactory(), {ProductFactory(**product): Decimal(quantity)}, **given)
    assert not SupplyCount.objects.exists()


def test_a_count_is_never_changed():
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        SupplyCount.objects.filter(pk=SupplyCountFactory().pk).update(amount=0)


def test_it_runs_out_with_the_first_dose_that_it_does_not_cover():
    # 50 mg a day in three: 90 mg are five doses of 16.67 mg, two today and three tomorrow.
    patient = on_plan().patient
    SupplyCountFactory(patient=patient, amount=Decimal(90))

    assert runs_out_at(patient, NOON) == NOON + 2 * DAY - hours(4)
    assert in_hand(patient, NOON + hours(10)) == pytest.approx(Decimal("56.667"), abs=Decimal("0.001"))


def test_a_taper_makes_what_is_in_hand_last_and_a_hold_does_not():
    # Five days at 50 mg, then weeks of 40, 30, 20 and 10: about 940 mg in all.
    plan = on_plan()
    SupplyCountFactory(patient=plan.patient, amount=Decimal(960))
    assert runs_out_at(plan.patient, NOON) is None

    hold_plan(plan=plan, by=None, at=NOON, reason="A fall.", effective_at=NOON)

    assert NOON + 19 * DAY < runs_out_at(plan.patient, NOON) < NOON + 20 * DAY


def test_doses_outside_the_plan_use_it_up_too():
    patient = on_plan().patient
    SupplyCountFactory(patient=patient, amount=Decimal(90))
    DoseFactory(patient=patient, due_at=None, taken_at=NOON + hours(1), amount=Decimal(60))

    assert runs_out_at(patient, NOON) == NOON + hours(8)


def test_a_missed_dose_does_not_put_off_the_day():
    patient = on_plan().patient
    SupplyCountFactory(patient=patient, amount=Decimal(90))
    DoseFactory(patient=patient, due_at=NOON + hours(2), status="missed", recorded_at=NOON + hours(3))

    assert runs_out_at(patient, NOON + hours(3)) == NOON + 2 * DAY - hours(4)


def test_nobody_has_counted_is_not_nothing_in_hand():
    patient = on_plan().patient
    assert (runs_out_at(patient, NOON), in_hand(patient, NOON), newest_count(patient)) == (None, None, None)

    SupplyCountFactory(patient=patient, amount=0)

    assert (runs_out_at(patient, NOON), in_hand(patient, NOON)) == (NOON + hours(2), 0)


def test_the_newest_count_is_reckoned_from_and_the_past_reads_as_it_was():
    patient = on_plan().patient
    older = SupplyCountFactory(patient=patient, amount=Decimal(500), counted_at=NOON - timedelta(days=1))
    newer = SupplyCountFactory(patient=patient, amount=Decimal(90))

    assert newest_count(patient) == newer
    assert newest_count(patient, known_at=NOON - hours(1)) == older


def test_what_a_week_of_the_plan_needs_is_counted_in_tablets():
    plan = on_plan()
    product = ProductFactory(name="Ten")
    halves = [
        [{"product": str(product.pk), "name": "Ten", "strength": "10", "quantity": one}] for one in ("1.5", "2")
    ]
    plan.versions.get().steps.filter(number=2).update(
        times_of_day=[time(8), time(20)], daily_dose=35, amounts=[15, 20], made_of=halves
    )

    [found] = needed(plan.patient, NOON, NOON + 2 * DAY)

    assert (found.product, found.quantity) == (str(product.pk), Decimal(7))


def test_the_site_begins_with_products_marked_to_be_checked():
    # A test with real transactions may have emptied the tables before this one.
    Product.objects.all().delete()
    import_module("apps.tapers.migrations.0003_signing_gates_and_stock").add_products(apps, None)

    shipped = Product.objects.filter(note__startswith="Site setting: check")

    assert {product.strength for product in shipped.filter(form="tablet")} == {5, 10, 20, 25}
    assert set(active_products("oral")) >= set(shipped.filter(route="oral"))
