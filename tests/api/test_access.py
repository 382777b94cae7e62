"""Who may call what, and what they then see: every route, with real ids."""

from typing import Any

import pytest
from django.urls import get_resolver

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.api import urls
from apps.api.scopes import SCOPES
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from tests.api.hospital import Caller, Chart, chart_of, log_body, nurse_of, signed_in, system_of
from tests.factories import CarerFactory, PatientFactory, UserFactory, WardFactory

pytestmark = pytest.mark.django_db

LISTS = (
    "patients",
    "wards",
    "taper-plans",
    "plan-proposals",
    "doses",
    "pump-dates",
    "pump-events",
    "supply-counts",
    "supply-events",
    "symptom-logs",
    "assessments",
    "alerts",
)
OPEN_TO_ALL = {"problem", "no-such-route"}
WITHOUT_ID = {*LISTS, "plan-preview", "products", "symptom-logs-bulk", "catalogue", "schema"}


def test_the_sweep_leaves_no_route_out(chart: Chart) -> None:
    named = {pattern.name for pattern in urls.urlpatterns}

    assert named == set(chart.paths) | WITHOUT_ID | OPEN_TO_ALL


def strangers(foreign_chart: Chart) -> dict[str, Caller]:
    """Everybody who has nothing to do with the other ward, through either way in."""
    own = PatientFactory(with_account=True)
    former = CarerFactory(patient=foreign_chart.patient)
    former.withdrawn_at = former.consented_at
    former.save()
    return {
        "system of another ward": system_of(WardFactory()),
        "nurse of another ward": signed_in(nurse_of(WardFactory())),
        "staff of no ward": signed_in(UserFactory()),
        "superuser of no ward": signed_in(UserFactory(is_superuser=True, is_staff=True)),
        "another patient": signed_in(own.user),
        "carer whose consent was withdrawn": signed_in(former.user),
    }


def test_a_stranger_gets_nowhere_with_a_real_id(foreign_chart: Chart) -> None:
    for name, stranger in strangers(foreign_chart).items():
        for route, path in foreign_chart.paths.items():
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
                response = (
                    stranger.post(path, {}, If_Match="*") if method == "POST" else stranger.send(method, path)
                )
                assert response.status_code in {403, 404, 405, 422}, (name, method, route)


def test_a_stranger_cannot_tell_a_foreign_id_from_one_that_never_was(foreign_chart: Chart) -> None:
    stranger = system_of(WardFactory())
    never = "/00000000-0000-4000-8000-000000000000/"
    for path in foreign_chart.paths.values():
        kind, row_id = path.split("/")[:2]
        if path.count("/") > 2:
            continue
        there = stranger.get(path).json()
        nowhere = stranger.get(path.replace(f"/{row_id}/", never)).json()
        there.pop("instance"), nowhere.pop("instance")

        assert there == nowhere, kind


def test_a_stranger_finds_nothing_in_any_list_or_filter(foreign_chart: Chart) -> None:
    row = foreign_chart
    filters = {
        "patients": (f"record_number={row.patient.record_number}", "name=Ada", f"ward={row.ward.pk}"),
        "taper-plans": (f"patient={row.patient.pk}", "open=true"),
        "doses": (f"patient={row.patient.pk}",),
        "pump-dates": (f"patient={row.patient.pk}",),
        "pump-events": (f"patient={row.patient.pk}",),
        "plan-proposals": (f"patient={row.patient.pk}", "open=true"),
        "supply-counts": (f"patient={row.patient.pk}",),
        "supply-events": (f"patient={row.patient.pk}",),
        "symptom-logs": (f"patient={row.patient.pk}",),
        "assessments": (f"patient={row.patient.pk}", f"log={row.log.pk}"),
        "alerts": (f"patient={row.patient.pk}", f"ward={row.ward.pk}", "open=true"),
    }
    stranger = system_of(WardFactory())
    for kind in LISTS:
        for query in ("", *filters.get(kind, ())):
            found = stranger.get(f"{kind}/?{query}")
            ids = str(found.json()["results"])
            assert found.status_code == 200
            assert str(row.patient.pk) not in ids, (kind, query)
            assert str(row.ward.pk) not in ids, (kind, query)


def test_a_stranger_writes_nothing_to_a_foreign_patient(foreign_chart: Chart) -> None:
    row = foreign_chart
    bodies: dict[str, dict[str, Any]] = {
        "symptom-logs": log_body(row.patient),
        "doses": {
            "patient": str(row.patient.pk),
            "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            "route": "oral",
            "status": "taken",
            "taken_at": "2026-11-20T08:00:00Z",
        },
        "pump-events": {
            "patient": str(row.patient.pk),
            "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            "kind": "pump_checked",
            "occurred_at": "2026-11-20T08:00:00Z",
        },
        "supply-events": {
            "patient": str(row.patient.pk),
            "client_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
            "kind": "surgery",
            "occurred_at": "2026-11-20T08:00:00Z",
        },
        "taper-plans": plan_body(row.patient),
        "patients": admission_body(row),
    }
    stranger = system_of(WardFactory())
    before = SymptomLog.objects.count(), Patient.objects.count()

    answers = {kind: stranger.post(f"{kind}/", body).status_code for kind, body in bodies.items()}

    assert answers == dict.fromkeys(bodies, 404)
    assert (SymptomLog.objects.count(), Patient.objects.count()) == before
    assert Alert.objects.get(pk=row.alert.pk).status == Alert.Status.OPEN


def plan_body(patient: Patient) -> dict[str, Any]:
    return {
        "patient": str(patient.pk),
        "indication": "spasticity",
        "effective_at": "2026-11-20T08:00:00Z",
        "reason": "agreed",
        "steps": [
            {
                "route": "oral",
                "starts_at": "2026-11-20T08:00:00Z",
                "daily_dose": "30",
                "unit": "mg/day",
                "times_of_day": ["08:00"],
            }
        ],
    }


def admission_body(row: Chart) -> dict[str, Any]:
    return {
        "record_number": "R-new",
        "given_name": "Bo",
        "family_name": "Muster",
        "birth_date": "1980-01-01",
        "ward": str(row.ward.pk),
        "admitted_at": "2026-11-20T08:00:00Z",
    }


def test_nobody_gets_anywhere_without_signing_in(chart: Chart) -> None:
    nobody = Caller()
    for path in (*chart.paths.values(), *(f"{name}/" for name in LISTS), "catalogue/"):
        response = nobody.get(path)
        if response.status_code != 405:
            assert response.status_code == 401, path
            assert response["WWW-Authenticate"].startswith("Bearer")
    assert nobody.post("symptom-logs/", log_body(chart.patient)).status_code == 401


def test_whoever_wants_to_connect_can_read_the_description_first(chart: Chart) -> None:
    response = Caller().get("schema/")

    assert response.status_code == 200
    assert b"openapi: 3.1" in response.content


def test_a_nurse_who_left_the_ward_sees_nothing_more(chart: Chart, nurse: User) -> None:
    caller = signed_in(nurse)
    assert caller.get(chart.paths["one-alert"]).status_code == 200

    nurse.memberships.update(ended_at=chart.alert.opened_at)

    assert caller.get(chart.paths["one-alert"]).status_code == 404


def test_a_patient_sees_themself_and_no_alert_or_assessment() -> None:
    row = chart_of(WardFactory(), with_account=True)
    caller = signed_in(row.patient.user)

    seen = {name: caller.get(path).status_code for name, path in row.paths.items()}

    assert [name for name, status in seen.items() if status == 200] == [
        "one-patient",
        "one-taper-plan",
        "one-dose",
        "one-symptom-log",
    ]
    assert seen["one-alert"] == seen["one-assessment"] == seen["one-ward"] == 403


def test_a_carer_with_consent_sees_what_the_patient_sees(chart: Chart) -> None:
    carer = signed_in(CarerFactory(patient=chart.patient).user)

    assert carer.get(chart.paths["one-symptom-log"]).status_code == 200
    assert carer.get(chart.paths["one-alert"]).status_code == 403


NEEDED_SCOPE = {
    ("GET", "patients/"): "patients:read",
    ("GET", "wards/"): "patients:read",
    ("POST", "patients/"): "patients:write",
    ("GET", "taper-plans/"): "plans:read",
    ("POST", "taper-plans/"): "plans:write",
    ("GET", "doses/"): "plans:read",
    ("POST", "doses/"): "plans:write",
    ("GET", "pump-events/"): "plans:read",
    ("POST", "pump-events/"): "plans:write",
    ("GET", "supply-events/"): "plans:read",
    ("POST", "supply-events/"): "plans:write",
    ("GET", "symptom-logs/"): "logs:read",
    ("POST", "symptom-logs/"): "logs:write",
    ("POST", "symptom-logs/bulk/"): "logs:write",
    ("GET", "assessments/"): "logs:read",
    ("GET", "catalogue/"): "logs:read",
    ("GET", "alerts/"): "alerts:read",
}


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_opens_what_its_scope_names_and_nothing_else(chart: Chart, scope: str) -> None:
    caller = system_of(chart.ward, scope=scope)
    for (method, path), needed in NEEDED_SCOPE.items():
        response = caller.get(path) if method == "GET" else caller.post(path, {"bogus": 1})
        if needed == scope:
            assert response.status_code in {200, 422}, (method, path)
        else:
            assert response.status_code == 403, (method, path)
            assert f'scope="{needed}"' in response["WWW-Authenticate"]


@pytest.mark.parametrize("step", ["acknowledge", "release", "pass-on", "decline", "silence", "notes", "resolve"])
def test_a_machine_never_answers_an_alert(chart: Chart, step: str) -> None:
    response = system_of(chart.ward).post(
        f"alerts/{chart.alert.pk}/{step}/", {"note": "x", "outcome": "reviewed"}, If_Match="*"
    )

    assert response.status_code == 403
    assert Alert.objects.get(pk=chart.alert.pk).status == Alert.Status.OPEN


def test_the_admission_of_patients_is_for_connected_systems(chart: Chart, nurse: User) -> None:
    assert signed_in(nurse).post("patients/", admission_body(chart)).status_code == 403


def test_every_address_of_the_api_is_known_to_the_sweep() -> None:
    found = {str(route.pattern) for route in get_resolver().url_patterns if "api" in str(route.pattern)}

    assert found == {"api/v1/"}
