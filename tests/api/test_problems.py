"""Every refusal under /api/v1 is a problem (RFC 9457), whoever caused it."""

import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError

from apps.patients.models import Patient
from tests.api.hospital import Caller, Chart, faults, log_body

pytestmark = pytest.mark.django_db


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "instance", "errors"}
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"/api/v1/problems/{code}/"
    assert body["title"]
    assert body["detail"]
    assert response["X-Request-ID"] in body["instance"]
    assert response["Cache-Control"] == "no-store"
    return body


@pytest.mark.parametrize(
    "path", ["nowhere/", "alerts/1/", "", "patients", "alerts//", "../admin", "a%0Ab", "%85/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_an_address_that_is_none(system: Caller, path: str, method: str) -> None:
    assert_problem(system.send(method, path), 404, "not_found")


def test_somebody_elses_row(system: Caller, foreign_chart: Chart) -> None:
    assert_problem(system.get(foreign_chart.paths["one-patient"]), 404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_that_is_not_there(system: Caller, method: str) -> None:
    response = system.send(method, "symptom-logs/")

    assert_problem(response, 405, "method_not_allowed")
    assert "POST" in response["Allow"]


def test_a_method_cannot_be_smuggled_in_a_header(system: Caller, chart: Chart) -> None:
    response = system.get(chart.paths["one-alert"], X_HTTP_Method_Override="DELETE")

    assert response.status_code == 200


def test_a_format_that_is_not_offered(system: Caller) -> None:
    assert_problem(system.get("alerts/", Accept="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", ""],
)
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_body_that_is_not_json(system: Caller, content_type: str, body: bytes) -> None:
    response = system.post("symptom-logs/", body, content_type=content_type)

    assert_problem(response, 415, "unsupported_media_type")


def test_a_body_too_large(system: Caller) -> None:
    body = b'{"note": "' + b"x" * 1_000_001 + b'"}'

    assert_problem(system.post("symptom-logs/", body), 413, "too_large")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":1,"a":2}', b"{", b'{"a":NaN}', b'{"a":1e400}', b"\xff"])
def test_a_body_that_cannot_be_read(system: Caller, body: bytes) -> None:
    assert_problem(system.post("symptom-logs/", body), 400, "malformed")


def test_a_form_with_every_fault_named(system: Caller, patient: Patient) -> None:
    body = log_body(patient, observed_at="2026-11-23T08:00:00", client_id="1", temprature=38.5)
    body["vital_signs"] = {"temperature_c": {"value": "38,5"}, "pulse": {"value": 1, "unit": "/min"}}
    body["answers"] = {"confusion": 9, "tremor": "3", "Pulse": 1}

    response = system.post("symptom-logs/", body)

    assert_problem(response, 422, "invalid_input")
    assert faults(response) == {
        "/observed_at": "not_an_instant",
        "/client_id": "not_a_uuid",
        "/temprature": "unknown_field",
        "/answers/confusion": "out_of_scale",
        "/answers/tremor": "wrong_type",
        "/answers/Pulse": "string_pattern_mismatch",
        "/vital_signs/temperature_c/value": "not_a_number",
        "/vital_signs/temperature_c/unit": "required",
        "/vital_signs/pulse": "unknown_code",
    }


@pytest.mark.parametrize("key", ["\ud800", "\x00", "a/b~c", "x" * 500, "__proto__", ""])
@pytest.mark.parametrize("place", ["answers", "vital_signs"])
def test_a_key_that_is_no_code(system: Caller, patient: Patient, place: str, key: str) -> None:
    response = system.post("symptom-logs/", log_body(patient) | {place: {key: 1}})

    assert_problem(response, 422, "invalid_input")


@pytest.mark.parametrize("field", ["id", "score", "level", "recorded_at", "recorded_by", "is_canary", "channel"])
def test_what_only_we_may_say_is_refused(system: Caller, patient: Patient, field: str) -> None:
    response = system.post("symptom-logs/", log_body(patient) | {field: 1})

    assert faults(response) == {f"/{field}": "unknown_field"}


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("bogus=1", "?bogus", "unknown_field"),
        ("format=xml", "?format", "unknown_field"),
        ("access_token=abc", "?access_token", "unknown_field"),
        ("limit=0", "?limit", "out_of_range"),
        ("limit=201", "?limit", "out_of_range"),
        ("limit=1e1", "?limit", "not_a_whole_number"),
        ("limit=%D9%A3", "?limit", "not_a_whole_number"),
        ("limit=99999999999999999999", "?limit", "not_a_whole_number"),
        ("limit=5&limit=6", "?limit", "repeated"),
        ("patient=1", "?patient", "not_a_uuid"),
        ("patient=' or 1=1--", "?patient", "not_a_uuid"),
        ("status=gone", "?status", "not_a_choice"),
        ("open=yes", "?open", "not_a_boolean"),
        ("pattern=%00", "?pattern", "forbidden_character"),
        ("raised_from=2026-11-23T08:00:00", "?raised_from", "not_an_instant"),
        ("raised_from=0000-01-01T00:00:00Z", "?raised_from", "out_of_reach"),
        ("cursor=abc", "?cursor", "bad_cursor"),
        ("cursor=%00", "?cursor", "forbidden_character"),
    ],
)
def test_a_query_that_would_be_misread(system: Caller, query: str, pointer: str, code: str) -> None:
    response = system.get(f"alerts/?{query}")

    assert_problem(response, 400, "bad_query")
    assert faults(response)[pointer] == code


def test_a_query_on_a_post_is_refused(system: Caller, patient: Patient) -> None:
    assert_problem(system.post("symptom-logs/?patient=1", log_body(patient)), 400, "bad_query")


def test_a_fault_of_ours_tells_nothing_and_is_logged(
    system: Caller, chart: Chart, caplog: pytest.LogCaptureFixture
) -> None:
    with patch("apps.api.alerts.full_alert", side_effect=RuntimeError("Ada Muster, confused")):
        response = system.get(chart.paths["one-alert"])

    body = assert_problem(response, 500, "internal_error")
    assert "Ada" not in str(body)
    logged = next(record for record in caplog.records if record.message == "unexpected fault")
    assert logged.request_id == response["X-Request-ID"]  # type: ignore[attr-defined]


def test_a_database_that_does_not_answer(system: Caller, chart: Chart) -> None:
    with patch("apps.api.alerts.full_alert", side_effect=OperationalError("gone")):
        response = system.get(chart.paths["one-alert"])

    assert_problem(response, 503, "unavailable")
    assert response["Retry-After"] == "5"


def test_the_type_of_a_problem_leads_to_its_meaning(system: Caller) -> None:
    problem = system.get("nowhere/").json()

    meaning = Caller().get(problem["type"])

    assert meaning.status_code == 200
    assert meaning.json() == {"code": "not_found", "title": problem["title"]}
    assert Caller().get("problems/never-heard-of/").status_code == 404


def test_refusals_of_services_have_a_meaning_too() -> None:
    assert Caller().get("problems/alert_already_acknowledged/").status_code == 200


def test_an_instance_is_the_id_of_one_request(system: Caller) -> None:
    first, second = (system.get("nowhere/").json()["instance"] for _ in range(2))

    assert first != second
    assert uuid.UUID(first.removeprefix("urn:uuid:"))
