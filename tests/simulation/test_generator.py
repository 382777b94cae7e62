"""Simulated people are the same for the same seed, and say only what such a person could."""

import pytest

from apps.rules import check_answers
from apps.rules.catalogue import Catalogue, load
from apps.simulation.courses import ILLNESSES
from apps.simulation.generator import KINDS, simulate
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
