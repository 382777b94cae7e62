"""How many logs a second one core decides, each with its 14-day window in memory. Prints logs/s.

    python -m bench.rules [--patients 200] [--seconds 10]

Logs are of ordinary tapers by mouth: three doses a day charted, two logs a day; everybody has long-standing
complaints (spasm, poor sleep and the like) that go up and down a little, one patient in twenty has new signs
of withdrawal in the last two days; a pulse and a temperature in every second log. `evaluate` is timed whole:
windows, rules, score, open rules with what they lack, and the explanation of what fires. Time is processor
time, so that other work on the machine does not count.
"""

import argparse
import gc
import random
import sys
import time
from collections.abc import Sequence

from apps.rules.catalogue import load
from apps.rules.engine import evaluate, evaluate_floor
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

CATALOGUE = "baclofen-withdrawal-2026.1"
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


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10.0)
    given = parser.parse_args(arguments)
    catalogue = load(CATALOGUE)
    codes = [
        code
        for code, symptom in catalogue.symptoms.items()
        if symptom.group == "core" and symptom.measure == "severity" and Reporter.PATIENT in symptom.reported_by
    ]
    rng = random.Random(20260101)
    facts = [each for number in range(given.patients) for each in patient(number, rng, codes)]
    gc.collect()
    gc.freeze()  # as a worker does after start: the windows in memory are not garbage
    hits = sum(len(evaluate(catalogue, each).hits) for each in facts)
    print(f"{len(facts)} logs, {len(codes) + 1} answers each, {len(catalogue.rules)} rules, {hits} hits")
    for name, decide in (("evaluate", evaluate), ("evaluate_floor", evaluate_floor)):
        best = 0.0
        until = time.process_time() + given.seconds / 2
        while time.process_time() < until:
            began = time.process_time()
            for each in facts:
                decide(catalogue, each)
            best = max(best, len(facts) / (time.process_time() - began))
        print(f"{name}: {best:,.0f} logs/s on one core ({1e6 / best:.0f} microseconds a log)")


if __name__ == "__main__":
    main(sys.argv[1:])
