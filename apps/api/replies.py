"""Answers to what was sent in: stored now, or stored before."""

from uuid import UUID

from django.urls import reverse
from rest_framework.response import Response

from .shapes import Answer

REPLAYED = "Idempotency-Replayed"


def stored(route: str, row_id: UUID, answer: Answer, *, created: bool) -> Response:
    """201 for the first, 200 with the first result for a repeat of the same client id."""
    headers = {"Location": address(route, row_id)}
    if not created:
        headers[REPLAYED] = "true"
    return Response(answer, status=201 if created else 200, headers=headers)


def address(route: str, row_id: UUID) -> str:
    return reverse(f"api:{route}", args=(row_id,))
