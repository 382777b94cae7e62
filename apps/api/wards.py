from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.wards.models import Ward

from .base import ApiView, user_of
from .pagination import PageQuery, page, paged
from .permissions import Access
from .schema import describe
from .shapes import Answer, read_query


class WardAnswer(Answer):
    id: UUID
    code: str
    name: str
    phone: str
    """Whom patients of this ward are told to call."""
    time_zone: str


def ward_answer(ward: Ward) -> WardAnswer:
    return WardAnswer.model_construct(
        id=ward.pk, code=ward.code, name=ward.name, phone=ward.phone, time_zone=ward.time_zone
    )


class Wards(ApiView):
    access: ClassVar = {"GET": Access("patients:read")}
    query = PageQuery

    @describe("List the wards you work on", answer=paged(WardAnswer))
    def get(self, request: Request) -> Response:
        query = read_query(request, PageQuery)
        wards = Ward.objects.visible_to(user_of(request))
        return page(request, wards, query, ward_answer, by="code", newest_first=False)


class OneWard(ApiView):
    access: ClassVar = {"GET": Access("patients:read")}

    @describe("Read one ward", answer=WardAnswer)
    def get(self, request: Request, ward_id: UUID) -> Response:
        ward = get_object_or_404(Ward.objects.visible_to(user_of(request)), pk=ward_id)
        return Response(ward_answer(ward))
