"""The description of the API: complete, current, and true under thousands of generated requests."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from apps.api import urls
from apps.api.documents import openapi_document
from apps.api.scopes import SCOPES
from tests.api.hospital import Caller

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "docs" / "openapi.yaml"
OPERATIONS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(openapi_document())


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in OPERATIONS
    ]


def test_the_committed_description_is_that_of_the_code(tmp_path: Path) -> None:
    written = tmp_path / "openapi.yaml"
    subprocess.run(
        [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(written)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )

    assert COMMITTED.read_text() == written.read_text(), "run `manage.py spectacular --file docs/openapi.yaml`"


def test_every_route_is_described(document: dict[str, Any]) -> None:
    described = {path.removeprefix("/api/v1/") for path in document["paths"]}
    routes = {
        str(route.pattern).replace("<uuid:", "{").replace(">", "}")
        for route in urls.urlpatterns
        if route.name not in {"problem", "no-such-route", "schema"}
    }

    assert described == routes
    assert document["openapi"] == "3.1.0"


def test_every_operation_tells_who_may_and_how_it_refuses(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        for way in operation["security"]:
            assert way == {"browser": []} or (set(way["client"]) <= set(SCOPES) and way["client"]), path
        assert operation["security"]
        refusals = {"400", "401", "403", "406", "429", "500", "503"}
        if method == "post":
            refusals |= {"409", "413", "415", "422"}
        if "{" in path:
            refusals |= {"404"}
        assert refusals <= set(operation["responses"]), (path, method)
        assert operation["summary"]


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for name, response in document["components"]["responses"].items():
        problem = response["content"]["application/problem+json"]
        schema = {**document["components"]["schemas"]["Problem"], "components": document["components"]}
        validator = Draft202012Validator({**schema, "$defs": {}})
        assert not list(validator.iter_errors(problem["example"])), name


def test_every_example_has_its_shape(document: dict[str, Any]) -> None:
    shown = 0
    for path, _method, operation in operations(document):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values():
            validator = Draft202012Validator({**content["schema"], "components": document["components"]})
            assert not list(validator.iter_errors(example["value"])), path
            shown += 1
    assert shown >= 7


def test_unknown_fields_are_ruled_out_in_every_body(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Given"):
            assert schema["additionalProperties"] is False, name


@pytest.mark.django_db
@pytest.mark.parametrize("accept", ["", "application/vnd.oai.openapi", "application/vnd.oai.openapi+json"])
def test_the_description_is_served_to_whoever_is_signed_in(system: Caller, accept: str) -> None:
    response = system.get("schema/", **({"Accept": accept} if accept else {}))

    assert response.status_code == 200
    assert yaml.safe_load(response.content)["info"]["title"] == "taperwatch API"
