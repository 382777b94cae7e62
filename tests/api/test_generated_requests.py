"""Requests that nobody would think of, made from the description (schemathesis), against the WSGI application."""

from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from apps.api.documents import openapi_document
from apps.wards.models import Ward
from tests.api.hospital import chart_of, system_of

EXAMPLES = 20
"""For each operation and each of the two ways: as described, and not as described."""
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def described() -> Any:
    return schemathesis.openapi.from_dict(dict(openapi_document()))


@pytest.fixture
def brake_off(settings: Any) -> None:
    settings.API_PER_MINUTE = dict.fromkeys(settings.API_PER_MINUTE, 1_000_000)


def operations() -> list[Any]:
    return [result.ok() for result in described().get_all_operations()]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_no_generated_request_breaks_the_api_or_its_description(
    ward: Ward, mode: GenerationMode, brake_off: None
) -> None:
    chart = chart_of(ward)
    token = f"Bearer {system_of(ward).token}"
    known = {"patient_id": chart.patient.pk, "plan_id": chart.plan.pk, "alert_id": chart.alert.pk}
    application = get_wsgi_application()
    for operation in operations():
        if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
            continue
        operation.app = application
        _hammer(operation, mode, {"Authorization": token}, {k: str(v) for k, v in known.items()})


def _takes_anything(operation: Any) -> bool:
    """Nothing can be wrong with what is not asked for."""
    return any(list(part) for part in (operation.query, operation.path_parameters, operation.body))


def _hammer(operation: Any, mode: GenerationMode, headers: dict[str, str], known: dict[str, str]) -> None:
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def hammer(case: Any, real: bool) -> None:
        if real:
            # Every other request speaks of a real patient, so that it gets beyond "not found".
            case.path_parameters = {**(case.path_parameters or {}), **_mentioned(case.path_parameters, known)}
            if isinstance(case.body, dict) and _is_id(case.body.get("patient")):
                # What is wrong with a patient's id stays wrong.
                case.body["patient"] = known["patient_id"]
        # Many at once are answered one by one, the wrong ones too.
        refuses_whole = mode is GenerationMode.NEGATIVE and "bulk" not in operation.path
        wrong = [checks.negative_data_rejection] * refuses_whole
        case.call_and_validate(headers=headers, checks=CHECKS + wrong)

    hammer()


def _is_id(value: Any) -> bool:
    try:
        return str(UUID(value)) == value
    except (TypeError, ValueError, AttributeError):
        return False


def _mentioned(parameters: Any, known: dict[str, str]) -> dict[str, str]:
    return {name: known[name] for name in parameters or {} if name in known}
