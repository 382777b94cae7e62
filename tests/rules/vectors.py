"""Shared vectors: logs, and the record of the person where one is held, with what the engine says of them.

They hold static/js/rules.js and the Python engine together. All are made here, the same on every run: the golden
vignettes cut down to their log, every reading and grade around every limit, and seeded random ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import yaml

from apps.rules.catalogue import load
from apps.rules.combinations import All, AnyOf, CountOf, Defined, Not
from apps.rules.conditions import Compare, Condition, Quantity
from apps.rules.contents import Catalogue
from apps.rules.engine import evaluate
from apps.rules.held import held_record
from apps.rules.log_only import RECORD, may_fire, need_of
from apps.rules.types import (
    Change,
    Facts,
    LogFacts,
    PersonFacts,
    PlanFacts,
    Reporter,
    Unanswered,
    VitalSign,
)
from apps.rules.values import SPINAL_INJURY, Limit
from tests.rules.scenes import CATALOGUE, NOW, scene

GOLDEN = Path(__file__).parent / "golden"
SEED = 20260101
RANDOM_LOGS = 1_600
NO_PLAN_DOSE = PlanFacts(frozenset())
UNKNOWN = Compare(Quantity("vital", "never_measured"), ">=", Limit("yes", 1.0, "yes"))
"""A reading that nobody takes: neither surely so nor surely not."""


@dataclass(frozen=True, slots=True)
class Vector:
    name: str
    facts: Facts
    has_record: bool

    def as_json(self) -> dict[str, Any]:
        log = self.facts.logs[-1]
        return {
            "log": {
                "reporter": str(log.reporter),
                "answers": dict(log.answers),
                "vital_signs": {sign: reading.value for sign, reading in log.vital_signs.items()},
            },
            "record": held_record(load(CATALOGUE), self.facts) if self.has_record else None,
        }

    def by_the_engine(self) -> dict[str, Any]:
        """What static/js/rules.js must answer."""
        found = evaluate(cut_to_one_log(CATALOGUE, self.has_record), self.facts)
        return {
            "hits": [
                {
                    "rule": hit.rule_id,
                    "pattern": hit.pattern,
                    "level": int(hit.level),
                    "because": hit.because,
                    "quiet": hit.quiet,
                }
                for hit in found.hits
            ],
            "undecided": [each.rule_id for each in found.undecided],
        }


@cache
def cut_to_one_log(name: str, has_record: bool) -> Catalogue:
    """The catalogue with only the rules that one log can decide, everything else in them being unknown."""
    catalogue = load(name)
    return replace(
        catalogue,
        rules=tuple(
            replace(rule, when=_cut(rule.when, has_record)) for rule in catalogue.rules if may_fire(rule.when)
        ),
        definitions={name: _cut(each, has_record) for name, each in catalogue.definitions.items()},
    )


def _cut(condition: Condition, has_record: bool) -> Any:
    if isinstance(condition, (All, AnyOf, CountOf)):
        return replace(condition, of=tuple(_cut(part, has_record) for part in condition.of))
    if isinstance(condition, (Not, Defined)):
        return replace(condition, of=_cut(condition.of, has_record))
    known = (None, RECORD) if has_record else (None,)
    return condition if need_of(condition) in known else UNKNOWN


@cache
def vectors() -> tuple[Vector, ...]:
    return (*_from_vignettes(), *_all_well(), *_around_every_limit(), *_personal(), *_at_random())


def facts_of(
    answers: dict[str, Any],
    readings: dict[str, float],
    *,
    by: str = "staff",
    person: PersonFacts | None = None,
    supply: tuple[bool | None, bool | None] = (None, None),
    usual: dict[str, Any] | None = None,
    usual_readings: dict[str, float] | None = None,
) -> Facts:
    """One log and nothing else; `supply` is (exposed, peak), told by a change and a plan that say no more."""
    exposed, peak = supply
    changes = (
        (Change("dose_reduced", NOW - (20.0 if peak else 100.0), "oral", 0.1, planned=True),) if exposed else ()
    )
    return Facts(
        t=NOW,
        logs=(
            LogFacts(
                "log",
                NOW,
                Reporter(by),
                answers,
                {sign: VitalSign(value) for sign, value in readings.items()},
            ),
        ),
        person=person or PersonFacts(age_years=45.0),
        plan=NO_PLAN_DOSE if peak is False or exposed is False else None,
        changes=changes,
        baseline=usual or {},
        baseline_vital_signs=usual_readings or {},
    )


SUPPLIES: tuple[tuple[bool | None, bool | None], ...] = (
    (None, None),
    (True, True),
    (True, False),
    (True, None),
    (False, False),
)


CALM_READINGS = {
    "temperature_c": 36.8,
    "heart_rate_bpm": 72.0,
    "respiratory_rate_bpm": 16.0,
    "bp_systolic_mmhg": 124.0,
    "bp_diastolic_mmhg": 76.0,
    "spo2_percent": 98.0,
    "creatine_kinase_iu_l": 90.0,
    "gcs": 15.0,
}


def _from_vignettes() -> Iterator[Vector]:
    for path in sorted(GOLDEN.glob("*.yaml")):
        for rule_id, by_answer in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            for answer, scenes in by_answer.items():
                for place, words in enumerate(scenes):
                    facts = scene(**words)
                    if not facts.logs:
                        continue
                    log = facts.logs[-1]
                    cut = facts_of(
                        dict(log.answers),
                        {sign: reading.value for sign, reading in log.vital_signs.items()},
                        by=log.reporter,
                        person=facts.person,
                        supply=(True, True) if words.get("exposed") else (None, None),
                        usual=dict(facts.baseline),
                        usual_readings=dict(facts.baseline_vital_signs),
                    )
                    name = f"{rule_id} {answer} {place}"
                    yield Vector(name, cut, True)
                    yield Vector(f"{name}, no record", cut, False)


def _all_well() -> Iterator[Vector]:
    """Everything asked, measured and found to be as it should."""
    catalogue = load(CATALOGUE)
    answers: dict[str, Any] = {code: 0 for code, symptom in catalogue.symptoms.items() if symptom.is_graded}
    answers |= {code: False for code, each in catalogue.symptoms.items() if each.measure == "yes_no"}
    answers |= {"reduced_consciousness": "A", "four_at_total": 0, "four_at_attention": 0}
    for supply, has_record in product(SUPPLIES, (True, False)):
        facts = facts_of(answers, CALM_READINGS, supply=supply, usual_readings=CALM_READINGS)
        yield Vector(f"all well, {supply}", facts, has_record)


def _around_every_limit() -> Iterator[Vector]:
    """Every reading just under, at and over every limit it is compared with, for people of several ages; every
    item at every answer it can have, alone and with the reasons for not answering."""
    catalogue = load(CATALOGUE)
    for person in (PersonFacts(age_years=45.0), PersonFacts(age_years=6.0, population="child", has_pump=True)):
        for (sign, limit), supply in product(sorted(_limits_of_readings(catalogue, person)), SUPPLIES[:2]):
            for value in (limit - 1, limit - 0.01, limit, limit + 0.01, limit + 1):
                facts = facts_of({}, {sign: round(value, 2)}, person=person, supply=supply)
                yield Vector(f"{sign} {value:.2f}", facts, True)
    for code, symptom in catalogue.symptoms.items():
        grades: list[Any] = list(range(symptom.highest + 1))
        if symptom.measure == "yes_no":
            grades = [False, True]
        elif symptom.measure == "avpu":
            grades = ["A", "V", "P", "U"]
        for answer, supply in product([*grades, *map(str, Unanswered)], SUPPLIES[:2]):
            yield Vector(f"{code} {answer}", facts_of({code: answer}, {}, supply=supply), True)


def _personal() -> Iterator[Vector]:
    """Limits that depend on more than age: a sleeping child's pulse, and pressure in spinal injury."""
    child = PersonFacts(age_years=6.0, population="child")
    for asleep, pulse in product((True, False), range(54, 125)):
        answers = {"child_asleep": asleep, "visual_hallucinations": 3, "hypotonia": 3}
        yield Vector(
            f"asleep {asleep}, pulse {pulse}", facts_of(answers, {"heart_rate_bpm": pulse}, person=child), True
        )
    spinal = PersonFacts(age_years=45.0, risk_factors=frozenset({SPINAL_INJURY}))
    for usual, pressure in product((70.0, 99.0, 99.99, 100.0, 105.0, 109.99, 110.0, 110.01), range(66, 112, 2)):
        facts = facts_of(
            {"somnolence": 3},
            {"bp_systolic_mmhg": float(pressure)},
            person=spinal,
            usual_readings={"bp_systolic_mmhg": usual},
        )
        yield Vector(f"usual pressure {usual}, now {pressure}", facts, True)


def _limits_of_readings(catalogue: Catalogue, person: PersonFacts) -> set[tuple[str, float]]:
    resolved = catalogue.limits.resolve(
        population=person.population,
        age_years=person.age_years,
        asleep=False,
        once_daily=False,
        spinal_injury=False,
        baseline={},
    )
    found = {
        (name, top)
        for name, row in catalogue.settings.news2.rows.items()
        if name in catalogue.vital_signs
        for top in row.tops
    }
    for rule in catalogue.rules:
        for part in rule.when.walk():
            if isinstance(part, Compare) and part.quantity.kind == "vital":
                limit = part.limit.adult if part.limit.is_fixed else resolved[part.limit.name]
                found.add((part.quantity.name, limit))
    return {(sign, limit) for sign, limit in found if limit == limit}  # NaN: a limit of children only


def _at_random() -> Iterator[Vector]:
    # Not for secrets: the same logs on every run.
    random = Random(SEED)
    catalogue = load(CATALOGUE)
    for place in range(RANDOM_LOGS):
        facts = facts_of(
            _random_answers(random, catalogue),
            _random_readings(random),
            by=random.choice([str(each) for each in Reporter]),
            person=_random_person(random, catalogue),
            supply=random.choice(SUPPLIES),
            usual=_random_answers(random, catalogue) if random.random() < 0.5 else {},
            usual_readings=_random_readings(random) if random.random() < 0.5 else {},
        )
        yield Vector(f"random {place}", facts, place % 8 != 0)


def _random_answers(random: Random, catalogue: Catalogue) -> dict[str, Any]:
    """From a few questions to nearly all; mostly mild or mostly grave."""
    codes = random.sample(sorted(catalogue.symptoms), random.choice([0, 3, 10, 30, 60]))
    is_grave = random.random() < 0.4
    found: dict[str, Any] = {"rash_of_another_catalogue": 4} if random.random() < 0.05 else {}
    for code in codes:
        symptom = catalogue.symptoms[code]
        if random.random() < 0.06:
            found[code] = str(random.choice(list(Unanswered)))
        elif symptom.measure == "yes_no":
            found[code] = random.random() < (0.3 if is_grave else 0.03)
        elif symptom.measure == "avpu":
            found[code] = random.choice("AVPU" if is_grave else "AAAAV")
        else:
            found[code] = random.randint(0, symptom.highest if is_grave else min(2, symptom.highest))
    return found


_AROUND: dict[str, list[float]] = {
    "temperature_c": [34.9, 35.0, 36.5, 37.0, 37.79, 37.8, 37.99, 38.0, 38.01, 38.49, 38.5, 39.0, 39.1, 40.0],
    "heart_rate_bpm": [39, 40, 41, 50, 51, 75, 90, 91, 110, 111, 130, 131, 140, 141, 190, 205.5],
    "respiratory_rate_bpm": [8, 9, 10, 11, 12, 16, 20, 21, 24, 25, 30, 53, 54],
    "bp_systolic_mmhg": [60, 80, 86, 89, 90, 91, 100, 101, 110, 111, 125, 180, 219, 220],
    "bp_diastolic_mmhg": [50, 70, 85, 110],
    "spo2_percent": [83, 84, 85, 88, 91, 91.5, 92, 93, 94, 95, 96, 97, 99],
    "creatine_kinase_iu_l": [100, 799, 800, 801, 5000],
    "creatine_kinase_upper_limit_iu_l": [0, 170, 200],
    "gcs": [3, 8, 9, 12, 13, 14, 15],
}


def _random_readings(random: Random) -> dict[str, float]:
    share = random.choice([0.0, 0.3, 0.7, 1.0])
    return {sign: float(random.choice(values)) for sign, values in _AROUND.items() if random.random() < share}


def _random_person(random: Random, catalogue: Catalogue) -> PersonFacts:
    ages: tuple[tuple[float | None, str], ...] = (
        (45.0, "adult"), (45.0, "adult"), (45.0, "adult"), (16.0, "adult"), (15.99, "child"), (17.0, "child"),
        (6.0, "child"), (0.5, "infant"), (0.01, "newborn"), (None, "adult"), (None, "child"), (None, "infant"),
        (None, "newborn"), (110.0, "adult"),
    )  # fmt: skip
    age, population = random.choice(ages)
    few = random.choice([0, 0, 1, 3])
    return PersonFacts(
        age_years=age,
        population=population,
        has_pump=random.random() < 0.4,
        risk_factors=frozenset(random.sample(sorted(catalogue.risk_factors), few)),
        confounders=frozenset(random.sample(sorted(catalogue.confounders), few)),
    )
