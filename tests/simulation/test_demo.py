"""No demo people in a database of real ones: each way in is closed."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.core.models import Installation
from apps.patients.models import Patient
from apps.simulation.demo import DemoRefused, claim_database
from tests.factories import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
WAYS_IN = (
    ["demo_data"],
    ["simulate", "--patients=1", "--days=1", "--seed=1"],
    ["alert_report", "--patients=1", "--days=1", "--seed=1"],
)


@pytest.fixture
def demo_mode(settings: Settings) -> None:
    settings.DEMO_MODE = True


@pytest.mark.parametrize("command", WAYS_IN, ids=lambda command: command[0])
def test_outside_demo_mode_there_are_no_demo_people(command: list[str], settings: Settings) -> None:
    settings.DEMO_MODE = False

    with pytest.raises(CommandError, match="demo mode only"):
        call_command(*command)

    assert not User.objects.exists()
    assert not Installation.objects.exists()


@pytest.mark.parametrize("command", WAYS_IN, ids=lambda command: command[0])
@pytest.mark.parametrize("somebody", [PatientFactory, UserFactory])
def test_a_database_with_people_in_it_never_becomes_the_demo(
    command: list[str], demo_mode: None, somebody: type
) -> None:
    somebody()
    people = Patient.objects.count()

    with pytest.raises(CommandError, match="people in this database"):
        call_command(*command)

    assert Patient.objects.count() == people
    assert not User.objects.filter(is_demo=True).exists()


def test_a_live_installation_never_becomes_the_demo(demo_mode: None) -> None:
    Installation.objects.create(is_demo=False, created_at=timezone.now())

    with pytest.raises(DemoRefused):
        claim_database(timezone.now())


@pytest.mark.parametrize("size", [("0", "5"), ("5", "0"), ("2001", "5"), ("5", "366")])
@pytest.mark.parametrize("command", ["simulate", "alert_report"])
def test_sizes_that_make_no_sense_are_refused(command: str, size: tuple[str, str], demo_mode: None) -> None:
    with pytest.raises(CommandError, match="From 1 to"):
        call_command(command, f"--patients={size[0]}", f"--days={size[1]}", "--seed=1")
