"""Simulated people are the same for the same seed, and say only what such a person could."""

from statistics import median

import pytest

from apps.rules import check_answers
from apps.rules.catalogue import Catalogue, load
from apps.simulation.courses import ILLNESSES
from apps.simulation.generator import KINDS, simulate
from apps.simulation.people import SMALLEST_DOSE_MG
from tests.factories import CATALOGUE


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(CATALOGUE)


def test_the_same_seed_makes_the_same_people(catalogue: Catalogue) -> None:
    once = simulate(patients=12, days=30, seed=7, catalogue=catalogue)

    assert simulate(patients=12, days=30, seed=7, catalogue=catalogue) == once
    assert simulate(patients=12, days=30, seed=8, catalogue=catalogue) != once


def test_more_people_change_nobody_who_was_there(catalogue: Catalogue) -> None:
    few = simulate(patients=3, days=20, seed=7, catalogue=catalogue)

    assert simulate(patients=9, days=20, seed=7, catalogue=catalogue)[:3] == few


@pytest.mark.parametrize("kind", KINDS)
def test_every_log_could_have_been_sent(kind: str, catalogue: Catalogue) -> None:
    people = simulate(patients=4, days=28, seed=3, catalogue=catalogue, kinds=[kind])

    for log in (log for person in people for log in person.logs):
        signs = {
            code: {
                "value": value,
                "unit": catalogue.vital_signs[code].unit,
                "site": "mouth" if code == "temperature_c" else None,
            }
            for code, value in log.vital_signs.items()
        }
        assert check_answers(catalogue, log.reporter, log.answers, signs) == []


@pytest.mark.parametrize("kind", ILLNESSES)
def test_an_illness_has_its_truth_and_an_ordinary_taper_has_none(kind: str, catalogue: Catalogue) -> None:
    ill, well = simulate(patients=2, days=40, seed=5, catalogue=catalogue, kinds=[kind, "uneventful"])

    assert ill.truth is not None
    assert ill.truth.pattern == ILLNESSES[kind].pattern
    assert 0 < ill.truth.onset_hours < 40 * 24
    assert well.truth is None


def test_logs_lie_within_the_taper_in_order(catalogue: Catalogue) -> None:
    for person in simulate(patients=20, days=15, seed=1, catalogue=catalogue):
        times = [log.hours for log in person.logs]
        assert times == sorted(times)
        assert all(0 <= hours < 15 * 24 for hours in times)


@pytest.mark.parametrize(("patients", "days"), [(0, 5), (5, 0)])
def test_nobody_or_no_time_is_refused(patients: int, days: int, catalogue: Catalogue) -> None:
    with pytest.raises(ValueError, match="at least one"):
        simulate(patients=patients, days=days, seed=1, catalogue=catalogue)


def test_people_are_as_different_as_on_a_ward(catalogue: Catalogue) -> None:
    people = simulate(patients=120, days=28, seed=2, catalogue=catalogue)
    by_mouth = [person for person in people if not person.has_pump]

    assert {person.kind for person in people} == set(KINDS)
    assert {person.doses_a_day for person in by_mouth} == {1, 2, 3, 4}
    assert any(person.has_pump and person.age_years < 16 for person in people)
    assert {person.baseline["rebound_spasticity"] for person in people} == {0, 1, 2, 3}
    # After a spinal injury the resting pressure is low, and nothing is wrong.
    assert any(person.baseline_vital_signs.get("bp_systolic_mmhg", 200) < 105 for person in people)
    assert {log.reporter for person in people for log in person.logs} == {"patient", "carer", "staff"}


def test_ordinary_days_hold_what_looks_like_withdrawal_and_is_none(catalogue: Catalogue) -> None:
    logs = [
        log
        for person in simulate(patients=200, days=28, seed=2, catalogue=catalogue, kinds=["uneventful"])
        for log in person.logs
    ]

    assert not any(log.is_ill or log.shows_emergency for log in logs)
    assert any(log.vital_signs.get("temperature_c", 0) >= 38 for log in logs)
    assert any(log.hours % 24 < 6 and log.answers["insomnia"] == 3 for log in logs)
    assert any("cannot_answer" in log.answers.values() for log in logs)


def test_an_infection_is_days_of_fever_with_every_dose_taken_and_no_truth_to_find(catalogue: Catalogue) -> None:
    for person in simulate(patients=12, days=28, seed=2, catalogue=catalogue, kinds=["infection"]):
        warm = [log.hours for log in person.logs if log.vital_signs.get("temperature_c", 0) >= 37.8]
        assert person.truth is None
        assert not person.events
        assert all(dose.status == "taken" for dose in person.doses)
        # But for a single warm reading here or there, all within some days.
        assert sum(abs(hours - median(warm)) < 80 for hours in warm) >= max(len(warm) - 2, 1)


def test_a_dose_by_mouth_goes_down_to_one_step_of_nothing_and_none_is_due_after_it(catalogue: Catalogue) -> None:
    for person in simulate(patients=60, days=42, seed=2, catalogue=catalogue, kinds=["uneventful", "bumpy"]):
        steps = person.daily_doses
        assert list(steps) == sorted(steps, reverse=True)
        assert steps.count(0) <= 1
        if person.has_pump:
            assert min(steps) > 0
        for dose in person.doses:
            assert dose.place < person.doses_on(dose.day)
            assert person.daily_dose_on(dose.day) / person.doses_on(dose.day) >= SMALLEST_DOSE_MG


@pytest.mark.parametrize("kind", [kind for kind in ILLNESSES if ILLNESSES[kind].trigger in ("stopped", "")])
def test_who_stopped_takes_no_dose_until_the_restart(kind: str, catalogue: Catalogue) -> None:
    for person in simulate(patients=12, days=42, seed=4, catalogue=catalogue, kinds=[kind]):
        assert person.truth is not None
        assert person.daily_dose_on(int(person.truth.restarted_hours // 24) - 1) > 0
        if not person.has_pump:
            assert any(dose.status == "missed" for dose in person.doses)
        elif person.events:
            assert [event.kind for event in person.events] == ["stopped"]


@pytest.mark.parametrize("kind", ILLNESSES)
def test_an_emergency_shows_only_while_ill_and_never_before_the_first_sign(
    kind: str, catalogue: Catalogue
) -> None:
    for person in simulate(patients=8, days=42, seed=4, catalogue=catalogue, kinds=[kind]):
        assert person.truth is not None
        ill = [log for log in person.logs if log.is_ill]
        assert ill
        assert all(log.is_ill for log in person.logs if log.shows_emergency)
        assert all(log.hours >= person.truth.trigger_hours for log in ill)


@pytest.mark.parametrize("kind", ILLNESSES)
def test_an_illness_runs_its_course_while_there_is_a_dose_to_restart(kind: str, catalogue: Catalogue) -> None:
    for person in simulate(patients=80, days=60, seed=4, catalogue=catalogue, kinds=[kind]):
        assert person.truth is not None
        assert person.daily_dose_on(int(person.truth.trigger_hours // 24)) > 0
        assert person.daily_dose_on(int(person.truth.restarted_hours // 24)) > 0
