"""Only some rows of the board: by what they need, by bed or name; never without what somebody has to take."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.alerts.models import Alert, Level
from apps.dashboards.board.narrowing import LONGEST_SEARCH, Narrowing, Show, narrow
from apps.dashboards.selectors import board_of, ward_board
from tests.dashboards.rows import logged
from tests.dashboards.test_no_false_comfort import a_read, patients, pipelines
from tests.factories import NOON, AlertFactory, PatientFactory, PlanFactory, UserFactory, make_version
from tests.tapers.plans import lock_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(desk, ward, live):
    return lambda query="", **given: desk.get(reverse("dashboards:board", args=[ward.pk]) + query, **given)


def names(page):
    return re.findall(r'id="name-[^>]*><bdi>([^<]*)</bdi>', page.content.decode())


def person(ward, name, bed="", **fields):
    given, family = name.split()
    return PatientFactory(stay=ward, stay__bed=bed, given_name=given, family_name=family, **fields)


def taken(patient, by, **fields):
    return AlertFactory(
        patient=patient,
        level=Level.URGENT,
        status=Alert.Status.ACKNOWLEDGED,
        acknowledged_by=by,
        acknowledged_at=NOON,
        acknowledged_level=Level.URGENT,
        **fields,
    )


@pytest.fixture
def full(ward, nurse):
    """One of each kind; nobody's alert is open but Vera's, which is to be taken."""
    for name, bed in (("Ada Muñoz", "1"), ("Ben Ortiz", "12"), ("Cleo Late", "3"), ("Dora Step", "4")):
        patient = person(ward, name, bed)
        logged(patient, at=NOON - timedelta(days=3 if bed == "3" else 0, minutes=5))
        if name == "Ada Muñoz":
            taken(patient, nurse)
        if name == "Ben Ortiz":
            taken(patient, UserFactory())
        if name == "Dora Step":
            plan = PlanFactory(patient=patient, is_gated=True, steps=False)
            lock_from(make_version(plan, starts_at=NOON - timedelta(days=20)), 2)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Ada Muñoz", "Ben Ortiz", "Cleo Late", "Dora Step"}),
        ("?show=alerts", {"Ada Muñoz", "Ben Ortiz"}),
        ("?show=mine", {"Ada Muñoz"}),
        ("?show=overdue", {"Cleo Late"}),
        ("?show=steps", {"Dora Step"}),
        ("?q=munoz", {"Ada Muñoz"}),
        ("?q=+12+ORT", {"Ben Ortiz"}),
        ("?show=alerts&q=munoz", {"Ada Muñoz"}),
        ("?q=nobody-of-this-name", set()),
        ("?show=rubbish", {"Ada Muñoz", "Ben Ortiz", "Cleo Late", "Dora Step"}),
        ("?q=%00", set()),
    ],
)
def test_a_board_shows_whom_its_reader_asks_for(page, full, query, expected):
    assert set(names(page(query))) == expected


def test_it_says_how_many_it_leaves_out_and_how_to_see_them(page, full):
    text = page("?show=mine").content.decode()

    assert "3 patients are not shown." in text
    assert "Show everybody" in text
    assert "not shown" not in page().content.decode()


def test_who_fits_no_filter_is_not_taken_for_an_empty_ward(page, full):
    text = page("?q=zzz").content.decode()

    assert "Nobody fits" in text
    assert "Nobody is in this ward" not in text


@pytest.mark.parametrize("query", ["?show=mine", "?show=steps", "?q=zzz"])
def test_what_somebody_has_to_take_stays_whatever_is_asked_for(page, ward, full, query):
    AlertFactory(patient=person(ward, "Vera Alone", "9"), level=Level.URGENT)

    answer = page(query)

    assert "Vera Alone" in names(answer)
    assert "1 more stays, as nobody has taken the alert." in answer.content.decode()


def test_the_counts_above_are_of_the_whole_ward(page, ward, full):
    before = re.search(r'<ul class="tb-counts">.*?</ul>', page().content.decode(), re.DOTALL)[0]
    after = re.search(r'<ul class="tb-counts">.*?</ul>', page("?q=zzz").content.decode(), re.DOTALL)[0]

    assert before == after


def test_what_refreshes_itself_stays_narrow(page, full):
    address = re.search(r'hx-get="([^"]+)"', page("?show=mine&q=a%26b").content.decode())[1]

    assert address.endswith("&amp;show=mine&amp;q=a%26b")


def test_the_piece_alone_is_narrow_too(page, full):
    assert names(page("?show=mine", headers={"HX-Request": "true"})) == ["Ada Muñoz"]


def test_the_search_is_kept_in_its_field_and_cut_to_a_length(page, full):
    text = page(f"?q={'x' * 500}").content.decode()

    assert f'value="{"x" * LONGEST_SEARCH}"' in text
    assert f'&amp;q={"x" * LONGEST_SEARCH}"' in text


def test_a_watch_window_that_is_over_does_not_count(ward, nurse, live):
    patient = person(ward, "Wanda Window")
    PlanFactory(patient=patient)
    logged(patient)
    (row,) = ward_board(ward, user=nurse, at=NOON).rows
    window = Narrowing(Show.WINDOW, "")

    assert row.watched_until is not None
    assert narrow([row], window, row.watched_until - timedelta(seconds=1)).rows == (row,)
    assert narrow([row], window, row.watched_until).rows == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(patients(), max_size=4), pipelines(), st.sampled_from(Show), st.text(max_size=5))
def test_no_filter_ever_hides_what_somebody_has_to_take(ward, pipeline, show, search):
    rows = board_of(a_read(ward, pipeline), user=UserFactory.build()).rows
    narrowed = narrow(rows, Narrowing(show, search), NOON)

    assert {row.patient_id for row in rows if row.waits_for_somebody} <= {row.patient_id for row in narrowed.rows}
    assert len(narrowed.rows) + narrowed.left_out == len(rows)
    assert list(narrowed.rows) == [row for row in rows if row in narrowed.rows]
