import uuid
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.patients.models import Patient, Stay
from apps.tapers.models import Dose, PlanVersion, PumpEvent, SupplyEvent, TaperPlan
from apps.wards.models import Ward
from tests.api.hospital import Caller, Chart, faults, signed_in
from tests.api.test_access import admission_body, plan_body
from tests.factories import PatientFactory, PlanFactory

pytestmark = pytest.mark.django_db


def now() -> str:
    return timezone.now().isoformat()


def dose_body(patient: Patient, **fields: Any) -> dict[str, Any]:
    return {
        "patient": str(patient.pk),
        "client_id": str(uuid.uuid4()),
        "route": "oral",
        "status": "taken",
        "taken_at": now(),
        "amount": "12.500",
    } | fields


def event_body(patient: Patient, kind: str, **fields: Any) -> dict[str, Any]:
    return {
        "patient": str(patient.pk),
        "client_id": str(uuid.uuid4()),
        "kind": kind,
        "occurred_at": now(),
    } | fields


# --- Plans ---------------------------------------------------------------------------------------


def test_a_plan_is_started_with_its_steps(system: Caller, patient: Patient) -> None:
    response = system.post("taper-plans/", plan_body(patient))

    assert response.status_code == 201, response.content
    told = response.json()
    assert response["Location"] == f"/api/v1/taper-plans/{told['id']}/"
    step = told["versions"][0]["steps"][0]
    assert (step["daily_dose"], step["unit"], step["times_of_day"]) == ("30.000", "mg/day", ["08:00"])
    assert system.get(response["Location"])["ETag"] == response["ETag"]


def test_a_second_open_plan_is_refused(system: Caller, patient: Patient) -> None:
    system.post("taper-plans/", plan_body(patient))

    response = system.post("taper-plans/", plan_body(patient))

    assert (response.status_code, response.json()["code"]) == (409, "plan_already_open")
    assert TaperPlan.objects.count() == 1


def test_a_plan_is_changed_by_a_version_that_has_seen_the_last(system: Caller, patient: Patient) -> None:
    plan = PlanFactory(patient=patient)
    path = f"taper-plans/{plan.pk}/"
    body = {
        "kind": "hold",
        "reason": "a bad night",
        "effective_at": now(),
        "steps": [step | {"daily_dose": "60"} for step in plan_body(patient)["steps"]],
    }
    seen = system.get(path)["ETag"]

    first = system.post(f"{path}versions/", body, If_Match=seen)
    stale = system.post(f"{path}versions/", body, If_Match=seen)
    blind = system.post(f"{path}versions/", body)

    assert [response.status_code for response in (first, stale, blind)] == [201, 412, 428]
    assert [version["number"] for version in first.json()["versions"]] == [1, 2]
    assert PlanVersion.objects.count() == 2


def test_every_fault_of_every_step_is_named(system: Caller, patient: Patient) -> None:
    body = plan_body(patient)
    step = body["steps"][0]
    body["steps"] = [step, step | {"unit": "mg/week"}, step | {"daily_dose": 30}, step | {"times_of_day": ["8"]}]

    response = system.post("taper-plans/", body)

    assert faults(response) == {
        "/steps/1/unit": "not_a_choice",
        "/steps/2/daily_dose": "not_a_decimal",
        "/steps/3/times_of_day/0": "not_a_time_of_day",
    }


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"unit": "microgram/day"}, "/steps/0/unit"),
        ({"times_of_day": []}, "/steps/0/times_of_day"),
        ({"ends_at": "2026-11-20T07:00:00Z"}, "/steps/0/ends_at"),
    ],
)
def test_a_step_that_does_not_hang_together_is_refused(
    system: Caller, patient: Patient, change: dict[str, Any], pointer: str
) -> None:
    body = plan_body(patient)
    body["steps"] = [body["steps"][0] | change]

    response = system.post("taper-plans/", body)

    assert response.status_code == 422
    assert pointer in faults(response)
    assert not TaperPlan.objects.exists()


def test_plans_are_listed_whole_in_few_statements(
    system: Caller, ward: Ward, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        PlanFactory(patient=PatientFactory(stay=ward))

    with django_assert_max_num_queries(6):
        told = system.get("taper-plans/?open=true").json()

    assert [len(plan["versions"][0]["steps"]) for plan in told["results"]] == [7] * 4


# --- Doses ---------------------------------------------------------------------------------------


def test_a_dose_is_stored_once_however_often_it_is_sent(system: Caller, patient: Patient) -> None:
    body = dose_body(patient)

    first, again = (system.post("doses/", body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert again["Idempotency-Replayed"] == "true"
    assert first.json() == again.json() == system.get(first["Location"]).json()
    assert first.json()["amount"] == "12.500"
    assert Dose.objects.count() == 1


def test_the_same_id_for_another_dose_is_a_conflict(system: Caller, patient: Patient) -> None:
    body = dose_body(patient)
    system.post("doses/", body)

    response = system.post("doses/", body | {"amount": "10"})

    assert (response.status_code, response.json()["code"]) == (409, "client_id_reused")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"amount": "0"}, "/amount"),
        ({"amount": 12.5}, "/amount"),
        ({"amount": "-1"}, "/amount"),
        ({"amount": "1e3"}, "/amount"),
        ({"amount": "٣٨"}, "/amount"),
        ({"route": "rectal"}, "/route"),
        ({"taken_at": None}, "/taken_at"),
        ({"taken_at": "2199-01-01T00:00:00Z"}, "/taken_at"),
        ({"status": "missed", "taken_at": None}, "/due_at"),
        ({"reporter": "patient"}, "/reporter"),
    ],
)
def test_a_dose_that_cannot_be_is_refused(
    system: Caller, patient: Patient, change: dict[str, Any], pointer: str
) -> None:
    response = system.post("doses/", dose_body(patient) | change)

    assert response.status_code == 422
    assert pointer in faults(response)
    assert not Dose.objects.exists()


def test_a_dose_is_corrected_by_another_report(system: Caller, patient: Patient) -> None:
    first = system.post("doses/", dose_body(patient)).json()

    second = system.post("doses/", dose_body(patient, supersedes=first["id"], amount="10")).json()

    assert system.get(f"doses/{first['id']}/").json()["superseded_by"] == second["id"]


def test_a_patient_reports_their_own_dose(ward: Ward) -> None:
    patient = PatientFactory(stay=ward, with_account=True)

    told = signed_in(patient.user).post("doses/", dose_body(patient)).json()

    assert told["reporter"] == "patient"


# --- Pump and supply -----------------------------------------------------------------------------


def test_a_pump_event_is_stored_once(system: Caller, patient: Patient) -> None:
    body = event_body(patient, "pump_alarm", tone="two_tone", reservoir_ml="3.5")

    first, again = (system.post("pump-events/", body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert system.get(first["Location"]).json()["tone"] == "two_tone"
    assert PumpEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"kind": "pump_checked", "tone": "two_tone"}, {"reservoir_ml": "60.5"}, {"kind": "exploded"}]
)
def test_a_pump_event_that_cannot_be_is_refused(system: Caller, patient: Patient, change: dict[str, Any]) -> None:
    response = system.post("pump-events/", event_body(patient, "pump_alarm") | change)

    assert response.status_code == 422
    assert not PumpEvent.objects.exists()


def test_a_supply_event_is_stored_once(system: Caller, patient: Patient) -> None:
    body = event_body(patient, "dose_reduced", route="oral", fraction="0.25", planned=False)

    first, again = (system.post("supply-events/", body) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200), first.content
    assert system.get(first["Location"]).json()["fraction"] == "0.250"
    assert SupplyEvent.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"fraction": "0"}, {"fraction": "1.5"}, {"count": 0}, {"planned": 1}, {"route": "x"}]
)
def test_a_supply_event_that_cannot_be_is_refused(
    system: Caller, patient: Patient, change: dict[str, Any]
) -> None:
    response = system.post("supply-events/", event_body(patient, "stopped") | change)

    assert response.status_code == 422
    assert not SupplyEvent.objects.exists()


# --- Patients ------------------------------------------------------------------------------------


def test_a_connected_system_admits_a_patient(system: Caller, chart: Chart) -> None:
    response = system.post("patients/", admission_body(chart))

    assert response.status_code == 201, response.content
    told = response.json()
    assert told["stay"]["ward"] == str(chart.ward.pk)
    assert told["time_zone"] == chart.ward.time_zone
    assert system.get(response["Location"]).json() == told


def test_a_patient_is_admitted_once(system: Caller, chart: Chart) -> None:
    system.post("patients/", admission_body(chart))

    response = system.post("patients/", admission_body(chart))

    assert (response.status_code, response.json()["code"]) == (409, "already_admitted")
    assert Stay.objects.filter(patient__record_number="R-new").count() == 1


def test_a_record_number_of_somebody_else_is_refused(system: Caller, chart: Chart) -> None:
    body = admission_body(chart) | {"record_number": chart.patient.record_number}

    assert system.post("patients/", body).json()["code"] == "record_number_taken"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"birth_date": "1980-02-30"}, "/birth_date"),
        ({"birth_date": "0000-01-01"}, "/birth_date"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"given_name": " "}, "/given_name"),
        ({"family_name": "a\u202eb"}, "/family_name"),
        ({"record_number": "R\n1"}, "/record_number"),
        ({"has_pump": 1}, "/has_pump"),
        ({"is_synthetic": True}, "/is_synthetic"),
        ({"admitted_at": "2199-01-01T00:00:00Z"}, "/admitted_at"),
    ],
)
def test_an_admission_that_cannot_be_is_refused(
    system: Caller, chart: Chart, change: dict[str, Any], pointer: str
) -> None:
    response = system.post("patients/", admission_body(chart) | change)

    assert response.status_code == 422
    assert pointer in faults(response)


def test_a_patient_is_found_by_number_and_by_any_part_of_the_name(system: Caller, ward: Ward) -> None:
    wanted = PatientFactory(stay=ward, given_name="Zoë", family_name="O'Neill")
    PatientFactory(stay=ward)

    def found(query: str) -> list[str]:
        return [row["id"] for row in system.get(f"patients/?{query}").json()["results"]]

    for query in (f"record_number={wanted.record_number}", "name=neill", "name=O'N zo%C3%AB"):
        assert found(query) == [str(wanted.pk)]
    for query in ("name=%25", "name=_", "name=' or 1=1--"):
        assert found(query) == []


def test_who_saw_whom_is_on_record(nurse: User, chart: Chart) -> None:
    caller = signed_in(nurse)

    caller.get(chart.paths["one-patient"])
    response = caller.get("symptom-logs/")

    one, page = AuditEvent.objects.filter(type=AuditEvent.Type.PATIENT_VIEWED).order_by("at")
    assert (one.actor_id, one.patient_id) == (nurse.pk, chart.patient.pk)
    assert page.detail["patients"] == [str(chart.patient.pk)]
    assert page.request_id == response["X-Request-ID"]
