import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from apps.portal.fortnight import Kind, fortnight
from apps.portal.strips import CELL_WIDTH, picture
from apps.tapers.models import Dose
from tests.factories import (
    NOON,
    CarerFactory,
    DoseFactory,
    PlanFactory,
    SymptomLogFactory,
    hours,
    make_version,
)
from tests.portal.pages import words

TODAY = NOON.date()
REASSURING = r"nothing to worry|you are (?:fine|safe|well)\b|all (?:is )?well|no need to|don't worry|normal\b"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    """A request of another test leaves its language behind in this thread."""
    with translation.override("en"):
        yield


def shown(browser) -> str:
    return words(browser.get(reverse("portal:history")).content)


def the_table(browser) -> str:
    page = browser.get(reverse("portal:history")).content.decode()
    return words(re.search(r'<table class="tw-fortnight">.*?</table>', page, re.DOTALL)[0].encode())


def cells_of(patient, code: str, at=NOON) -> list[str]:
    """What each of the 14 cells of a sign shows: its mark, or its kind where it has none."""
    found = fortnight(patient, at)
    drawn = picture(found, from_right=False)
    strips = [*drawn.there, *drawn.not_there]
    row = next(place for place, one in enumerate((*found.there, *found.not_there)) if one.code == code)
    return [cell.mark or cell.kind for cell in strips[row].cells]


def test_every_day_has_a_cell_and_a_day_without_a_report_is_a_gap(patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 3})
    SymptomLogFactory(patient=patient, answers={"pruritus": 0}, observed_at=NOON - timedelta(days=2))

    assert cells_of(patient, "pruritus") == [*["gap"] * 11, "0", "gap", "3"]


def test_a_report_that_does_not_speak_of_a_sign_is_neither_a_gap_nor_a_nought(patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 1})
    SymptomLogFactory(patient=patient, answers={"anxiety": 1}, observed_at=NOON - timedelta(days=1))

    assert cells_of(patient, "pruritus")[-2:] == ["unsaid", "1"]


def test_what_could_not_be_answered_is_marked_as_open_and_never_as_nought(patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": "cannot_answer"})

    (row,) = fortnight(patient, NOON).rows

    assert row.said[TODAY].kind == Kind.OPEN
    assert row.said[TODAY].mark == "?"
    assert not row.was_there


@pytest.mark.parametrize("order", [(0, 4), (4, 0), ("refused", 4), (4, "refused")])
def test_of_several_reports_of_a_day_the_worst_answer_counts(patient, order):
    for hour, answer in zip((2, 1), order, strict=True):
        SymptomLogFactory(patient=patient, answers={"confusion": answer}, observed_at=NOON - hours(hour))

    assert cells_of(patient, "confusion")[-1] == "4"


def test_yes_no_and_alertness_have_marks_of_their_own(patient):
    SymptomLogFactory(patient=patient, answers={"seizure": True, "reduced_consciousness": "V"})
    SymptomLogFactory(
        patient=patient,
        answers={"seizure": False, "reduced_consciousness": "A"},
        observed_at=NOON - timedelta(days=1),
    )
    rows = {row.code: row for row in fortnight(patient, NOON).rows}

    assert {row.said[TODAY].kind for row in rows.values()} == {Kind.THERE}
    assert {row.said[TODAY - timedelta(days=1)].kind for row in rows.values()} == {Kind.ABSENT}
    assert len({one.mark for row in rows.values() for one in row.said.values()}) == 4


def test_a_report_put_right_later_is_not_in_the_picture(patient):
    wrong = SymptomLogFactory(patient=patient, answers={"confusion": 4})
    SymptomLogFactory(patient=patient, supersedes=wrong, answers={"confusion": 1})

    assert cells_of(patient, "confusion")[-1] == "1"


def test_signs_of_danger_come_first(patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 1, "anxiety": 1, "visual_hallucinations": 1})

    assert fortnight(patient, NOON).rows[0].code == "visual_hallucinations"


@pytest.mark.parametrize(
    ("observed_at", "day"),
    [
        (datetime(2026, 10, 24, 22, 59, tzinfo=UTC), date(2026, 10, 24)),  # 23:59 in summer time
        (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),  # midnight: a day of 25 hours begins
        (datetime(2026, 10, 25, 23, 59, tzinfo=UTC), date(2026, 10, 25)),  # its last minute, in winter time
        (datetime(2026, 10, 26, 0, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_a_day_is_the_patients_own_where_the_clocks_go_back(patient, observed_at, day):
    SymptomLogFactory(patient=patient, observed_at=observed_at)

    days = fortnight(patient, datetime(2026, 10, 28, 12, 0, tzinfo=UTC)).days

    assert [one.day for one in days if one.reports] == [day]
    assert len(days) == len({one.day for one in days}) == 14


@pytest.mark.parametrize(
    ("observed_at", "day"),
    [
        (datetime(2026, 3, 28, 23, 59, tzinfo=UTC), date(2026, 3, 28)),
        (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), date(2026, 3, 29)),  # a day of 23 hours
        (datetime(2026, 3, 29, 22, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
    ],
)
def test_a_day_is_the_patients_own_where_the_clocks_go_forward(patient, observed_at, day):
    SymptomLogFactory(patient=patient, observed_at=observed_at)

    days = fortnight(patient, datetime(2026, 4, 1, 12, 0, tzinfo=UTC)).days

    assert [one.day for one in days if one.reports] == [day]


def test_the_first_of_the_14_days_is_whole_and_the_day_before_is_out(patient):
    first = datetime(2026, 11, 7, 0, 0, tzinfo=UTC)
    SymptomLogFactory(patient=patient, observed_at=first, answers={"pruritus": 2})
    SymptomLogFactory(patient=patient, observed_at=first - timedelta(seconds=1), answers={"pruritus": 4})

    assert cells_of(patient, "pruritus") == ["2", *["gap"] * 13]


def test_doses_told_of_and_doses_nobody_told_of_stand_apart(patient):
    plan = PlanFactory(patient=patient, steps=False)
    make_version(
        plan, daily_doses=(60,), starts_at=NOON - timedelta(days=1, hours=12), times_of_day=(time(8), time(20))
    )
    DoseFactory(patient=patient)
    DoseFactory(patient=patient, due_at=NOON - hours(28), status=Dose.Status.MISSED)

    before, yesterday, today = fortnight(patient, NOON).days[-3:]

    assert not before.doses
    assert [one.status for one in yesterday.doses] == ["missed", "untold"]
    assert [(one.status, one.words) for one in today.doses] == [("taken", "Taken 08:00")]  # 20:00 is not yet due


def test_a_dose_taken_outside_the_plan_is_shown_on_the_day_it_was_taken(patient):
    DoseFactory(patient=patient, due_at=None, taken_at=NOON - hours(30))

    assert [len(day.doses) for day in fortnight(patient, NOON).days[-2:]] == [1, 0]


def test_a_dose_that_was_told_anew_counts_as_told_last(patient):
    first = DoseFactory(patient=patient, status=Dose.Status.MISSED)
    DoseFactory(patient=patient, supersedes=first)

    assert [one.status for one in fortnight(patient, NOON).days[-1].doses] == ["taken"]


def test_the_oldest_day_stands_where_reading_begins(patient):
    SymptomLogFactory(patient=patient)
    found = fortnight(patient, NOON)

    left = picture(found, from_right=False)
    right = picture(found, from_right=True)

    assert left.days[0] == (0, found.days[0].day)
    assert right.days[0] == (CELL_WIDTH * 13, found.days[0].day)
    assert sorted(x for x, _day in left.days) == sorted(x for x, _day in right.days)


def test_a_grade_has_its_number_as_many_dots_and_its_words(phone, patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 3})

    page = phone.get(reverse("portal:history")).content.decode()
    cell = re.search(r'<g class="tw-cell tw-cell--grade tw-cell--3".*?</g>', page, re.DOTALL)[0]

    assert ">3</text>" in cell
    assert cell.count("<circle") == 3
    assert "3 Hard to ignore, scratching" in shown(phone)


def test_the_table_says_what_the_picture_shows(phone, patient):
    SymptomLogFactory(
        patient=patient,
        answers={"pruritus": 3, "confusion": 0, "anxiety": "cannot_answer"},
        vital_signs={
            "temperature_c": {"value": 38.5, "site": "mouth", "entered": {"value": 101.3, "unit": "degF"}}
        },
    )
    DoseFactory(patient=patient, status=Dose.Status.MISSED)

    table = the_table(phone)

    assert "Itching: Hard to ignore, scratching" in table
    assert "Feeling worried or scared: Could not be answered" in table
    assert "Temperature: 101.3 °F, Mouth" in table
    assert "08:00 Not taken" in table
    assert table.count("No report. Nobody knows how this day was.") == 13
    assert table.index("Fri 20 November") < table.index("Sat 7 November")


def test_the_table_has_a_caption_and_headers(phone, patient):
    page = phone.get(reverse("portal:history")).content.decode()

    table = re.search(r'<table class="tw-fortnight">.*?</table>', page, re.DOTALL)[0]

    assert "<caption>" in table
    assert table.count('<th scope="col">') == 3
    assert table.count('<th scope="row">') == 14


def test_every_picture_says_to_a_screen_reader_what_it_is(phone, patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 3})

    page = phone.get(reverse("portal:history")).content.decode()
    pictures = re.findall(r'<svg class="tw-strip__cells"[^>]*>', page)

    assert len(pictures) == 2
    assert all(
        'role="img"' in one and re.search(r'aria-label="[^"]+table says the same"', one) for one in pictures
    )


def test_somebody_who_never_logged_sees_14_gaps_and_how_to_call(phone, settings):
    page = phone.get(reverse("portal:history"))

    assert page.status_code == 200
    assert page.content.decode().count('class="tw-cell tw-cell--gap" transform') == 14
    assert settings.EMERGENCY_NUMBER in shown(phone)


def test_a_quiet_picture_never_reassures(phone, patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 0, "confusion": 0})

    text = shown(phone)

    assert not re.search(REASSURING, text, re.IGNORECASE)
    assert "if anything worries you, call" in text


def test_a_carer_sees_the_picture_of_the_person_they_care_for_and_of_nobody_else(carers_phone, patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 3})
    other = CarerFactory().patient
    SymptomLogFactory(patient=other, answers={"confusion": 4})

    answer = carers_phone.get(reverse("portal:person-history", args=[patient.pk]))

    assert "Hard to ignore, scratching" in answer.content.decode()
    assert "Feeling muddled" not in answer.content.decode()


def test_the_picture_is_drawn_from_the_right_in_arabic(phone, patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 3})
    phone.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"

    page = phone.get(reverse("portal:history")).content.decode()

    assert re.search(r'tw-cell--grade tw-cell--3" transform="translate\(0 0\)"', page)


@pytest.mark.parametrize("language", ["es", "fr", "ar"])
def test_the_words_of_the_picture_are_translated(patient, language):
    SymptomLogFactory(patient=patient, answers={"pruritus": 3, "anxiety": "refused"})
    english = {one for row in fortnight(patient, NOON).rows for one in (row.name, row.said[TODAY].words)}

    with translation.override(language):
        found = {one for row in fortnight(patient, NOON).rows for one in (row.name, row.said[TODAY].words)}

    assert not found & english


def test_the_number_of_statements_does_not_grow_with_reports_and_doses(patient, django_assert_num_queries):
    plan = PlanFactory(patient=patient)
    for back in range(20):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(back * 9))
        DoseFactory(patient=patient, due_at=NOON - hours(4 + 24 * back))

    with django_assert_num_queries(6):
        fortnight(patient, NOON)

    assert plan.versions.count() == 1
