import re

import pytest
from django.utils import translation

from apps.portal import questions
from apps.portal.translations import spoken, translated_texts
from apps.rules.catalogue import load
from apps.rules.types import Reporter
from tests.factories import CATALOGUE

LANGUAGES = ("es", "fr", "ar")
A_DOSE = r"\d+\s*(?:mg|µg|mcg|microg|ملغ|ميكروغ)"


def asked(reporter: Reporter) -> set[str]:
    catalogue = spoken(CATALOGUE)
    in_sections = {
        question.code
        for section in questions.sections(catalogue, reporter, age_years=1.0)
        for question in section.questions
    }
    unmeasured = {
        question.code
        for vital_sign in questions.vital_signs(catalogue, reporter)
        for question in questions.unmeasured(catalogue, vital_sign, reporter)
    }
    return in_sections | unmeasured


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_label_step_and_advice_is_translated(language):
    texts = translated_texts(CATALOGUE, language)
    catalogue = load(CATALOGUE)
    of_patients, of_carers = asked(Reporter.PATIENT), asked(Reporter.CARER)

    assert not {code for code in of_patients if not texts["symptoms"].get(code, {}).get("question")}
    assert not {code for code in of_patients | of_carers if not texts["symptoms"].get(code, {}).get("label")}
    steps = {a for code in of_patients | of_carers for a in catalogue.symptoms[code].anchors}
    assert steps <= set(texts["anchors"])
    for reporter in (Reporter.PATIENT, Reporter.CARER):
        assert {v.code for v in questions.vital_signs(spoken(CATALOGUE), reporter)} <= set(texts["vital_signs"])
    assert set(texts["advice"]) == set(catalogue.advice)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_speaks_of_nothing_that_the_catalogue_does_not_have(language):
    texts = translated_texts(CATALOGUE, language)
    catalogue = load(CATALOGUE)

    assert set(texts) == {"symptoms", "anchors", "vital_signs", "advice"}
    assert set(texts["symptoms"]) <= set(catalogue.symptoms)
    assert set(texts["vital_signs"]) <= set(catalogue.vital_signs)
    assert set(texts["anchors"]) <= {a for s in catalogue.symptoms.values() for a in s.anchors}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translated_advice_names_no_dose(language):
    with translation.override(language):
        for advice in spoken(CATALOGUE).advice.values():
            assert not re.search(A_DOSE, f"{advice.headline} {advice.text}")


def test_only_words_change_with_the_language():
    english = spoken(CATALOGUE)
    with translation.override("ar"):
        arabic = spoken(CATALOGUE)

    assert arabic.symptoms.keys() == english.symptoms.keys()
    for code, symptom in english.symptoms.items():
        assert len(arabic.symptoms[code].anchors) == len(symptom.anchors)
        assert arabic.symptoms[code].reported_by == symptom.reported_by
    assert arabic.symptoms["confusion"].label != english.symptoms["confusion"].label


def test_a_language_without_a_translation_gets_the_words_of_the_catalogue():
    with translation.override("de"):
        assert spoken(CATALOGUE).symptoms["confusion"].label == "Feeling muddled"
