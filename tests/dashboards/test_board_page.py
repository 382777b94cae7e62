import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.monitoring.models import AssessmentOwed, Heartbeat
from tests.dashboards.rows import logged
from tests.factories import (
    CATALOGUE,
    NOON,
    AlertFactory,
    PatientFactory,
    SymptomLogFactory,
    UserFactory,
    a_hit,
    hours,
)

pytestmark = pytest.mark.django_db

COMFORT = re.compile(
    r"\b(ok|okay|all is well|all well|all clear|no alerts|no problems|stable|fine|safe)\b", re.IGNORECASE
)


def shown(page):
    """Without tags, and without the footer, which belongs to every page."""
    text = page.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def page(desk, ward):
    return lambda **given: desk.get(reverse("dashboards:board", args=[ward.pk]), **given)


def ask_again(page, before, **given):
    version = re.search(r"\?v=(\w+)", before.content.decode())[1]
    return page(data={"v": version}, headers={"HX-Request": "true"}, **given)


def test_a_row_says_all_that_a_nurse_needs_to_go(page, ward, live):
    patient = PatientFactory(stay=ward, stay__bed="12", given_name="Ada", family_name="Lovegrove", has_pump=True)
    logged(patient, score=9, previous_score=4, score_complete=True, previous_complete=True)
    AlertFactory(patient=patient, opened_at=NOON - timedelta(minutes=4), hits=[a_hit(because="New confusion.")])

    text = shown(page())

    for words in (
        "12", "Ada Lovegrove 56", "Emergency", "Delirium", "4 minutes", "New confusion.", "Nobody", "Take",
        "none known", "3 hours", "patient", "worse: 9, was 4", "no plan", "Pump",
        "1 alert nobody has taken", "Amina Yusuf (nurse, until 12:00)",
    ):  # fmt: skip
        assert words.replace(" ", "") in text.replace("\xa0", " ").replace(" ", ""), words


def test_an_unchanged_board_answers_with_nothing_but_the_time(page, ward, live):
    logged(PatientFactory(stay=ward))

    again = ask_again(page, page())

    assert again.status_code == 204
    assert again.content == b""
    assert again["X-Board-At"] == NOON.isoformat()
    assert again["X-Board-Proven-At"] == (NOON - timedelta(seconds=10)).isoformat()
    assert "no-store" in again["Cache-Control"]


def test_a_changed_board_answers_with_its_piece_alone(page, ward, live):
    patient = PatientFactory(stay=ward)
    before = page()
    AlertFactory(patient=patient)

    again = ask_again(page, before)

    assert again.status_code == 200
    assert "<html" not in again.content.decode()
    assert "Delirium" in shown_piece(again)


def shown_piece(piece):
    return re.sub(r"<[^>]+>", " ", piece.content.decode())


@pytest.mark.parametrize("patients", [1, 40])
def test_an_unchanged_board_costs_a_fixed_number_of_statements(
    page, ward, live, patients, django_assert_num_queries, django_capture_on_commit_callbacks
):
    for _ in range(patients):
        logged(PatientFactory(stay=ward))
    with django_capture_on_commit_callbacks(execute=True):
        before = page()

    # Session, person, savepoint, ward, the board's four, release: the record of who looked costs none.
    with django_assert_num_queries(9):
        assert ask_again(page, before).status_code == 204


def test_nobody_is_ever_called_well(page, ward, live):
    logged(PatientFactory(stay=ward))
    PatientFactory(stay=ward)

    text = shown(page())

    assert "No open alert · last log 3" in text.replace("\xa0", " ")
    assert "no log yet" in text
    assert not COMFORT.search(text)


DEAD = {
    "no canary ever": lambda: Heartbeat.objects.all().delete(),
    "the last canary is old": lambda: Heartbeat.objects.filter(part="canary").update(
        at=NOON - timedelta(seconds=61)
    ),
}


@pytest.mark.parametrize("way", DEAD)
def test_a_board_whose_pipeline_is_not_proven_says_that_nothing_can_be_known(page, ward, live, way):
    logged(PatientFactory(stay=ward))
    DEAD[way]()

    text = shown(page())

    assert "Logs are not being assessed" in text
    assert "Cannot be known" in text
    assert "No open alert" not in text
    assert not COMFORT.search(text)


def test_a_board_without_a_watch_says_that_nobody_is_called(page, live):
    Heartbeat.objects.filter(part__startswith="watch").delete()

    assert "Nobody is called" in shown(page())


def test_logs_that_wait_are_told(page, ward, live):
    log = SymptomLogFactory(patient=PatientFactory(stay=ward))
    AssessmentOwed.objects.create(
        log=log, catalogue_version=CATALOGUE, owed_since=NOON - timedelta(seconds=45), due_at=NOON
    )

    assert "1 logs wait to be assessed, the oldest for 45 s" in shown(page())


def test_a_death_of_the_pipeline_reaches_an_open_board(page, ward, live):
    logged(PatientFactory(stay=ward))
    before = page()
    DEAD["the last canary is old"]()

    assert ask_again(page, before).status_code == 200


def test_a_log_that_is_not_assessed_is_never_passed_over(page, ward, live):
    logged(PatientFactory(stay=ward), at=NOON - timedelta(seconds=5), assessed=False)

    assert "Newest log not yet assessed" in shown(page())


def test_a_log_that_stays_without_an_assessment_is_to_be_read_by_hand(page, ward, live):
    logged(PatientFactory(stay=ward), at=NOON - timedelta(seconds=61), assessed=False)

    assert "Newest log not assessed: read it by hand" in shown(page())


def test_an_alert_that_was_taken_and_left_is_said_to_be_late(page, ward, live):
    AlertFactory(
        patient=PatientFactory(stay=ward),
        status=Alert.Status.ACKNOWLEDGED,
        opened_at=NOON - hours(1),
        acknowledged_by=UserFactory(display_name="Ben Okafor"),
        acknowledged_at=NOON - timedelta(minutes=20),
        acknowledged_level=3,
    )

    text = shown(page())

    assert "Ben Okafor" in text
    assert "no outcome in time" in text


def test_a_ward_without_anybody_on_duty_says_that_no_one_is_called(page, nurse, live):
    nurse.duties.all().delete()

    assert "nobody is entered: everybody who works here is called in the end" in shown(page())


def test_an_empty_ward_is_said_to_be_empty(page, live):
    assert "Nobody is in this ward's care" in shown(page())


def test_without_javascript_the_page_loads_itself_anew_and_tells_its_time(page, live):
    html = page().content.decode()

    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in html
    assert "As of 12:00:00" in html


def test_nothing_in_the_page_is_inline_or_from_another_host(page, ward, live):
    AlertFactory(patient=PatientFactory(stay=ward))

    html = page().content.decode()

    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|javascript:", html)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", html)


def test_names_are_shown_as_text(page, ward, live):
    PatientFactory(stay=ward, given_name="<script>alert(1)</script>")

    assert b"<script>alert" not in page().content


def views():
    return AuditEvent.objects.filter(type=AuditEvent.Type.BOARD_VIEWED)


def test_who_looked_at_the_board_is_recorded_once_in_a_quarter_of_an_hour(page, ward, nurse, live, monkeypatch):
    patient = PatientFactory(stay=ward)
    clock = NOON
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock)
    for seconds in range(0, 901, 100):
        clock = NOON + timedelta(seconds=seconds)
        page()

    lines = list(views().order_by("at"))
    assert [line.at for line in lines] == [NOON, NOON + timedelta(seconds=900)]
    assert lines[0].actor_id == nurse.pk
    assert lines[0].subject_id == str(ward.pk)
    assert lines[0].detail == {"patients": [str(patient.pk)]}


def test_somebody_new_on_the_board_is_recorded_at_once(page, ward, live):
    PatientFactory(stay=ward)
    page()
    newcomer = PatientFactory(stay=ward)
    page()

    assert views().count() == 2
    assert (
        str(newcomer.pk)
        in views()
        .order_by("at", "pk")
        .filter(detail__patients__contains=str(newcomer.pk))
        .get()
        .detail["patients"]
    )


def test_a_board_that_cannot_be_recorded_is_not_shown(page, ward, live, monkeypatch):
    PatientFactory(stay=ward)

    def broken(*args, **named):
        raise RuntimeError("the record is full")

    monkeypatch.setattr("apps.dashboards.record.record_event", broken)

    with pytest.raises(RuntimeError, match="the record is full"):
        page()
