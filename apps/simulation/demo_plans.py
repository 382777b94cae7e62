"""What the demo's plan pages show: what the site hands out, a taper whose next step waits to be released, when
pumps are to be filled, and what is in hand at home."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

from apps.accounts.models import User
from apps.core.days import local_day
from apps.patients.models import Patient
from apps.tapers.courses.asking import Asked, Method
from apps.tapers.courses.drawing import CourseInput, draw_course
from apps.tapers.models import Product, Route
from apps.tapers.planning import close_plan
from apps.tapers.proposals import propose_plan, sign_proposal
from apps.tapers.pumps import record_pump_dates
from apps.tapers.selectors import plan_at, present_steps
from apps.tapers.stock import active_products, product_values, record_supply_count

PRODUCTS = (
    ("Baclofen 10 mg tablet", Route.ORAL, Product.Form.TABLET, "10", "0.5"),
    ("Baclofen 5 mg/5 mL oral solution", Route.ORAL, Product.Form.LIQUID, "1", "0.5"),
    ("Baclofen 500 microgram/mL for pumps", Route.INTRATHECAL, Product.Form.SOLUTION, "500", "0.001"),
)
TIMES = (time(8), time(14), time(20))
STEP = Decimal(5)
LEAST_TO_TAPER = Decimal(15)
DAYS_IN_HAND = 12
SERVICE = timedelta(days=500)


def stock_pharmacy() -> None:
    """Unless the site has products already."""
    if active_products():
        return
    Product.objects.bulk_create(
        Product(name=name, route=route, form=form, strength=Decimal(strength), smallest_part=Decimal(part))
        for name, route, form, strength, part in PRODUCTS
    )


def tell_pump_dates(patients: Sequence[Patient], by: User, at: datetime) -> None:
    """Of each pump: the next filling in weeks, booked but for the last."""
    for place, patient in enumerate(patients):
        today = local_day(at, patient.time_zone)
        filling = today + timedelta(days=16 + 9 * place)
        record_pump_dates(
            patient=patient,
            by=by,
            at=at,
            client_id=uuid4(),
            refill_due_on=filling,
            low_reservoir_on=filling + timedelta(days=10),
            refill_booked=patient != patients[-1],
            service_ends_on=today + SERVICE,
            alarm_volume_ml=Decimal(2),
        )


def plan_step_by_step(patient: Patient, by: User, at: datetime) -> bool:
    """A plan made of tablets, 5 mg less each week, each step released by hand; and tablets for 12 days.

    False where this person takes too little, or nothing by mouth, for that."""
    view, now = plan_at(patient, at), present_steps(patient, at).get(Route.ORAL)
    if view is None or now is None or now.daily_dose < LEAST_TO_TAPER or patient.has_pump:
        return False
    products = [product_values(one) for one in active_products(Route.ORAL)]
    course = CourseInput(
        route=Route.ORAL,
        asked=Asked(Method.LINEAR, start=now.daily_dose, target=now.daily_dose - 2 * STEP, reduction=STEP),
        starts_on=local_day(at, patient.time_zone) + timedelta(days=1),
        step_days=7,
        times_of_day=TIMES,
    )
    steps = draw_course(course, products, patient.time_zone).step_inputs()
    close_plan(plan=view.plan, by=by, at=at)
    proposal = propose_plan(
        patient=patient,
        by=by,
        at=at,
        indication=view.plan.indication,
        use_started_on=view.plan.use_started_on,
        effective_at=steps[0].starts_at,
        reason="Step by step, each released by hand.",
        steps=steps,
    )
    sign_proposal(proposal=proposal, by=by, at=at, reason="Discussed on the round.")
    tablet = next(one for one in active_products(Route.ORAL) if one.form == Product.Form.TABLET)
    in_hand = now.daily_dose / tablet.strength * DAYS_IN_HAND
    record_supply_count(
        patient=patient,
        by=by,
        at=at,
        client_id=uuid4(),
        counted_at=at,
        counts={tablet: in_hand.quantize(Decimal(1))},
    )
    return True
