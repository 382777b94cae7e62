"""Admitted, moved, discharged; a table of patients; what bends how logs are read, and the clock that counts."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.monitoring.models import AssessmentOwed
from apps.patients.models import Patient, RiskFactor
from tests.factories import MembershipFactory, PatientFactory, SymptomLogFactory, WardFactory
from tests.portal.pages import words

pytestmark = pytest.mark.django_db
GOOD = {
    "record_number": "R-1", "given_name": "Ada", "family_name": "Lovegrove", "birth_date": "1958-03-09",
    "bed": "4", "language": "fr", "time_zone": "Europe/Paris",
}  # fmt: skip


@pytest.fixture
def ward():
    return WardFactory(time_zone="Europe/London")


@pytest.fixture
def screen(ward):
    browser = Client()
    browser.force_login(MembershipFactory(ward=ward).user)
    return browser


def admit(screen, ward, **given):
    return screen.post(reverse("dashboards:admit", args=[ward.pk]), GOOD | given)


def table(screen, ward, text: str | bytes):
    raw = text.encode() if isinstance(text, str) else text
    return screen.post(
        reverse("dashboards:import", args=[ward.pk]), {"table": SimpleUploadedFile("p.csv", raw, "text/csv")}
    )


def record(screen, patient, **given):
    return screen.post(reverse("dashboards:record", args=[patient.pk]), given)


def test_a_patient_is_admitted_and_the_next_page_is_how_they_get_in(screen, ward):
    answer = admit(screen, ward, has_pump="on")

    patient = Patient.objects.get()
    assert answer.url == reverse("dashboards:people", args=[patient.pk])
    assert (patient.name, patient.birth_date, patient.language) == ("Ada Lovegrove", date(1958, 3, 9), "fr")
    assert (patient.has_pump, patient.time_zone, patient.stays.get().bed) == (True, "Europe/Paris", "4")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"record_number": ""}, "This field is required"),
        ({"birth_date": "2090-01-01"}, "Nobody was born on that day"),
        ({"birth_date": "9.3.1958x"}, "Enter a valid date"),
        ({"time_zone": "Mars/Base"}, "Select a valid choice"),
        ({"given_name": "x" * 101}, "at most 100"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(screen, ward, given, told):
    answer = admit(screen, ward, **given)

    assert answer.status_code == 422
    assert told in words(answer.content)
    assert 'value="Lovegrove"' in answer.content.decode()
    assert not Patient.objects.exists()


def test_a_taken_bed_another_persons_number_and_somebody_who_is_here_are_told_apart(screen, ward):
    admit(screen, ward)

    assert "in a ward's care already" in words(admit(screen, ward, bed="5").content)
    assert "belongs to somebody else" in words(admit(screen, ward, family_name="Other", bed="5").content)
    assert "Somebody else is in this bed" in words(admit(screen, ward, record_number="R-2").content)


def test_a_table_takes_every_good_line_and_gives_back_every_bad_one_with_its_reason(screen, ward):
    text = (
        "\ufeffrecord_number;given_name;family_name;birth_date;bed;has_pump\n"
        "R-1;Ada;Lovegrove;1958-03-09;1;yes\n"
        "R-2;Ben;Short;09.03.1958;2;no\n"
        ";Nobody;Here;1958-03-09;;\n"
        "R-3;Čeněk;Dvořák-Ó Súilleabháin;1990-12-31;1;\n"
        "\n"
        "R-4;too;few\n"
        "R-5;Eve;Moss;2000-02-29;5;perhaps\n"
        'R-6;"Fay ""Fi""; née Ng";Ng;1970-01-01;6;no\n'
    )

    shown = words(table(screen, ward, text).content)

    assert set(Patient.objects.values_list("record_number", flat=True)) == {"R-1", "R-6"}
    assert Patient.objects.get(record_number="R-1").has_pump
    assert "2 admitted" in shown
    assert "5 lines were not taken" in shown
    for told in ("09.03.1958” is no date", "“record_number” is empty", "Somebody else is in this bed",
                 "fewer cells than the heading", "“perhaps” is neither yes nor no", "R-4 | too | few"):  # fmt: skip
        assert told in shown


def test_the_same_table_again_admits_nobody_twice(screen, ward):
    text = "record_number,given_name,family_name,birth_date\nR-1,Ada,Lovegrove,1958-03-09\n"
    table(screen, ward, text)

    shown = words(table(screen, ward, text).content)

    assert "0 admitted. 1 was here already" in shown
    assert Patient.objects.get().stays.count() == 1


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "The submitted file is empty"),
        (b"\n", "The file is empty"),
        (b"\xff\xfe\x00a", "not UTF-8"),
        (b"record_number,given_name\n1,2\n", "These columns are missing: family_name, birth_date"),
        (b"record_number,given_name,family_name,birth_date,dose\n", "not known, or stand twice: dose"),
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"record_number,given_name,family_name,birth_date\n" + b"a,b,c,d\n" * 2001, "more than 2000 lines"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_whole(screen, ward, raw, told):
    answer = table(screen, ward, raw)

    assert answer.status_code == 422
    assert told in words(answer.content)
    assert not Patient.objects.exists()


def test_no_file_at_all_is_asked_for(screen, ward):
    assert screen.post(reverse("dashboards:import", args=[ward.pk]), {}).status_code == 422


def test_a_move_hands_the_patient_over_and_this_ward_sees_them_no_more(screen, ward):
    patient, other = PatientFactory(stay=ward), WardFactory(name="Surgery")

    answer = record(screen, patient, do="move", ward=str(other.pk), bed="9")

    assert answer.url == reverse("dashboards:board", args=[ward.pk])
    assert patient.stays.current().get().ward == other
    assert screen.get(reverse("dashboards:record", args=[patient.pk])).status_code == 404


def test_a_discharge_ends_the_stay_and_twice_is_told_not_done(screen, ward):
    patient = PatientFactory(stay=ward)

    assert record(screen, patient, do="discharge").url == reverse("dashboards:board", args=[ward.pk])
    assert not patient.stays.current().exists()
    assert AuditEvent.objects.filter(type="patient_discharged", patient_id=patient.pk).count() == 1


def test_a_risk_factor_is_noted_and_ended_and_the_logs_are_assessed_again(
    screen, ward, django_capture_on_commit_callbacks
):
    patient = PatientFactory(stay=ward)
    SymptomLogFactory(patient=patient)

    record(screen, patient, do="risk", code="epilepsy")
    assert RiskFactor.objects.get(patient=patient).present_until is None
    asked = AssessmentOwed.objects.get(log__patient=patient).asked
    record(screen, patient, do="end_risk", code="epilepsy")

    assert RiskFactor.objects.get(patient=patient).present_until is not None
    assert AssessmentOwed.objects.get(log__patient=patient).asked > asked
    told = AuditEvent.objects.filter(type="record_changed", patient_id=patient.pk).values_list("detail", flat=True)
    assert list(told.order_by("at")) == [{"noted": "epilepsy"}, {"ended": "epilepsy"}]


@pytest.mark.parametrize(
    "given",
    [
        {"do": "risk", "code": "charm"},
        {"do": "risk", "code": "epilepsy", "since": "2090-01-01"},
        {"do": "zone", "time_zone": "Mars/Base"},
        {"do": "move", "ward": "x"},
    ],
)
def test_nonsense_on_a_record_is_refused_with_its_reason(screen, ward, given):
    patient = PatientFactory(stay=ward)

    answer = record(screen, patient, **given)

    assert answer.status_code == 422
    assert b"There is a problem" in answer.content
    assert not RiskFactor.objects.exists()


@pytest.mark.parametrize("given", [{"do": "end_risk", "code": "x"}, {"do": "explode"}])
def test_what_no_button_sends_is_not_found(screen, ward, given):
    assert record(screen, PatientFactory(stay=ward), **given).status_code == 404


def test_the_ward_changes_the_clock_of_somebody_who_cannot(screen, ward):
    patient = PatientFactory(stay=ward, time_zone="Europe/London")

    record(screen, patient, do="zone", time_zone="Asia/Kathmandu")

    patient.refresh_from_db()
    assert patient.time_zone == "Asia/Kathmandu"
    assert patient.zone_changes.get().zone_before == "Europe/London"


def test_an_old_risk_factor_may_be_noted_from_its_day_on(screen, ward):
    patient = PatientFactory(stay=ward)
    since = timezone.now().date() - timedelta(days=30)

    record(screen, patient, do="risk", code="epilepsy", since=since.isoformat())

    assert RiskFactor.objects.get().present_from.date() == since
