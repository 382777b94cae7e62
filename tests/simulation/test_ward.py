"""A simulated ward in the records: what was reported when, and what the rules made of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.alerts.models import AlertEvent
from apps.patients.models import Patient
from apps.rules.catalogue import load
from apps.simulation.generator import simulate
from apps.simulation.ward import WardAlreadyMade, number_of, write_ward
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Dose, PumpEvent, TaperStep
from tests.factories import CATALOGUE

pytestmark = pytest.mark.django_db


def test_a_simulated_ward_is_written_once() -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=2, days=8, seed=4, catalogue=catalogue)

    written = write_ward(people, label="4", days=8, at=timezone.now(), catalogue=catalogue)

    assert written.patients == 2
    assert 0 < written.logs <= sum(len(person.logs) for person in people)
    with pytest.raises(WardAlreadyMade):
        write_ward(people, label="4", days=8, at=timezone.now(), catalogue=catalogue)


def test_nothing_of_a_simulated_ward_lies_ahead_but_the_plan() -> None:
    catalogue, at = load(CATALOGUE), timezone.now()
    people = simulate(patients=4, days=20, seed=4, catalogue=catalogue, kinds=["bumpy", "toxicity"])

    write_ward(people, label="4", days=20, at=at, catalogue=catalogue)

    assert SymptomLog.objects.exists()
    assert not SymptomLog.objects.filter(observed_at__gt=at).exists()
    assert not Dose.objects.filter(recorded_at__gt=at).exists()
    assert TaperStep.objects.filter(starts_at__gt=at).exists()


def test_people_are_as_old_in_the_records_as_they_were_drawn() -> None:
    catalogue, at = load(CATALOGUE), timezone.now()
    people = simulate(patients=12, days=2, seed=4, catalogue=catalogue)

    write_ward(people, label="4", days=2, at=at, catalogue=catalogue)

    ages = {number_of(p.record_number): p.age_years(at.date()) for p in Patient.objects.all()}
    assert ages == {person.number: person.age_years for person in people}


def test_what_is_usual_for_a_person_is_known_before_the_first_log() -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=3, days=3, seed=4, catalogue=catalogue)

    write_ward(people, label="4", days=3, at=timezone.now(), catalogue=catalogue)

    for patient in Patient.objects.prefetch_related("baselines"):
        person = people[number_of(patient.record_number)]
        assert patient.baselines.get().answers == person.baseline
        assert patient.baselines.get().vital_signs == person.baseline_vital_signs
        assert patient.baselines.get().recorded_at < patient.symptom_logs.earliest("observed_at").observed_at
        assert {factor.code for factor in patient.risk_factors.all()} == set(person.risk_factors)


def test_a_pump_alarm_is_acted_on_when_it_is_reported_and_its_end_is_not_known_before() -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=1, days=30, seed=5, catalogue=catalogue, kinds=["pump_failure"])

    write_ward(people, label="5", days=30, at=timezone.now(), catalogue=catalogue)

    alarm = PumpEvent.objects.get()
    first = AlertEvent.objects.filter(alert__pattern="pump_failure").earliest("at")
    assert (first.at, first.level) == (alarm.occurred_at, 3)
    assert alarm.ended_at is not None
    assert alarm.ended_at - alarm.occurred_at > timedelta(hours=30)


def test_a_taper_that_came_to_its_planned_end_is_no_abrupt_stop() -> None:
    catalogue = load(CATALOGUE)
    people = simulate(patients=30, days=40, seed=6, catalogue=catalogue, kinds=["uneventful"])
    over = [person for person in people if person.daily_dose_on(39) == 0]

    write_ward(over, label="6", days=40, at=timezone.now(), catalogue=catalogue)

    assert len(over) >= 2
    raised = AlertEvent.objects.filter(alert__pattern="abrupt_stop", level__gte=2)
    assert not raised.exists()
