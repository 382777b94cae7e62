"""What baclofen by mouth is in hand, and when it runs out. Counts are recorded through `monitoring.intake`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.errors import InvalidInput, Problem
from apps.patients.models import Patient
from apps.patients.selectors import whereabouts
from apps.tapers.courses.products import ProductValues
from apps.tapers.errors import ReportConflict
from apps.tapers.models import Dose, Product, Route, SupplyCount
from apps.tapers.selectors import plan_stretches
from apps.tapers.timeline import Needed, due_times, products_due

CLOCK_SLACK = timedelta(minutes=2)
HORIZONS = (timedelta(days=35), timedelta(days=400))
"""Most counts run out within the first; beyond the second, nobody plans a refill yet."""


@transaction.atomic
def record_supply_count(
    *,
    patient: Patient,
    by: User | None,
    at: datetime,
    client_id: UUID,
    counted_at: datetime,
    counts: Mapping[Product, Decimal],
) -> SupplyCount:
    """What is in hand of each product: tablets, or mL. Nothing at all is a count too. Sent again with the same
    client id, the first is returned.

    Errors: InvalidInput, ReportConflict."""
    _check(counts, counted_at, at)
    content = {
        "counted_at": counted_at,
        "amount": sum((product.strength * quantity for product, quantity in counts.items()), Decimal(0)),
        "counts": [_as_json(product, quantity) for product, quantity in counts.items()],
    }
    row, created = SupplyCount.objects.get_or_create(
        patient=patient, client_id=client_id, defaults={"recorded_by": by, "recorded_at": at, **content}
    )
    if not created:
        if (row.counted_at, row.amount) != (content["counted_at"], content["amount"]):
            raise ReportConflict(_("This id was used before, for another report."))
        return row
    record_event(AuditEvent.Type.SUPPLY_COUNTED, subject=row, by=by, at=at, patient_id=patient.pk)
    return row


def newest_count(patient: Patient, known_at: datetime | None = None) -> SupplyCount | None:
    """The count to reckon from; with `known_at`, as known then. None: nobody has counted."""
    told = SupplyCount.objects.filter(patient=patient)
    if known_at is not None:
        told = told.filter(recorded_at__lte=known_at)
    return told.order_by("-counted_at", "-recorded_at").first()


def in_hand(patient: Patient, at: datetime) -> Decimal | None:
    """mg left at that moment, if every dose due since the newest count was taken; None: nobody has counted."""
    count = newest_count(patient)
    if count is None:
        return None
    used = sum(amount for _due_at, amount in _used(patient, count.counted_at, at))
    return max(count.amount - used, Decimal(0))


def runs_out_at(patient: Patient, at: datetime) -> datetime | None:
    """When the first dose is due that what is in hand no longer covers; it may lie before `at`. None: nobody has
    counted, or it lasts for all that is planned in the next 400 days.

    Every planned dose is taken to be used, also one that was missed: a warning too early does no harm."""
    count = newest_count(patient)
    if count is None:
        return None
    for horizon in HORIZONS:
        left = count.amount
        for due_at, amount in _used(patient, count.counted_at, at + horizon):
            if amount > left:
                return due_at
            left -= amount
    return None


def needed(patient: Patient, since: datetime, until: datetime) -> list[Needed]:
    """Tablets and mL for the doses planned in (since, until], of which is known what they are made of."""
    return products_due(plan_stretches(patient), whereabouts(patient), since, until)


def active_products(route: str | None = None) -> list[Product]:
    """What this site hands out, by mouth, for the pump, or both."""
    products = Product.objects.filter(is_active=True)
    return list(products.filter(route=route) if route else products)


def product_values(product: Product) -> ProductValues:
    return ProductValues(
        str(product.pk),
        product.name,
        product.route,
        product.form,
        product.strength.normalize(),
        product.smallest_part.normalize(),
    )


def _used(patient: Patient, since: datetime, until: datetime) -> list[tuple[datetime, Decimal]]:
    """What is taken from the supply in (since, until], in order: each planned dose, and each outside the plan."""
    planned = due_times(plan_stretches(patient), whereabouts(patient), since, until)
    besides = Dose.objects.in_force().filter(
        patient=patient,
        route=Route.ORAL,
        status=Dose.Status.TAKEN,
        due_at=None,
        amount__isnull=False,
        taken_at__gt=since,
        taken_at__lte=until,
    )
    taken = [(dose.due_at, dose.amount) for dose in planned]
    taken += [(dose.taken_at, dose.amount) for dose in besides if dose.taken_at and dose.amount]
    return sorted(taken)


def _as_json(product: Product, quantity: Decimal) -> dict[str, str]:
    return {
        "product": str(product.pk),
        "name": product.name,
        "strength": str(product.strength),
        "quantity": str(quantity),
    }


def _check(counts: Mapping[Product, Decimal], counted_at: datetime, at: datetime) -> None:
    problems = []
    if counted_at > at + CLOCK_SLACK:
        problems.append(Problem("/counted_at", "in_the_future", _("This moment has not come yet.")))
    for place, (product, quantity) in enumerate(counts.items()):
        if product.route != Route.ORAL:
            problems.append(
                Problem(f"/counts/{place}/product", "not_by_mouth", _("Only what is taken by mouth is counted."))
            )
        if not quantity.is_finite() or quantity < 0:
            problems.append(Problem(f"/counts/{place}/quantity", "negative", _("A count is never negative.")))
    if problems:
        raise InvalidInput(problems[0].detail, tuple(problems))
