import pytest

from apps.portal import questions
from apps.portal.translations import spoken
from apps.rules.types import Reporter
from tests.factories import CATALOGUE

ADULT = 40.0


@pytest.fixture
def catalogue():
    return spoken(CATALOGUE)


def asked(catalogue, reporter, age_years=ADULT):
    return [q for section in questions.sections(catalogue, reporter, age_years) for q in section.questions]


@pytest.mark.parametrize("reporter", [Reporter.PATIENT, Reporter.CARER])
def test_everything_this_person_may_report_is_asked_once(catalogue, reporter):
    may_report = {
        code
        for code, symptom in catalogue.symptoms.items()
        if reporter in symptom.reported_by and symptom.measure in ("severity", "yes_no", "avpu")
    }

    codes = [question.code for question in asked(catalogue, reporter, age_years=1.0)]

    assert sorted(codes) == sorted(may_report)


def test_signs_of_danger_come_before_all_others(catalogue):
    dangers = [section.is_danger for section in questions.sections(catalogue, Reporter.PATIENT, ADULT)]

    assert dangers == sorted(dangers, reverse=True)
    assert all(
        question.symptom.red_flag is section.is_danger
        for section in questions.sections(catalogue, Reporter.PATIENT, ADULT)
        for question in section.questions
    )


def test_each_step_is_in_the_words_of_its_anchors(catalogue):
    question = next(q for q in asked(catalogue, Reporter.PATIENT) if q.code == "confusion")

    assert [value for value, _words in question.choices] == ["0", "1", "2", "3", "4", "cannot_answer"]
    assert [words.lower() for _value, words in question.choices[:5]] == [
        anchor.lower() for anchor in catalogue.symptoms["confusion"].anchors
    ]


def test_a_carer_is_not_asked_have_you(catalogue):
    assert not [q.words for q in asked(catalogue, Reporter.CARER) if q.words.startswith(("Have you", "Are you"))]


def test_nobody_but_a_small_child_is_asked_about_as_a_baby(catalogue):
    of_an_adult = {q.code for q in asked(catalogue, Reporter.CARER)}
    of_a_baby = {q.code for q in asked(catalogue, Reporter.CARER, age_years=0.5)}

    assert "poor_feeding" not in of_an_adult
    assert of_a_baby - of_an_adult == set(questions.ASKED_BELOW_YEARS)


def test_a_follow_up_question_stands_right_behind_the_one_it_follows(catalogue):
    codes = [q.code for q in asked(catalogue, Reporter.PATIENT)]
    following = {q.code: q.symptom.asked_after[0] for q in asked(catalogue, Reporter.PATIENT) if q.is_follow_up}

    assert following
    for code, before in following.items():
        assert codes[codes.index(code) - 1] == before


def test_the_answers_that_open_a_follow_up_question_are_those_of_the_catalogue(catalogue):
    by_code = {q.code: q for q in asked(catalogue, Reporter.PATIENT)}

    assert by_code["suicidal_thoughts"].opening == {"yes"}
    assert by_code["auditory_hallucinations"].opening == {"1", "2", "3", "4"}


@pytest.mark.parametrize(
    ("code", "chosen", "answer"),
    [
        ("seizure", "yes", True),
        ("seizure", "no", False),
        ("confusion", "0", 0),
        ("confusion", "4", 4),
        ("confusion", "cannot_answer", "cannot_answer"),
        ("reduced_consciousness", "V", "V"),
        ("hyperthermia", "3", 3),
    ],
)
def test_a_choice_and_an_answer_are_the_same_thing_said_twice(catalogue, code, chosen, answer):
    told = questions.answer_of(catalogue.symptoms[code], chosen)

    assert told == answer
    assert type(told) is type(answer)
    assert questions.choice_of(told) == chosen
