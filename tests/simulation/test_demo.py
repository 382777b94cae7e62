"""The demo: real alerts of invented people, and no way into a database of real ones."""

import json
import uuid
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.core.models import Installation
from apps.monitoring.intake import submit_symptom_log
from apps.patients.models import Patient
from apps.rules.catalogue import load
from apps.simulation.demo import DemoRefused, claim_database, make_demo
from apps.simulation.generator import simulate
from apps.simulation.stories import CASES, STORIES, cases, write_story
from apps.simulation.ward import WardAlreadyMade, write_ward
from apps.simulation.writing import Cast
from apps.symptoms.models import SymptomLog
from apps.wards.models import Duty, Ward
from tests.factories import CATALOGUE, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
CASE_PATTERNS = {"toxicity_flag": {"toxicity"}, "abrupt_stop": {"abrupt_stop", "pump_failure"}}


@pytest.fixture
def demo_mode(settings: Settings) -> None:
    settings.DEMO_MODE = True


def test_the_demo_has_wards_people_and_alerts_that_the_rules_raised(demo_mode: None) -> None:
    at = timezone.now()

    signs_in = make_demo(at, load(CATALOGUE))

    assert Ward.objects.count() == 3
    assert Patient.objects.count() == 30
    assert all(ward.stays.current().count() == 10 for ward in Ward.objects.all())
    assert Duty.objects.current(at).count() == 12
    assert {one.username for one in signs_in} >= {"patient", "carer", "nurse", "doctor", "charge"}
    assert not SymptomLog.objects.filter(assessments=None).exists()
    assert Alert.objects.filter(assessment=None).count() == 0
    assert Alert.objects.unacknowledged().filter(level=3).count() >= 3
    assert Alert.objects.filter(status=Alert.Status.RESOLVED, resolved_by__username="nurse").exists()


def test_a_fever_with_stiff_muscles_of_the_demo_patient_is_an_emergency(demo_mode: None) -> None:
    at = timezone.now()
    make_demo(at, load(CATALOGUE))
    person = User.objects.get(username="patient")

    taken = submit_symptom_log(
        patient=person.patient,
        by=person,
        reporter="patient",
        at=at,
        client_id=uuid.uuid4(),
        observed_at=at,
        answers={"severe_rigidity": 3},
        vital_signs={"temperature_c": {"value": 39.2, "unit": "degC", "site": "mouth"}},
    )

    assert [(alert.pattern, alert.level) for alert in taken.alerts] == [("hyperthermia", 3)]


def test_the_demo_is_made_once(demo_mode: None) -> None:
    at = timezone.now()
    first = make_demo(at, load(CATALOGUE))
    people = Patient.objects.count()

    assert make_demo(timezone.now(), load(CATALOGUE)) == first
    assert Patient.objects.count() == people


def test_outside_demo_mode_there_are_no_demo_people(settings: Settings) -> None:
    settings.DEMO_MODE = False

    for command in (["demo_data"], ["simulate", "--patients=1", "--days=1", "--seed=1"]):
        with pytest.raises(CommandError, match="demo mode only"):
            call_command(*command)

    assert not User.objects.exists()
    assert not Installation.objects.exists()


@pytest.mark.parametrize("somebody", [PatientFactory, UserFactory])
def test_a_database_with_people_in_it_never_becomes_the_demo(demo_mode: None, somebody: type) -> None:
    somebody()

    with pytest.raises(DemoRefused, match="people in this database"):
        claim_database(timezone.now())


def test_a_live_installation_never_becomes_the_demo(demo_mode: None) -> None:
    Installation.objects.create(is_demo=False, created_at=timezone.now())

    with pytest.raises(DemoRefused):
        claim_database(timezone.now())


def test_demo_people_cannot_sign_in_outside_demo_mode(demo_mode: None, settings: Settings, client) -> None:  # type: ignore[no-untyped-def]
    one = make_demo(timezone.now(), load(CATALOGUE))[0]
    door = {"login": one.username, "password": one.password}
    assert client.post("/accounts/login/", door).status_code == 302
    client.logout()

    settings.DEMO_MODE = False

    client.post("/accounts/login/", door)
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.case_id)
def test_a_story_raises_what_its_case_calls_for(story) -> None:  # type: ignore[no-untyped-def]
    case = cases()[story.case_id]
    patient = PatientFactory(has_pump="intrathecal" in case["context"]["route"])

    write_story(
        story,
        case,
        patient=patient,
        ends_at=timezone.now(),
        cast=Cast(UserFactory()),
        catalogue=load(CATALOGUE),
    )

    raised = set(Alert.objects.filter(patient=patient).values_list("pattern", flat=True))
    wanted = [
        CASE_PATTERNS.get(pattern, {pattern})
        for pattern, told in case["expected"].items()
        if isinstance(told, dict) and told["alert"] and told["level"] in ("urgent", "emergency")
    ]
    missed = [one for one in wanted if not one & raised]
    assert len(missed) <= len(wanted) // 2, f"{missed} of {wanted} not raised, only {raised}"


def test_a_simulated_ward_is_written_once_per_seed() -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=2, days=8, seed=4, catalogue=catalogue)

    written = write_ward(people, days=8, seed=4, at=timezone.now(), catalogue=catalogue)

    assert written.patients == 2
    assert 0 < written.logs <= sum(len(person.logs) for person in people)
    assert not SymptomLog.objects.filter(observed_at__gt=timezone.now()).exists()
    with pytest.raises(WardAlreadyMade):
        write_ward(people, days=8, seed=4, at=timezone.now(), catalogue=catalogue)


def test_published_cases_are_replayed_from_the_command_line() -> None:
    out = StringIO()

    call_command("replay_cases", str(CASES), "--format=json", stdout=out)

    told = json.loads(out.getvalue())
    assert len(told) == 42
    assert {"pattern", "level", "point", "t_hours"} == set(told[0]["alerts"][0])


@pytest.mark.parametrize("content", ["[1, 2", "just words", "cases: 3"])
def test_a_file_that_holds_no_cases_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(content)

    with pytest.raises(CommandError, match=r"YAML|no list of cases"):
        call_command("replay_cases", str(path))
