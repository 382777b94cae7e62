import csv
import io
import json
from datetime import time, timedelta
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.patients.models import Patient
from apps.portal.my_data import SOURCES, parts
from apps.portal.my_data_zip import COLUMNS, harmless
from apps.reminders.models import ReminderChoice
from tests.factories import (
    NOON,
    AlertFactory,
    BaselineFactory,
    CarerFactory,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    PumpDatesFactory,
    PumpEventFactory,
    RiskFactorFactory,
    SupplyCountFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
    make_version,
)

pytestmark = pytest.mark.django_db


def download(browser) -> ZipFile:
    answer = browser.post(reverse("portal:data"))
    assert answer.status_code == 200
    return ZipFile(io.BytesIO(answer.getvalue()))


def read(archive: ZipFile, name: str) -> list[dict]:
    return json.loads(archive.read(f"{name}.json"))


def table(archive: ZipFile) -> list[dict[str, str]]:
    text = archive.read("answers.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def everything_of(patient, word: str) -> None:
    """A row of every kind, each with a word by which it is known again."""
    carer = CarerFactory(patient=patient, relationship=f"carer {word}").user
    SymptomLogFactory(patient=patient, note=f"note {word}")
    SymptomLogFactory(patient=patient, note=f"carer's note {word}", reporter="carer", recorded_by=carer)
    DoseFactory(patient=patient, reason=f"reason {word}")
    PlanFactory(patient=patient, indication=f"indication {word}")
    PumpEventFactory(patient=patient, note=f"pump {word}")
    PumpDatesFactory(patient=patient)
    SupplyEventFactory(patient=patient, note=f"supply {word}")
    SupplyCountFactory(patient=patient)
    BaselineFactory(patient=patient, answers={"anxiety": 1})
    RiskFactorFactory(patient=patient)
    AlertFactory(patient=patient)


def test_it_is_a_zip_with_a_file_for_everything_and_none_is_broken(phone, patient):
    everything_of(patient, "mine")

    archive = download(phone)

    assert archive.testzip() is None
    assert set(archive.namelist()) == {"README.txt", "answers.csv"} | {f"{name}.json" for name in SOURCES}
    assert all(isinstance(read(archive, name), list) for name in SOURCES)


@pytest.mark.parametrize(
    "name",
    [
        "person", "reports", "before_the_taper", "doses", "pump_events", "pump_dates", "supply_events",
        "supply_counts", "plan_versions", "alerts", "risk_factors", "stays", "carers",
    ],
)  # fmt: skip
def test_what_is_known_of_the_person_is_in_it_and_nothing_of_anybody_else(phone, patient, name):
    everything_of(patient, "mine")
    other = PatientFactory(
        with_account=True, stay=patient.stays.get().ward, has_pump=True, given_name="Zenobia", family_name="Other"
    )
    everything_of(other, "hers")

    archive = download(phone)

    assert read(archive, name)
    for file in archive.namelist():
        text = archive.read(file).decode()
        assert "hers" not in text.replace("others", "")
        assert "Zenobia" not in text
        assert str(other.pk) not in text


LEFT_OUT = {
    "tapers.TaperPlan": "told with each of its versions",
    "tapers.PlanProposal": "what staff wrote and nobody has put into force",
    "assessments.Assessment": "what the rules worked out; the ward tells of it",
    "assessments.Latest": "what the rules worked out; the ward tells of it",
    "monitoring.ClockCheck": "when a machine looks next",
    "reminders.ReminderCheck": "when a machine looks next",
    "patients.Invitation": "who accepted one is among the carers",
}


def test_whatever_is_kept_of_a_patient_is_in_it_or_is_left_out_for_a_reason(patient):
    kept = {
        model._meta.label
        for model in apps.get_models()
        if any(field.concrete and field.related_model is Patient for field in model._meta.get_fields())
    }

    told = {query(patient).model._meta.label for query, _as_row in SOURCES.values()}

    assert kept - told == kept & set(LEFT_OUT)


def test_a_corrected_report_is_in_it_with_what_counts_instead(phone, patient):
    wrong = SymptomLogFactory(patient=patient, recorded_by=patient.user, answers={"confusion": 4})
    right = SymptomLogFactory(
        patient=patient, recorded_by=patient.user, supersedes=wrong, answers={"confusion": 1}
    )

    reports = {one["id"]: one for one in read(download(phone), "reports")}

    assert reports[str(wrong.pk)]["put_right_by"] == str(right.pk)
    assert reports[str(right.pk)]["puts_right"] == str(wrong.pk)
    assert reports[str(wrong.pk)]["answers"] == {"confusion": 4}


def test_reports_of_a_carer_are_in_it_with_who_made_them(phone, patient):
    carer = CarerFactory(patient=patient, user=UserFactory(role=User.Role.CARER, display_name="Bea Muster")).user
    SymptomLogFactory(patient=patient, reporter="carer", recorded_by=carer)

    (report,) = read(download(phone), "reports")

    assert report["reporter"] == "carer"
    assert report["recorded_by"] == {"role": "carer", "first_name": "Bea"}


def test_a_carer_whose_consent_was_withdrawn_is_told_with_the_day(phone, patient):
    CarerFactory(patient=patient, withdrawn_at=NOON - hours(1))

    (carer,) = read(download(phone), "carers")

    assert carer["withdrawn_at"] == "2026-11-20T11:00:00Z"


def test_every_version_of_the_plan_is_in_it_with_its_steps(phone, patient):
    plan = PlanFactory(patient=patient)
    make_version(plan, number=2, kind="hold", daily_doses=(50,), starts_at=NOON - hours(2))

    versions = read(download(phone), "plan_versions")

    assert [one["number"] for one in versions] == [1, 2]
    assert [len(one["steps"]) for one in versions] == [7, 1]
    assert versions[1]["steps"][0]["daily_dose"] == "50.000"


def test_how_the_person_is_reminded_is_in_it_and_no_address_of_a_phone(phone, patient):
    ReminderChoice.objects.create(user=patient.user, morning=time(7, 30))

    assert read(download(phone), "reminder_choice")[0]["morning"] == "07:30:00"


def test_who_looked_is_in_it(phone, patient):
    phone.get(reverse("portal:history"))

    looks = read(download(phone), "who_looked")

    assert [(one["role"], one["door"]) for one in looks] == [("patient", "portal")]


def test_a_canary_is_nobodys_data(phone, patient):
    SymptomLogFactory(patient=patient, is_canary=True)

    assert read(download(phone), "reports") == []


def test_somebody_who_told_nothing_gets_empty_lists_and_a_readme(phone):
    archive = download(phone)

    assert read(archive, "reports") == []
    assert table(archive) == []
    assert "All of my data" in archive.read("README.txt").decode()


def test_the_table_has_a_line_for_each_answer_reading_and_note(phone, patient):
    SymptomLogFactory(
        patient=patient,
        answers={"pruritus": 3, "seizure": False},
        vital_signs={
            "temperature_c": {"value": 38.5, "site": "mouth", "entered": {"value": 101.3, "unit": "degF"}}
        },
        note="Slept badly",
        observed_at=NOON - timedelta(days=120),  # July: summer time in London
    )

    lines = table(download(phone))

    assert tuple(lines[0]) == COLUMNS
    assert [(one["kind"], one["answer"], one["words"]) for one in lines] == [
        ("sign", "False", "No"),
        ("sign", "3", "Hard to ignore, scratching"),
        ("reading", "38.5", "101.3 °F, Mouth"),
        ("note", "", "Slept badly"),
    ]
    assert lines[0]["observed_at"] == "2026-07-23T12:00:00+00:00"
    assert lines[0]["observed_at_local"] == "2026-07-23T13:00:00+01:00"


@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(1)",
        "+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "\u00a0=1",
        "＝1",
        "＋1",
        "－1",
        "＠1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Slept badly", "3", "a=b", "38.5 °C", "'quoted'"])
def test_a_cell_that_no_spreadsheet_runs_stays_as_it_is(text):
    assert harmless(text) == text


def test_a_note_cannot_smuggle_a_formula_or_a_column_into_the_table(phone, patient):
    note = '=cmd|" /C calc"!A0","second"\n=third'
    SymptomLogFactory(patient=patient, answers={}, note=note)
    archive = download(phone)

    (line,) = table(archive)

    assert line["words"] == "'" + note
    assert read(archive, "reports")[0]["note"] == note


def test_the_readme_is_in_the_persons_language(phone, patient):
    patient.language = "fr"
    patient.save()

    text = download(phone).read("README.txt").decode()

    assert "All of my data" not in text
    assert patient.name in text
    assert "answers.csv" in text


def test_the_answer_is_kept_in_no_cache_and_is_named_by_the_patients_own_day(phone, patient):
    patient.time_zone = "Pacific/Auckland"
    patient.save()

    answer = phone.post(reverse("portal:data"))

    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"] == 'attachment; filename="taperwatch-2026-11-21.zip"'
    assert int(answer["Content-Length"]) == len(answer.getvalue())


def test_a_download_goes_into_the_record(phone, patient):
    phone.post(reverse("portal:data"))

    event = AuditEvent.objects.get(type=AuditEvent.Type.DATA_DOWNLOADED)
    assert event.patient_id == patient.pk
    assert event.actor_id == patient.user_id


def test_looking_at_the_page_downloads_nothing(phone, patient):
    answer = phone.get(reverse("portal:data"))

    assert answer["Content-Type"].startswith("text/html")
    assert not AuditEvent.objects.filter(type=AuditEvent.Type.DATA_DOWNLOADED).exists()


def test_a_carer_gets_no_copy_of_everything(carers_phone, patient):
    answer = carers_phone.post(reverse("portal:data"))

    assert answer.status_code == 302
    assert answer.url == reverse("portal:people")
    assert not AuditEvent.objects.filter(type=AuditEvent.Type.DATA_DOWNLOADED).exists()
    history = carers_phone.get(reverse("portal:person-history", args=[patient.pk])).content.decode()
    assert reverse("portal:data") not in history


def test_another_site_cannot_start_a_download(patient):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(patient.user)

    assert browser.post(reverse("portal:data")).status_code == 403


def test_the_number_of_statements_does_not_grow_with_what_is_known(phone, patient, django_assert_max_num_queries):
    for back in range(40):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(back))
        DoseFactory(patient=patient, due_at=NOON - hours(back))

    with django_assert_max_num_queries(len(SOURCES) + 12):
        download(phone)


def test_nothing_is_read_before_it_is_written(patient, django_assert_num_queries):
    SymptomLogFactory(patient=patient)

    with django_assert_num_queries(0):
        found = {part.name: part.rows for part in parts(patient)}
    with django_assert_num_queries(1):
        next(found["reports"])


def test_more_rows_than_are_held_at_a_time_are_all_in_it(phone, patient, monkeypatch):
    monkeypatch.setattr("apps.portal.my_data.CHUNK", 3)
    monkeypatch.setattr("apps.portal.my_data_zip.CHUNK", 3)
    logs = [SymptomLogFactory(patient=patient, observed_at=NOON - hours(back)) for back in range(10)]

    archive = download(phone)

    assert {one["id"] for one in read(archive, "reports")} == {str(log.pk) for log in logs}
    assert len(table(archive)) == 10


def test_the_language_of_the_page_wins_over_that_of_the_record(phone, patient):
    phone.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"

    assert "All of my data" not in download(phone).read("README.txt").decode()
