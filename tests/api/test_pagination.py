from datetime import timedelta
from itertools import chain
from typing import Any
from unittest.mock import patch

import pytest

from apps.patients.models import Patient
from tests.api.hospital import Caller, faults, system_of
from tests.factories import NOON, PatientFactory, SymptomLogFactory, WardFactory

pytestmark = pytest.mark.django_db


def walk(caller: Caller, path: str) -> list[list[str]]:
    """The ids of each page, following the links."""
    pages = []
    following: str | None = path
    while following:
        answer = caller.get(following).json()
        pages.append([row["id"] for row in answer["results"]])
        following = answer["next"]
    return pages


def test_pages_hold_every_row_once_though_all_have_the_same_time(system: Caller, patient: Patient) -> None:
    logs = {str(SymptomLogFactory(patient=patient).pk) for _ in range(7)}

    pages = walk(system, "symptom-logs/?limit=3")

    assert [len(page) for page in pages] == [3, 3, 1]
    assert set().union(*pages) == logs


def test_a_row_that_comes_in_between_moves_no_other(system: Caller, patient: Patient) -> None:
    logs = [SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(hours=n)) for n in range(4)]
    first = system.get("symptom-logs/?limit=2").json()

    SymptomLogFactory(patient=patient, observed_at=NOON + timedelta(hours=1))
    second = system.get(first["next"]).json()

    assert [row["id"] for row in second["results"]] == [str(log.pk) for log in logs[2:]]


def test_newest_comes_first(system: Caller, patient: Patient) -> None:
    logs = [SymptomLogFactory(patient=patient, observed_at=NOON + timedelta(hours=n)) for n in range(3)]

    assert walk(system, "symptom-logs/") == [[str(log.pk) for log in reversed(logs)]]


def test_patients_come_by_record_number() -> None:
    ward = WardFactory()
    patients = sorted((PatientFactory(stay=ward) for _ in range(5)), key=lambda each: each.record_number)

    pages = walk(system_of(ward), "patients/?limit=2")

    assert list(chain(*pages)) == [str(patient.pk) for patient in patients]


def next_cursor(caller: Caller, patient: Patient) -> str:
    SymptomLogFactory.create_batch(2, patient=patient)
    link: str = caller.get(f"symptom-logs/?limit=1&patient={patient.pk}").json()["next"]
    return link


def test_an_edited_cursor_is_refused(system: Caller, patient: Patient) -> None:
    link = next_cursor(system, patient)

    response = system.get(link[:-3] + "abc")

    assert faults(response) == {"?cursor": "bad_cursor"}


def test_a_cursor_of_other_filters_is_refused(system: Caller, patient: Patient) -> None:
    link = next_cursor(system, patient).replace(f"patient={patient.pk}", "reporter=patient")

    assert faults(system.get(link)) == {"?cursor": "bad_cursor"}


def test_a_cursor_of_yesterday_is_gone(system: Caller, patient: Patient) -> None:
    link = next_cursor(system, patient)

    with patch("apps.api.pagination.CURSOR_LIFE_SECONDS", -1):
        response: Any = system.get(link)

    assert response.status_code == 410
    assert response.json()["code"] == "cursor_too_old"


def test_a_stolen_cursor_shows_nobody_elses_rows(system: Caller, patient: Patient) -> None:
    link = next_cursor(system, patient)

    assert system_of(WardFactory()).get(link).json() == {"results": [], "next": None}


def test_filters_narrow(system: Caller, patient: Patient) -> None:
    early, late = (SymptomLogFactory(patient=patient, observed_at=NOON + timedelta(hours=n)) for n in (0, 1))

    def found(query: str) -> list[str]:
        return walk(system, f"symptom-logs/?{query}")[0]

    assert found("observed_from=2026-11-20T12:30:00Z") == [str(late.pk)]
    assert found("observed_before=2026-11-20T13:30:00%2B01:00") == [str(early.pk)]
    assert found("reporter=staff") == []


def test_a_page_of_logs_costs_the_same_however_long(
    system: Caller, patient: Patient, django_assert_max_num_queries: Any
) -> None:
    SymptomLogFactory.create_batch(30, patient=patient)

    with django_assert_max_num_queries(3):  # the token, the page, the record of who saw it
        system.get("symptom-logs/")
