"""Patients told after published cases: through rows, plans, doses and the pipeline nothing is lost or added."""

from datetime import date

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.patients.models import Patient
from apps.rules.catalogue import load
from apps.rules.replay import replay
from apps.simulation.assessing import Cast
from apps.simulation.names import birthday
from apps.simulation.stories import STORIES, Story, born, cases, has_pump, take, write_story
from apps.tapers.models import TaperPlan
from tests.factories import CATALOGUE, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def _story(case_id: str) -> Story:
    return next(story for story in STORIES if story.case_id == case_id)


def _told(story: Story, nurse: User) -> Patient:
    case, catalogue, at = cases()[story.case_id], load(CATALOGUE), timezone.now()
    birth = born(story, case, ends_at=at, number=1, catalogue=catalogue)
    patient: Patient = PatientFactory(has_pump=has_pump(case), birth_date=birth)
    write_story(story, case, patient=patient, ends_at=at, cast=Cast(nurse), catalogue=catalogue)
    return patient


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.case_id)
def test_a_story_raises_exactly_what_the_replay_of_its_case_finds(story: Story) -> None:
    patient = _told(story, UserFactory())

    raised: dict[str, int] = {}
    # The day score is a trend beside the patterns; the replay does not print it.
    for alert in Alert.objects.filter(patient=patient).exclude(pattern="day_score"):
        raised[alert.pattern] = max(alert.level, raised.get(alert.pattern, 0))
    found: dict[str, int] = {}
    for told in replay([cases()[story.case_id]], load(CATALOGUE))[0]["alerts"]:
        found[told["pattern"]] = max(Level[told["level"].upper()], found.get(told["pattern"], 0))
    assert raised == found


@pytest.mark.parametrize(
    ("case_id", "pattern", "level"),
    [
        ("bw-daleo-2007-p2a", "delirium", Level.URGENT),  # seeing things was the whole picture
        ("bw-jpsychopharm-2001-36m", "hyperthermia", Level.URGENT),  # rigid and confused, no fever told
        ("bw-samson-fang-2000", "pump_failure", Level.EMERGENCY),
        ("bw-samson-fang-2000", "hyperthermia", Level.EMERGENCY),  # 39.5 degrees, as told
        ("bw-ratnayaka-2001", "seizure_risk", Level.EMERGENCY),
        ("bw-auger-2005", "mood_safety", Level.EMERGENCY),
        ("ctl-ckd-64f", "toxicity", Level.EMERGENCY),
        ("ctl-pocketfill-44f", "toxicity", Level.EMERGENCY),
    ],
)
def test_the_board_shows_what_the_literature_shows(case_id: str, pattern: str, level: int) -> None:
    patient = _told(_story(case_id), UserFactory())

    assert Alert.objects.get(patient=patient, pattern=pattern, status=Alert.Status.OPEN).level == level


def test_a_newborn_has_no_plan_of_its_own_and_was_born_when_the_supply_ended() -> None:
    patient = _told(_story("bw-ratnayaka-2001"), UserFactory())

    assert not TaperPlan.objects.filter(patient=patient).exists()
    assert patient.birth_date == patient.supply_events.get(kind="birth").occurred_at.date()


def test_of_no_story_it_is_said_that_baclofen_was_given_again() -> None:
    patient = _told(_story("bw-ratnayaka-2001"), UserFactory())

    closed = Alert.objects.filter(patient=patient, status=Alert.Status.RESOLVED)
    assert {alert.outcome for alert in closed} == {Alert.Outcome.REVIEWED}
    assert closed.filter(level=Level.EMERGENCY).exists()


def test_only_what_is_urgent_is_shown_as_taken() -> None:
    story, doctor = _story("bw-auger-2005"), UserFactory()
    patient = _told(story, UserFactory())

    take(story, patient=patient, by=doctor, ends_at=timezone.now())

    taken = set(Alert.objects.filter(acknowledged_by=doctor).values_list("pattern", flat=True))
    assert taken == {"abrupt_stop", "toxicity"}


@pytest.mark.parametrize("age", [0.03, 9, 15, 16, 40, 81])
@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2026, 2, 28), date(2028, 2, 29), date(2026, 12, 31)])
def test_a_birthday_gives_the_age_that_was_asked_for_on_any_day(age: float, on: date) -> None:
    for number in range(40):
        person = Patient(birth_date=birthday(age, on=on, number=number))

        assert person.age_years(on) == pytest.approx(age, abs=0.002)
