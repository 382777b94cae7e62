import uuid
from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from apps.core.errors import InvalidInput, Problem
from apps.portal.forms.symptom_log import SymptomLogForm, initial_from
from apps.portal.translations import spoken
from apps.rules.types import Reporter
from tests.factories import CATALOGUE, NOON, SymptomLogFactory

FORM_ID = uuid.UUID("6f1d6d0e-6f0c-4e35-8f0c-0d8f2f3c9a11")


def form(reporter: Reporter = Reporter.PATIENT, **sent: str) -> SymptomLogForm:
    return SymptomLogForm(
        {"client_id": str(FORM_ID), "when": "now", **sent},
        catalogue=spoken(CATALOGUE),
        reporter=reporter,
        age_years=40.0,
        at=NOON,
        zone="Europe/London",
    )


def test_what_was_skipped_is_absent_and_never_zero():
    filled_in = form(**{"answer-confusion": "0", "answer-anxiety": ""})

    assert filled_in.is_valid()
    assert filled_in.cleaned_data["answers"] == {"confusion": 0}


def test_answers_and_readings_are_handed_over_as_the_intake_wants_them():
    filled_in = form(
        **{
            "answer-seizure": "no",
            "answer-hypertonia": "3",
            "value-temperature_c": "101,3",
            "unit-temperature_c": "degF",
            "site-temperature_c": "mouth",
        }
    )

    assert filled_in.is_valid()
    assert filled_in.cleaned_data["answers"] == {"seizure": False, "hypertonia": 3}
    assert filled_in.cleaned_data["vital_signs"] == {
        "temperature_c": {"value": 101.3, "unit": "degF", "site": "mouth"}
    }


def test_a_log_without_anything_in_it_is_sent_back():
    assert "Nothing is filled in" in form().non_field_errors()[0]


def test_a_note_alone_is_enough():
    assert form(note="My pump beeped.").is_valid()


def test_why_nobody_can_answer_is_recorded_for_every_open_question():
    filled_in = form(Reporter.CARER, **{"why_not": "too_confused", "answer-seizure": "no"})

    assert filled_in.is_valid()
    answers = filled_in.cleaned_data["answers"]
    assert answers["seizure"] is False
    assert answers["confusion"] == "too_confused"
    assert set(answers.values()) == {False, "too_confused"}


def test_what_is_asked_only_of_others_is_refused():
    filled_in = form(**{"answer-delirium": "yes"})

    assert not filled_in.is_valid()
    assert "questions have changed" in filled_in.non_field_errors()[0]


def test_a_step_that_does_not_exist_is_refused():
    assert "answer-confusion" in form(**{"answer-confusion": "5"}).errors


def test_an_unknown_unit_is_refused():
    filled_in = form(**{"value-temperature_c": "38", "unit-temperature_c": "kelvin"})

    assert "unit-temperature_c" in filled_in.errors


def test_a_question_answered_twice_is_asked_again():
    sent = QueryDict(f"client_id={FORM_ID}&when=now&answer-confusion=0&answer-confusion=3")
    filled_in = SymptomLogForm(
        sent,
        catalogue=spoken(CATALOGUE),
        reporter=Reporter.PATIENT,
        age_years=40.0,
        at=NOON,
        zone="Europe/London",
    )

    assert "answered twice" in filled_in.non_field_errors()[0]


def test_all_faults_are_listed_at_once_each_with_its_place():
    filled_in = form(**{"value-temperature_c": "hot", "value-heart_rate_bpm": "fast", "answer-confusion": "9"})

    anchors = {anchor for anchor, _words in filled_in.problems}

    assert {
        "field-value-temperature_c",
        "field-value-heart_rate_bpm",
        "field-answer-confusion",
    } <= anchors


def test_what_the_intake_found_wrong_stands_beside_its_field():
    filled_in = form(**{"value-temperature_c": "20", "answer-confusion": "1"})
    assert filled_in.is_valid()

    refusal = InvalidInput(
        "Some of this cannot be right.",
        (
            Problem("/vital_signs/temperature_c/value", "implausible", "20 °C cannot be right."),
            Problem("/observed_at", "time_unsure", "That is too long ago."),
            Problem("/somewhere/else", "odd", "Something else is wrong."),
        ),
    )
    filled_in.add_refusal(refusal)

    assert filled_in.errors["value-temperature_c"] == ["20 °C cannot be right."]
    assert filled_in.errors["clock"] == ["That is too long ago."]
    assert filled_in.non_field_errors() == ["Something else is wrong."]


@pytest.mark.django_db
def test_a_correction_starts_from_what_was_sent():
    log = SymptomLogFactory(
        answers={"confusion": 2, "seizure": False, "anxiety": "cannot_answer"},
        vital_signs={
            "temperature_c": {
                "value": 38.5,
                "site": "mouth",
                "entered": {"value": 101.3, "unit": "degF"},
            }
        },
        observed_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    )

    initial = initial_from(log)

    assert initial["answer-confusion"] == "2"
    assert initial["answer-seizure"] == "no"
    assert initial["answer-anxiety"] == "cannot_answer"
    assert (initial["value-temperature_c"], initial["unit-temperature_c"]) == (101.3, "degF")
    assert initial["site-temperature_c"] == "mouth"
    assert initial["supersedes"] == log.pk
