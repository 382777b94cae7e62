"""What is counted of simulated people, and against which truth."""

import json
from collections.abc import Iterable
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.core.models import Installation
from apps.patients.models import Patient
from apps.rules.catalogue import load
from apps.simulation.courses import ILLNESSES
from apps.simulation.generator import simulate
from apps.simulation.measuring import measure
from apps.simulation.people import SimulatedLog, SimulatedPatient, Truth
from apps.simulation.report import Found, Noise, Raised, report
from apps.symptoms.models import SymptomLog
from apps.wards.models import Ward
from tests.factories import CATALOGUE

TRUTH = Truth(pattern="delirium", trigger_hours=100, onset_hours=130, restarted_hours=150)
"""Ill from hour 100 to 198."""


def _person(number: int = 0, truth: Truth | None = TRUTH, emergency_at: Iterable[float] = ()) -> SimulatedPatient:
    logs = tuple(SimulatedLog(hours, "patient", {}, shows_emergency=True) for hours in emergency_at)
    return SimulatedPatient(
        number=number, kind="delirium" if truth else "uneventful", age_years=50, has_pump=False, daily_doses=(30,),
        doses_a_day=3, use_days=400, risk_factors=(), baseline={}, baseline_vital_signs={}, logs=logs, doses=(),
        events=(), truth=truth,
    )  # fmt: skip


def _noise(*raised: Raised, truth: Truth | None = None, days: int = 14) -> Noise:
    return report([_person(truth=truth)], raised, days=days).noise[0]


def _found(*raised: Raised, people: Iterable[SimulatedPatient] | None = None) -> Found:
    return report(list(people or [_person()]), raised, days=14).found[0]


def test_alerts_without_illness_are_counted_per_patient_week_by_level_and_pattern() -> None:
    noise = _noise(Raised(0, "autonomic", 1, 20), Raised(0, "autonomic", 1, 90), Raised(0, "abrupt_stop", 3, 30))

    assert noise.patient_weeks == 2
    assert (noise.watch_per_patient_week, noise.urgent_or_above_per_patient_week) == (1, 0.5)
    assert [(rate.pattern, rate.level, rate.per_patient_week) for rate in noise.by_pattern] == [
        ("abrupt_stop", 3, 0.5),
        ("autonomic", 1, 1.0),
    ]


@pytest.mark.parametrize(("hours", "is_noise"), [(99.9, True), (100, False), (198, False), (198.1, True)])
def test_an_alert_during_an_illness_is_no_noise_and_its_hours_are_no_quiet_hours(
    hours: float, is_noise: bool
) -> None:
    noise = _noise(Raised(0, "autonomic", 2, hours), truth=TRUTH)

    assert (noise.urgent_or_above_per_patient_week > 0) == is_noise
    assert noise.patient_weeks == pytest.approx(2 - 98 / 168)


def test_an_illness_that_outlasts_the_simulation_is_counted_to_its_end() -> None:
    noise = _noise(truth=TRUTH, days=7)

    assert noise.patient_weeks == pytest.approx(1 - 68 / 168)


def test_lead_runs_from_the_first_urgent_alert_to_the_onset() -> None:
    found = _found(Raised(0, "delirium", 1, 105), Raised(0, "abrupt_stop", 2, 120), Raised(0, "delirium", 3, 140))

    assert (found.own_pattern, found.urgent_or_above, found.median_lead_hours) == (1, 1, 10)


def test_an_alert_by_another_pattern_does_not_count_as_the_own_one() -> None:
    found = _found(Raised(0, "abrupt_stop", 3, 120))

    assert (found.ill, found.own_pattern, found.urgent_or_above) == (1, 0, 1)


def test_a_watch_alone_alerts_nobody() -> None:
    found = _found(Raised(0, "delirium", 1, 120))

    assert (found.own_pattern, found.urgent_or_above, found.median_lead_hours) == (1, 0, None)


def test_an_alert_before_the_illness_does_not_find_it() -> None:
    found = _found(Raised(0, "delirium", 3, 99))

    assert (found.own_pattern, found.urgent_or_above) == (0, 0)


@pytest.mark.parametrize(("hours", "level", "in_time"), [(139, 3, 1), (140, 3, 1), (140.1, 3, 0), (139, 2, 0)])
def test_an_emergency_is_in_time_when_alerted_as_one_at_or_before_its_first_log(
    hours: float, level: int, in_time: int
) -> None:
    found = _found(Raised(0, "seizure_risk", level, hours), people=[_person(emergency_at=(140, 150))])

    assert (found.emergencies, found.in_time) == (1, in_time)


def test_alerts_of_one_person_say_nothing_of_another() -> None:
    people = [_person(0, emergency_at=[140]), _person(1, emergency_at=[140])]

    found = _found(Raised(1, "delirium", 3, 120), people=people)

    assert (found.ill, found.own_pattern, found.emergencies, found.in_time) == (2, 1, 2, 1)


@pytest.fixture
def demo_mode(settings: Settings) -> None:
    settings.DEMO_MODE = True


def _told(*sizes: str) -> dict[str, Any]:
    out = StringIO()
    call_command("alert_report", *sizes, "--format=json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_the_report_keeps_nothing_and_says_the_same_each_time(demo_mode: None) -> None:
    sizes = ("--patients=6", "--days=10", "--seed=3")

    once = _told(*sizes)

    for kind in (Installation, Patient, SymptomLog, User, Ward):
        assert not kind.objects.exists()
    assert once["catalogue"] == CATALOGUE
    assert sum(noise["people"] for noise in once["noise"]) == 6
    assert _told(*sizes) == once


@pytest.mark.django_db
def test_the_report_can_be_read_as_a_table(demo_mode: None) -> None:
    out = StringIO()

    call_command("alert_report", "--patients=4", "--days=8", "--seed=3", stdout=out)

    assert out.getvalue().startswith(f"catalogue {CATALOGUE}, 4 simulated people, 8 days, seed 3\n")
    assert "per patient-week" in out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ILLNESSES)
def test_every_simulated_emergency_is_alerted_at_or_before_the_first_log_that_shows_it(
    kind: str, demo_mode: None
) -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=5, days=21, seed=9, catalogue=catalogue, kinds=[kind])

    found = measure(people, days=21, seed=9, catalogue=catalogue).found[0]

    assert found.own_pattern == found.urgent_or_above == found.ill == 5
    assert found.in_time == found.emergencies
    assert found.emergencies > 0 or kind == "abrupt_stop"


@pytest.mark.django_db
def test_what_is_reported_at_the_very_start_of_an_illness_is_counted_to_it(demo_mode: None) -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=12, days=14, seed=9, catalogue=catalogue, kinds=["pump_failure"])

    counted = measure(people, days=14, seed=9, catalogue=catalogue)

    assert counted.found[0].median_lead_hours == 0
    assert not [rate for rate in counted.noise[0].by_pattern if rate.pattern == "pump_failure" and rate.level == 3]


@pytest.mark.django_db
def test_uneventful_tapers_stay_within_the_budget_of_false_alarms(demo_mode: None) -> None:
    """At most 0.05 urgent or above and 1 watch per patient-week, chronic spasticity, bad nights and fevers included."""
    catalogue = load(CATALOGUE)
    people = simulate(patients=24, days=35, seed=12, catalogue=catalogue, kinds=["uneventful"])

    noise = measure(people, days=35, seed=12, catalogue=catalogue).noise[0]

    assert noise.patient_weeks == 120
    assert noise.urgent_or_above_per_patient_week <= 0.05
    assert noise.watch_per_patient_week <= 1


@pytest.mark.django_db
def test_the_budget_is_shown_by_doses_a_day_pump_and_usual_spasms(demo_mode: None) -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=40, days=7, seed=12, catalogue=catalogue, kinds=["uneventful"])

    groups = measure(people, days=7, seed=12, catalogue=catalogue).uneventful

    assert {"by pump", "2 doses a day", "3 doses a day", "spasms as usual"} <= {group.kind for group in groups}
    by_route = [group for group in groups if group.kind != "spasms as usual"]
    assert sum(group.people for group in by_route) == 40
