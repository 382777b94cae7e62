"""How many logs a second one core decides, each with its 14-day window in memory. Prints logs/s.

    python -m bench.rules [--patients 200] [--batches 7]

Logs are of ordinary tapers by mouth: three doses a day charted, two logs a day; everybody has long-standing
complaints (spasm, poor sleep and the like) that go up and down a little, one patient in twenty has new signs
of withdrawal in the last two days; a pulse and a temperature in every second log. `evaluate` is timed whole:
windows, rules, score, open rules with what they lack, and the explanation of what fires. No log is decided twice:
every batch is of new people. Windows "read together" share a person's logs, as a worker reads them for a batch
(assessments/facts.py); "alone", none does. Before either, the process has seen enough logs of other people for the
kinds of log to have functions of their own (rules/deciding.py); "the first logs" are without. Time is processor
time, so that other work on the machine counts as little as can be.
"""

import argparse
import gc
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from apps.rules.catalogue import Catalogue, load
from apps.rules.deciding import WORTH_ITS_OWN
from apps.rules.engine import evaluate, evaluate_floor
from apps.rules.publishing import published
from apps.rules.types import (
    Change,
    DoseFacts,
    Facts,
    LogFacts,
    PersonFacts,
    PlanFacts,
    Reporter,
    VitalSign,
)

GOAL = 20_000
DAYS = 14
LOGS_A_DAY = 2
DOSES_A_DAY = 3
COMPLAINTS = (
    "rebound_spasticity",
    "hypertonia",
    "insomnia",
    "anxiety",
    "nausea",
    "dizziness",
    "pruritus",
    "restlessness",
    "mood_disturbance",
    "memory_impairment",
)


def patient(number: int, rng: random.Random, codes: list[str]) -> list[Facts]:
    """The last two days of one patient's logs, each with the fortnight before it."""
    start = 450_000.0 + number
    usual = {code: rng.choices((0, 1, 2), (70, 20, 10))[0] if code in COMPLAINTS else 0 for code in codes}
    ill = number % 20 == 0
    logs = []
    for place in range(DAYS * LOGS_A_DAY):
        answers = {
            code: max(0, grade + rng.choices((-1, 0, 1), (2, 96, 2))[0]) if grade else 0
            for code, grade in usual.items()
        }
        if ill and place >= (DAYS - 2) * LOGS_A_DAY:
            answers |= {"confusion": 2, "tremor": 3, "agitation": 2}
        readings = {}
        if place % 2:
            readings["temperature_c"] = VitalSign(round(rng.uniform(36.2, 37.3), 1), "mouth")
            readings["heart_rate_bpm"] = VitalSign(float(rng.randint(58, 92)))
        t = start + place * 24.0 / LOGS_A_DAY
        logs.append(LogFacts(f"{number}-{place}", t, Reporter.PATIENT, {**answers, "seizure": False}, readings))
    doses = tuple(
        DoseFacts("oral", t, t, "taken", 10.0)
        for t in (start + place * 24.0 / DOSES_A_DAY for place in range(DAYS * DOSES_A_DAY))
    )
    changes = (Change("dose_reduced", start + 5 * 24.0, "oral", 0.1, planned=True),)
    plan = PlanFacts(frozenset({"oral"}), 30.0, None, DOSES_A_DAY, 700, 90)
    return [
        Facts(
            t=log.t,
            logs=tuple(logs[: place + 1]),
            person=PersonFacts(45.0),
            plan=plan,
            changes=changes,
            doses=tuple(dose for dose in doses if dose.due_t is not None and dose.due_t <= log.t),
        )
        for place, log in enumerate(logs)
        if place >= len(logs) - 2 * LOGS_A_DAY
    ]


def codes_of_the_form(catalogue: Catalogue) -> list[str]:
    return [
        code
        for code, symptom in catalogue.symptoms.items()
        if symptom.group == "core" and symptom.measure == "severity" and Reporter.PATIENT in symptom.reported_by
    ]


class Wards:
    """Patients without end: no two batches hold the same person, log or reading."""

    def __init__(self, catalogue: Catalogue, patients: int) -> None:
        self._rng = random.Random(20260101)
        self._codes = codes_of_the_form(catalogue)
        self._patients = patients
        self._next = 0

    def batch(self, *, alone: bool) -> list[Facts]:
        """`alone`: every window holds logs of its own, as when it is read for one log."""
        first, self._next = self._next, self._next + self._patients
        facts = [each for number in range(first, self._next) for each in patient(number, self._rng, self._codes)]
        return [replace(each, logs=tuple(map(replace, each.logs))) for each in facts] if alone else facts


def per_second(decide: Callable[[Facts], object], batches: Iterable[list[Facts]]) -> float:
    """Median over batches; each is made before its time is taken, and no log is decided twice."""
    found = []
    for facts in batches:
        gc.collect()
        gc.freeze()  # as a worker does after start: the windows in memory are not garbage
        began = time.process_time()
        for each in facts:
            decide(each)
        found.append(len(facts) / (time.process_time() - began))
        gc.unfreeze()
    return median(found)


def main(arguments: Sequence[str] = ()) -> bool:
    """Prints the table; True when the goal is reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=200, help="in a batch")
    parser.add_argument("--batches", type=int, default=7)
    given = parser.parse_args(arguments)
    catalogue = load(max(published()))
    wards = Wards(catalogue, given.patients)

    def batches(*, alone: bool) -> Iterator[list[Facts]]:
        return (wards.batch(alone=alone) for _ in range(given.batches))

    new = per_second(lambda each: evaluate(catalogue, each), [wards.batch(alone=True)])
    others = wards.batch(alone=False)
    for _ in range(1 + 100 * WORTH_ITS_OWN // len(others)):
        for each in others:
            evaluate(catalogue, each)
    evaluations = [evaluate(catalogue, each) for each in others]
    firing = sum(bool(each.hits) for each in evaluations) / len(evaluations)
    hits = sum(len(each.hits) for each in evaluations) / len(evaluations)
    still_open = sum(len(each.undecided) for each in evaluations) / len(evaluations)
    print(
        f"{len(catalogue.rules)} rules; windows of {DAYS} days, {LOGS_A_DAY} logs a day; {firing:.0%} of logs fire"
        f" something; {hits:.2f} hits and {still_open:.0f} open rules a log"
    )
    together = per_second(lambda each: evaluate(catalogue, each), batches(alone=False))
    alone = per_second(lambda each: evaluate(catalogue, each), batches(alone=True))
    floor = per_second(lambda each: evaluate_floor(catalogue, each), batches(alone=True))
    for name, found in (
        ("evaluate, windows of a person read together", together),
        ("evaluate, each window read alone", alone),
        ("evaluate, the first logs of a process", new),
        ("evaluate_floor, each window read alone", floor),
    ):
        print(f"{name:<46}{found:>9,.0f} logs/s on one core ({1e6 / found:.0f} microseconds a log)")
    reached = together >= GOAL
    print(f"goal: {GOAL:,} logs/s, whole, windows in memory{'' if reached else '   not reached yet'}")
    return reached


if __name__ == "__main__":
    main(sys.argv[1:])
