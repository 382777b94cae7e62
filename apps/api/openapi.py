"""The parts of the OpenAPI document that no view knows: plain data, read by the settings."""

from typing import Any

from .scopes import SCOPES

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457). `type` is stable; `detail` may be shown to a nurse.",
    "required": ["type", "title", "status", "detail", "code", "instance", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string", "description": "The id of this request in our logs."},
        "errors": {
            "type": "array",
            "description": "Every fault that was found, not only the first.",
            "items": {"$ref": "#/components/schemas/Fault"},
        },
        "breaches": {
            "type": "array",
            "description": "Only where a plan breaks guard rails: rule, value, limit, source and tag of each.",
            "items": {"type": "object"},
        },
    },
}
FAULT: dict[str, Any] = {
    "type": "object",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "JSON pointer into the body, or ?name for a query parameter.",
        },
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
}

REFUSALS: dict[str, tuple[str, str]] = {
    "400": ("malformed", "The body or the query cannot be read."),
    "401": ("not_authenticated", "No token, or one that has run out."),
    "403": ("permission_denied", "The token lacks the scope, or the role does not allow it."),
    "404": ("not_found", "There is no such thing, or it is not yours to see."),
    "406": ("not_acceptable", "Only application/json is offered."),
    "409": ("conflict", "Refused as things stand; `detail` says why."),
    "410": ("cursor_too_old", "The cursor is older than a day."),
    "412": ("stale", "It has changed since you read it."),
    "413": ("too_large", "The body is larger than a megabyte."),
    "415": ("unsupported_media_type", "Only uncompressed application/json in UTF-8 is read."),
    "422": ("invalid_input", "Well formed, and not taken; `errors` names every fault."),
    "428": ("if_match_required", "Send If-Match."),
    "429": ("throttled", "Too many requests; Retry-After says when to go on."),
    "500": ("internal_error", "A fault of ours. Nothing was stored."),
    "503": ("unavailable", "The records cannot be reached. Nothing was stored."),
}


def _refusal(status: str, code: str, description: str) -> dict[str, Any]:
    example = {
        "type": f"/api/v1/problems/{code}/",
        "title": description.split(";")[0].rstrip("."),
        "status": int(status),
        "detail": description,
        "code": code,
        "instance": "urn:uuid:0b1c6f0e-58d6-4f35-b7a5-3f2f8f3c8f11",
        "errors": [],
    }
    return {
        "description": description,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example,
            }
        },
    }


SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "taperwatch API",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Symptom logs, taper plans, doses, assessments and alerts of people coming off baclofen. "
        "Changes within v1 only add. Instants are RFC 3339 with an offset, decimals are text, ids are UUIDs. "
        "A level of 0 means that no rule fired, never that a person is well."
    ),
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "PREPROCESSING_HOOKS": ["apps.api.schema.only_v1"],
    "POSTPROCESSING_HOOKS": [],
    "SERVERS": [{"url": "/", "description": "This installation"}],
    "APPEND_COMPONENTS": {
        "schemas": {"Problem": PROBLEM, "Fault": FAULT},
        "responses": {
            f"Refused{status}": _refusal(status, code, description)
            for status, (code, description) in REFUSALS.items()
        },
        "securitySchemes": {
            "client": {
                "type": "oauth2",
                "description": "For connected systems: client id and secret for a short-lived token.",
                "flows": {"clientCredentials": {"tokenUrl": "/oauth/token/", "scopes": SCOPES}},
            },
            "browser": {
                "type": "apiKey",
                "in": "cookie",
                "name": "taperwatch",
                "description": "The session of a signed-in person; writing needs the X-CSRFToken header too.",
            },
        },
    },
}
