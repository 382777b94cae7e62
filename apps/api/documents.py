"""The OpenAPI document of this API."""

from functools import lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from .base import ApiView
from .renderers import JSONRenderer


class SchemaDocument(ApiView):
    """For everybody, since it holds nothing that the published code does not: YAML, or JSON if asked for."""

    permission_classes = ()
    renderer_classes = (OpenApiYamlRenderer, OpenApiJsonRenderer)

    def get(self, request: Request) -> Response:
        return Response(openapi_document())

    def handle_exception(self, exc: Exception) -> Response:
        response: Response = super().handle_exception(exc)
        self.request.accepted_renderer = JSONRenderer()
        return response


@lru_cache(maxsize=1)  # the code does not change while it runs
def openapi_document() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)
