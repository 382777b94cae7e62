import re
import uuid
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from apps.symptoms.models import SymptomLog
from tests.factories import NOON, SymptomLogFactory

LOG = "portal:log"

pytestmark = pytest.mark.django_db


def filled_in(**answers: str) -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), "when": "now", **answers}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_log_is_stored_and_its_receipt_shown(phone, patient):
    answer = phone.post(reverse(LOG), filled_in(**{"answer-hypertonia": "3", "value-temperature_c": "38,9"}))

    log = SymptomLog.objects.get()
    assert answer.status_code == 302
    assert answer.url == reverse("portal:receipt", args=[log.pk])
    assert (log.patient, log.reporter, log.recorded_by) == (patient, "patient", patient.user)
    assert log.answers == {"hypertonia": 3}
    assert log.vital_signs["temperature_c"]["value"] == 38.9
    assert log.observed_at == NOON


def test_the_page_sent_twice_is_one_log(phone, monkeypatch):
    sent = filled_in(**{"answer-confusion": "1"})

    first = phone.post(reverse(LOG), sent)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON.replace(second=7))
    second = phone.post(reverse(LOG), sent)

    assert SymptomLog.objects.count() == 1
    assert second.status_code == 302
    assert second.url == first.url


def test_the_same_page_with_other_answers_loses_neither(phone):
    sent = filled_in(**{"answer-confusion": "1"})
    phone.post(reverse(LOG), sent)

    answer = phone.post(reverse(LOG), sent | {"answer-confusion": "4"})

    assert answer.status_code == 302
    assert [log.answers["confusion"] for log in SymptomLog.objects.order_by("recorded_at")] == [1, 4]


def test_an_error_keeps_everything_that_was_filled_in(phone):
    sent = filled_in(
        **{
            "answer-confusion": "3",
            "answer-pruritus": "2",
            "value-temperature_c": "very hot",
            "unit-temperature_c": "degF",
            "note": "It began at night.",
        }
    )

    answer = phone.post(reverse(LOG), sent)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert SymptomLog.objects.count() == 0
    assert 'value="very hot"' in page
    assert "It began at night." in page
    assert hidden(page, "client_id") == sent["client_id"]
    assert re.search(r'name="answer-confusion" value="3"[^>]*checked', page)
    assert re.search(r'name="answer-pruritus" value="2"[^>]*checked', page)
    assert re.search(r'<option value="degF" selected', page)
    assert 'href="#field-value-temperature_c"' in page
    assert 'id="field-value-temperature_c"' in page


def test_a_reading_that_cannot_be_is_refused_beside_its_field(phone):
    answer = phone.post(reverse(LOG), filled_in(**{"value-temperature_c": "385"}))

    assert answer.status_code == 422
    assert 'href="#field-value-temperature_c"' in answer.content.decode()


def test_a_log_of_too_long_ago_is_refused_beside_its_time(phone):
    answer = phone.post(
        reverse(LOG),
        filled_in(**{"answer-confusion": "1"}) | {"when": "earlier", "day": "2026-08-01", "clock": "10:00"},
    )

    assert answer.status_code == 422
    assert 'href="#field-clock"' in answer.content.decode()


def test_a_night_on_which_the_clocks_go_back_is_asked_about_and_then_understood(phone, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 10, 25, 9, 0, tzinfo=UTC))
    sent = filled_in(**{"answer-confusion": "1"}) | {
        "when": "earlier",
        "day": "2026-10-25",
        "clock": "01:30",
    }

    asked = phone.post(reverse(LOG), sent)
    assert asked.status_code == 422
    assert 'name="which"' in asked.content.decode()

    phone.post(reverse(LOG), sent | {"which": "second"})
    assert SymptomLog.objects.get().observed_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_carer_reports_as_a_carer(carers_phone, patient):
    carers_phone.post(
        reverse("portal:person-log", args=[patient.pk]),
        filled_in(**{"answer-aggression": "2"}),
    )

    log = SymptomLog.objects.get()
    assert (log.patient, log.reporter) == (patient, "carer")


def test_somebody_may_fill_it_in_for_the_patient_and_says_so(phone):
    page = phone.get(reverse(LOG), {"by": "carer"}).content.decode()
    assert hidden(page, "by") == "carer"

    phone.post(reverse(LOG), filled_in(**{"answer-confusion": "2", "by": "carer"}))

    assert SymptomLog.objects.get().reporter == "carer"


def test_a_correction_replaces_the_log_that_was_wrong(phone, patient):
    wrong = SymptomLogFactory(
        patient=patient,
        recorded_by=patient.user,
        answers={"confusion": 4},
        observed_at=NOON.replace(hour=8),
    )
    page = phone.get(reverse(LOG), {"corrects": wrong.pk}).content.decode()
    assert re.search(r'name="answer-confusion" value="4"[^>]*checked', page)
    assert hidden(page, "supersedes") == str(wrong.pk)

    answer = phone.post(
        reverse(LOG),
        filled_in(**{"answer-confusion": "1", "supersedes": str(wrong.pk)})
        | {"when": "earlier", "day": "2026-11-20", "clock": "08:00"},
    )

    assert answer.status_code == 302
    right = SymptomLog.objects.get(supersedes=wrong)
    assert right.answers == {"confusion": 1}
    assert right.observed_at == wrong.observed_at


def test_what_somebody_else_reported_is_theirs_to_correct(carers_phone, patient):
    by_patient = SymptomLogFactory(patient=patient, recorded_by=patient.user)
    address = reverse("portal:person-log", args=[patient.pk])

    assert carers_phone.get(address, {"corrects": by_patient.pk}).status_code == 404


def test_the_form_works_without_javascript(phone):
    """Everything that is needed stands in the page: no script fills a field, opens a section or sends."""
    page = phone.get(reverse(LOG)).content.decode()
    form = page[page.index("<form method") : page.index("</form>", page.index("<form method"))]

    assert hidden(form, "client_id")
    assert 'type="submit"' in form
    assert "disabled" not in form
    assert "hx-" not in form
    assert form.count("<details") == form.count("<summary")


def test_two_pages_opened_are_two_logs(phone):
    ids = {hidden(phone.get(reverse(LOG)).content.decode(), "client_id") for _ in range(2)}

    assert len(ids) == 2
