from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.monitoring.models import AssessmentOwed
from apps.patients.models import Patient
from apps.symptoms.models import SymptomLog
from apps.wards.models import Ward
from tests.api.hospital import Caller, faults, log_body, nurse_of, signed_in, system_of
from tests.factories import CarerFactory, PatientFactory, WardFactory

pytestmark = pytest.mark.django_db

FEVER = {"temperature_c": {"value": 40.2, "unit": "degC", "site": "core"}}


def test_a_log_is_stored_and_its_assessment_owed(system: Caller, patient: Patient) -> None:
    body = log_body(patient, note="restless", reporter="staff")

    response = system.post("symptom-logs/", body)

    assert response.status_code == 201, response.content
    told = response.json()
    log = SymptomLog.objects.get()
    assert response["Location"] == f"/api/v1/symptom-logs/{log.pk}/"
    assert (told["id"], told["client_id"], told["note"]) == (str(log.pk), body["client_id"], "restless")
    assert (log.channel, log.reporter, log.recorded_by) == ("api", "staff", system.user)
    assert AssessmentOwed.objects.get().log == log
    assert {key: told[key] for key in told if key != "alerts"} == system.get(response["Location"]).json()


def test_an_emergency_is_an_alert_before_the_answer_leaves(system: Caller, patient: Patient) -> None:
    response = system.post("symptom-logs/", log_body(patient, vital_signs=FEVER))

    alert = Alert.objects.get()
    assert response.json()["alerts"] == [{"id": str(alert.pk), "pattern": "hyperthermia", "level": 3}]


def test_a_log_sent_again_is_answered_with_the_first(system: Caller, patient: Patient) -> None:
    body = log_body(patient, vital_signs=FEVER)
    first = system.post("symptom-logs/", body)

    again = system.post("symptom-logs/", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert again.json()["id"] == first.json()["id"]
    assert SymptomLog.objects.count() == Alert.objects.count() == 1


def test_the_same_id_with_other_content_is_a_conflict(system: Caller, patient: Patient) -> None:
    body = log_body(patient)
    system.post("symptom-logs/", body)

    response = system.post("symptom-logs/", body | {"answers": {"confusion": 4}})

    assert response.status_code == 409
    assert response.json()["code"] == "client_id_reused"
    kept = AuditEvent.objects.get(type=AuditEvent.Type.LOG_CONFLICT)
    assert kept.patient_id == patient.pk
    first, second = SymptomLog.objects.order_by("recorded_at")
    assert (first.answers, second.answers) == ({"confusion": 2}, {"confusion": 4})
    assert (str(second.pk), second.client_id == first.client_id) == (kept.detail["kept_as"], False)


def test_the_client_id_of_another_patient_means_nothing_here(system: Caller, ward: Ward, patient: Patient) -> None:
    body = log_body(patient)
    system.post("symptom-logs/", body)

    response = system.post("symptom-logs/", body | {"patient": str(PatientFactory(stay=ward).pk)})

    assert response.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_the_same_log_sent_many_times_at_once_is_stored_once(ward: Ward, patient: Patient) -> None:
    caller = system_of(ward)
    body = log_body(patient, vital_signs=FEVER)

    def send(_: int) -> tuple[int, str]:
        try:
            response = caller.post("symptom-logs/", body)
            return response.status_code, response.json()["id"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))

    assert sorted(status for status, _id in answers) == [200] * 15 + [201]
    assert len({row_id for _status, row_id in answers}) == 1
    assert SymptomLog.objects.count() == Alert.objects.count() == 1


@pytest.mark.parametrize(
    "value", [True, "3_8", "٣٨", "1e2", "38,5", " 38", "0x26", "", None, [], {}, -40, 0, 101.3, 380]
)
def test_a_temperature_nobody_can_have_meant_is_refused(system: Caller, patient: Patient, value: object) -> None:
    body = log_body(patient, vital_signs={"temperature_c": {"value": value, "unit": "degC"}})

    response = system.post("symptom-logs/", body)

    assert response.status_code == 422
    assert list(faults(response)) == ["/vital_signs/temperature_c/value"]
    assert not SymptomLog.objects.exists()


@pytest.mark.parametrize("unit", [None, "", "C", "°C", "K", "degc", 1])
def test_a_temperature_in_no_known_unit_is_refused(system: Caller, patient: Patient, unit: object) -> None:
    body = log_body(patient, vital_signs={"temperature_c": {"value": 38.5, "unit": unit}})

    assert system.post("symptom-logs/", body).status_code == 422


def test_fahrenheit_is_kept_as_entered_and_in_celsius(system: Caller, patient: Patient) -> None:
    body = log_body(patient, vital_signs={"temperature_c": {"value": 101.3, "unit": "degF"}})

    told = system.post("symptom-logs/", body).json()["vital_signs"]["temperature_c"]

    assert told["value"] == 38.5
    assert told["entered"] == {"value": 101.3, "unit": "degF"}


@pytest.mark.parametrize(
    "answers",
    [{"confusion": 5}, {"confusion": -1}, {"confusion": True}, {"bogus": 1}, {"seizure": 1}, [], None, "x"],
)
def test_an_answer_off_its_scale_is_refused(system: Caller, patient: Patient, answers: object) -> None:
    assert system.post("symptom-logs/", log_body(patient) | {"answers": answers}).status_code == 422


@pytest.mark.parametrize("answers", [{"confusion": 0}, {"confusion": "refused"}, {"seizure": True}])
def test_an_answer_on_its_scale_is_stored_as_it_is(
    system: Caller, patient: Patient, answers: dict[str, Any]
) -> None:
    told = system.post("symptom-logs/", log_body(patient) | {"answers": answers}).json()

    assert told["answers"] == answers


def test_a_log_that_says_nothing_is_refused(system: Caller, patient: Patient) -> None:
    assert system.post("symptom-logs/", log_body(patient) | {"answers": {}}).status_code == 422


@pytest.mark.parametrize(
    "at",
    ["2026-11-23T08:00:00", "2020-01-01T00:00:00Z", "2199-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1795420800],
)
def test_a_time_that_cannot_be_right_is_refused(system: Caller, patient: Patient, at: object) -> None:
    response = system.post("symptom-logs/", log_body(patient) | {"observed_at": at})

    assert response.status_code == 422
    assert list(faults(response)) == ["/observed_at"]


def test_people_report_as_who_they_are(nurse: User, patient: Patient) -> None:
    caller = signed_in(nurse)

    own = caller.post("symptom-logs/", log_body(patient))
    other = caller.post("symptom-logs/", log_body(patient, reporter="patient"))

    assert own.json()["reporter"] == "staff"
    assert faults(other) == {"/reporter": "not_your_role"}


def test_a_patient_and_a_carer_log_for_the_patient_alone(ward: Ward) -> None:
    patient = PatientFactory(stay=ward, with_account=True)
    neighbour = PatientFactory(stay=ward)
    callers = signed_in(patient.user), signed_in(CarerFactory(patient=patient).user)

    for caller in callers:
        assert caller.post("symptom-logs/", log_body(patient)).status_code == 201
        assert caller.post("symptom-logs/", log_body(neighbour)).status_code == 404
    assert sorted(SymptomLog.objects.values_list("reporter", flat=True)) == ["carer", "patient"]


def test_a_correction_supersedes_and_both_stay(system: Caller, patient: Patient) -> None:
    first = system.post("symptom-logs/", log_body(patient)).json()

    second = system.post(
        "symptom-logs/", log_body(patient, supersedes=first["id"], answers={"confusion": 3})
    ).json()

    assert second["supersedes"] == first["id"]
    assert system.get(f"symptom-logs/{first['id']}/").json()["superseded_by"] == second["id"]
    twice = system.post("symptom-logs/", log_body(patient, supersedes=first["id"]))
    assert twice.status_code == 409


def test_a_log_of_another_patient_cannot_be_corrected(system: Caller, ward: Ward, patient: Patient) -> None:
    first = system.post("symptom-logs/", log_body(patient)).json()

    response = system.post("symptom-logs/", log_body(PatientFactory(stay=ward), supersedes=first["id"]))

    assert response.status_code == 404


def test_writing_with_a_session_needs_the_csrf_token(nurse: User, patient: Patient) -> None:
    caller = signed_in(nurse, csrf=True)

    assert caller.post("symptom-logs/", log_body(patient)).status_code == 403
    assert not SymptomLog.objects.exists()


def test_the_brake_holds_a_runaway_client_but_never_an_emergency(
    system: Caller, patient: Patient, settings: Any
) -> None:
    settings.API_PER_MINUTE = settings.API_PER_MINUTE | {"logs": 1}
    first = system.post("symptom-logs/", log_body(patient))

    held = system.post("symptom-logs/", log_body(patient))
    emergency = system.post("symptom-logs/", log_body(patient, vital_signs=FEVER))

    assert [first.status_code, held.status_code, emergency.status_code] == [201, 429, 201]
    assert int(held["Retry-After"]) > 0
    assert held["RateLimit"].startswith('"logs";r=0;t=')
    assert SymptomLog.objects.count() == 2


def test_each_client_has_a_brake_of_its_own(ward: Ward, settings: Any) -> None:
    settings.API_PER_MINUTE = settings.API_PER_MINUTE | {"requests": 1}
    first, second = system_of(ward), system_of(ward)

    assert [first.get("alerts/").status_code for _ in range(2)] == [200, 429]
    assert second.get("alerts/").status_code == 200


# --- Many at once --------------------------------------------------------------------------------


def test_many_logs_are_taken_one_by_one(system: Caller, patient: Patient) -> None:
    stranger = PatientFactory(stay=WardFactory())
    good, again = log_body(patient), log_body(patient)
    system.post("symptom-logs/", again)
    bodies = [good, again, log_body(stranger), log_body(patient) | {"answers": {"confusion": 9}}, "junk"]

    response = system.post("symptom-logs/bulk/", {"logs": bodies})

    assert response.status_code == 207
    told = response.json()
    assert (told["created"], told["replayed"], told["refused"]) == (1, 1, 3)
    assert [result["status"] for result in told["results"]] == [201, 200, 404, 422, 422]
    assert told["results"][3]["problem"]["errors"][0]["pointer"] == "/logs/3/answers/confusion"
    assert SymptomLog.objects.count() == 2


def test_many_logs_that_all_went_well(system: Caller, patient: Patient) -> None:
    response = system.post("symptom-logs/bulk/", {"logs": [log_body(patient) for _ in range(3)]})

    assert (response.status_code, response.json()["refused"]) == (200, 0)
    assert AssessmentOwed.objects.count() == 3


@pytest.mark.parametrize("logs", [[], [{}] * 501, {}, None, "x"])
def test_none_or_too_many_logs_are_refused_as_a_whole(system: Caller, logs: object) -> None:
    response = system.post("symptom-logs/bulk/", {"logs": logs})

    assert response.status_code == 422
    assert list(faults(response)) == ["/logs"]


def test_many_logs_come_from_connected_systems(ward: Ward, patient: Patient) -> None:
    response = signed_in(nurse_of(ward)).post("symptom-logs/bulk/", {"logs": [log_body(patient)]})

    assert response.status_code == 403
