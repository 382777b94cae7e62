"""How views tell OpenAPI what they take and answer."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from pydantic import BaseModel

from apps.accounts.models import User

F = TypeVar("F", bound=Callable[..., Any])

ALWAYS = ("401", "403", "406", "429", "500", "503")
WITH_BODY = ("400", "409", "413", "415", "422")


class ApiSchema(AutoSchema):
    """Reads access rules, query shapes and error answers off the view, so that they are said once."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_operation_id(self) -> str:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(self.view).__name__).lower()
        return f"{self.method.lower()}_{name}"

    def get_auth(self) -> list[dict[str, list[str]]]:
        access = getattr(self.view, "access", {}).get(self.method)
        if access is None:
            return [{}]
        client = {"client": [access.scope] if access.scope else []}
        browser: dict[str, list[str]] = {"browser": []}
        people = access.roles - {User.Role.SERVICE}
        return [client] * (User.Role.SERVICE in access.roles) + [browser] * bool(people)

    def get_override_parameters(self) -> list[Any]:
        return query_parameters(self.view.query) if self.method == "GET" else []  # type: ignore[attr-defined]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
            for status in sorted(self._refusals(operation)):
                operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Refused{status}"})
        return operation

    def _refusals(self, operation: Mapping[str, Any]) -> set[str]:
        refusals = set(ALWAYS) | {"400"}
        parameters = {(parameter["in"], parameter["name"]) for parameter in operation.get("parameters", ())}
        if self.method == "POST":
            refusals |= {*WITH_BODY, "404"}
        if any(place == "path" for place, _name in parameters):
            refusals.add("404")
        if ("query", "cursor") in parameters:
            refusals.add("410")
        if ("header", "If-Match") in parameters:
            refusals |= {"412", "428"}
        return refusals


IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "pattern": r'^(\*|(W/)?"[!#-~]*")$'},
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what you have read.",
)
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="For If-Match when you change it."
)


def describe(
    summary: str,
    *,
    answer: Any,
    body: type[BaseModel] | None = None,
    created: bool = False,
    statuses: Mapping[int, str] | None = None,
    parameters: tuple[OpenApiParameter, ...] = (),
    example: Mapping[str, Any] | None = None,
) -> Callable[[F], F]:
    """One operation for the schema. `statuses` names further good answers of the same shape."""
    good = {201 if created else 200: "Done."} | dict(statuses or {})
    decorate: Callable[[F], F] = extend_schema(
        summary=summary,
        description=summary + ".",
        request={"application/json": body} if body else None,
        responses={
            (status, "application/json"): OpenApiResponse(answer, description=words)
            for status, words in good.items()
        },
        parameters=list(parameters),
        examples=[OpenApiExample("example", value=dict(example), request_only=True)] if example else [],
    )
    return decorate


def query_parameters(shape: type[BaseModel]) -> list[OpenApiParameter]:
    schema = shape.model_json_schema()
    return [
        OpenApiParameter(
            name,
            _plain(part),
            OpenApiParameter.QUERY,
            required=name in schema.get("required", ()),
            description=part.get("description", ""),
        )
        for name, part in schema.get("properties", {}).items()
    ]


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    """An optional parameter is one that may be left out, not one that may be null."""
    choices = [choice for choice in part.get("anyOf", [part]) if choice.get("type") != "null"]
    return {
        key: value
        for key, value in {**part, **choices[0]}.items()
        if key not in {"anyOf", "title", "description"} and (key, value) != ("default", None)
    }


def only_v1(endpoints: list[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    return [
        endpoint
        for endpoint in endpoints
        if endpoint[0].startswith("/api/v1/")
        and endpoint[0] != "/api/v1/schema/"
        and getattr(endpoint[3].cls, "access", None)
    ]
