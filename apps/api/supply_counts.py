"""What baclofen by mouth is in hand, what the site hands out, and when it runs out."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import Field, model_validator
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import InvalidInput, Problem
from apps.monitoring.intake import submit_supply_count
from apps.tapers.models import Product, SupplyCount
from apps.tapers.stock import active_products, runs_out_at

from .base import ApiView, of_visible_patients, remember_list, remember_view, user_of, visible_patient
from .fields import Id, Instant, fault
from .pagination import PageQuery, page, paged
from .permissions import EVERYBODY, Access
from .replies import stored
from .schema import describe
from .shapes import Answer, Given, read_body, read_query
from .taper_plan_shapes import MOST_PRODUCTS, CountAnswer, CountGiven


class SupplyCountQuery(PageQuery):
    patient: Id | None = None

    lookups: ClassVar = {"patient": "patient"}


class SupplyCountGiven(Given):
    patient: Id
    client_id: Id
    """Made by the sender, once for each count: sending the same again changes nothing."""
    counted_at: Instant
    counts: Annotated[list[CountGiven], Field(max_length=MOST_PRODUCTS)]
    """An empty list: nothing is in hand."""

    @model_validator(mode="after")
    def _names_each_product_once(self) -> Self:
        if len({count.product for count in self.counts}) != len(self.counts):
            raise fault("repeated", _("Each product is counted once."))
        return self


class SupplyCountAnswer(Answer):
    id: UUID
    patient: UUID
    client_id: UUID
    counted_at: datetime
    amount: str
    """mg in all."""
    counts: list[CountAnswer]
    recorded_by: UUID | None
    recorded_at: datetime


class OneSupplyCountAnswer(SupplyCountAnswer):
    runs_out_at: datetime | None
    """When the first planned dose is due that the newest count no longer covers; null: it lasts for the plan."""


def _fields(count: SupplyCount) -> dict[str, Any]:
    return {
        "id": count.pk,
        "patient": count.patient_id,
        "client_id": count.client_id,
        "counted_at": count.counted_at,
        "amount": str(count.amount),
        "counts": [CountAnswer.model_construct(**one) for one in count.counts],
        "recorded_by": count.recorded_by_id,
        "recorded_at": count.recorded_at,
    }


def supply_count_answer(count: SupplyCount) -> SupplyCountAnswer:
    return SupplyCountAnswer.model_construct(**_fields(count))


def _whole_answer(count: SupplyCount, at: datetime) -> OneSupplyCountAnswer:
    return OneSupplyCountAnswer.model_construct(**_fields(count), runs_out_at=runs_out_at(count.patient, at))


EXAMPLE = {
    "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
    "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca431",
    "counted_at": "2026-11-23T08:00:00+01:00",
    "counts": [{"product": "9b2a7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e", "quantity": "42"}],
}


class SupplyCounts(ApiView):
    access: ClassVar = {"GET": Access("plans:read"), "POST": Access("plans:write")}
    query = SupplyCountQuery

    @describe("List counts of what is in hand, newest first", answer=paged(SupplyCountAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, SupplyCountQuery)
        rows = query.narrow(of_visible_patients(request, SupplyCount.objects.all()))
        answer = page(request, rows, query, supply_count_answer, by="counted_at")
        remember_list(request, "supply-counts", {count.patient for count in answer.data["results"]})
        return answer

    @describe(
        "Report what baclofen by mouth is in hand",
        answer=OneSupplyCountAnswer,
        body=SupplyCountGiven,
        created=True,
        statuses={200: "The same count had come before: the first result."},
        example=EXAMPLE,
    )
    def post(self, request: Request) -> Response:
        at = timezone.now()
        given = read_body(request, SupplyCountGiven)
        count = submit_supply_count(
            patient=visible_patient(request, given.patient),
            by=user_of(request),
            at=at,
            client_id=given.client_id,
            counted_at=given.counted_at,
            counts={_product(place, one.product): one.quantity for place, one in enumerate(given.counts)},
        )
        answer = _whole_answer(count, at)
        return stored("one-supply-count", count.pk, answer, created=count.recorded_at == at)


def _product(place: int, product_id: UUID) -> Product:
    product = Product.objects.filter(pk=product_id).first()
    if product is None:
        message = _("There is no such product.")
        raise InvalidInput(message, (Problem(f"/counts/{place}/product", "unknown_product", message),))
    return product


class OneSupplyCount(ApiView):
    access: ClassVar = {"GET": Access("plans:read")}

    @describe("Read one count, and when what is in hand runs out", answer=OneSupplyCountAnswer)
    def get(self, request: Request, count_id: UUID) -> Response:
        rows = of_visible_patients(request, SupplyCount.objects.select_related("patient"))
        count = get_object_or_404(rows, pk=count_id)
        remember_view(request, count, count.patient_id)
        return Response(_whole_answer(count, timezone.now()))


class ProductAnswer(Answer):
    id: UUID
    name: str
    route: str
    form: str
    strength: str
    """mg in a tablet, capsule or mL; for a pump microgram in an mL."""
    smallest_part: str
    """Of a tablet (1, 0.5, 0.25) or of an mL."""
    note: str


class ProductsAnswer(Answer):
    results: list[ProductAnswer]


class Products(ApiView):
    access: ClassVar = {"GET": Access("plans:read", EVERYBODY)}

    @describe("List the products that this site hands out", answer=ProductsAnswer)
    def get(self, request: Request) -> Response:
        return Response(
            ProductsAnswer.model_construct(
                results=[
                    ProductAnswer.model_construct(
                        id=product.pk,
                        name=product.name,
                        route=product.route,
                        form=product.form,
                        strength=str(product.strength),
                        smallest_part=str(product.smallest_part),
                        note=product.note,
                    )
                    for product in active_products()
                ]
            )
        )
