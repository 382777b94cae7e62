"""Believable tapers from a seed: plain values, no database, no clock. The same seed gives the same people.

docs/simulation.md says what is modelled."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from apps.rules.catalogue import Catalogue
from apps.rules.types import Reporter, Unanswered
from apps.simulation.courses import ILLNESSES, RECOVERED_AFTER_HOURS, Illness, Stage, stage_at
from apps.simulation.people import (
    CLOCKS,
    DAY,
    STEP_DAYS,
    SimulatedDose,
    SimulatedEvent,
    SimulatedLog,
    SimulatedPatient,
    Truth,
    doses_of,
)

WATCHED_HOURS = 72.0
"""After a step logs are asked for twice a day."""
KINDS: Mapping[str, int] = {"uneventful": 9, "bumpy": 6, "infection": 2} | dict.fromkeys(ILLNESSES, 1)
"""How often each course is drawn, against the others."""
USUAL = (
    "confusion",
    "visual_hallucinations",
    "severe_rigidity",
    "seizure",
    "anxiety",
    "insomnia",
    "rebound_spasticity",
    "hypertonia",
    "tremor",
    "sweating",
    "pruritus",
    "mood_disturbance",
)
"""What a person answers on an ordinary day; items outside the reporter's reach are dropped."""
ORAL_TAPERS = (
    (20, 5, (1, 2)),
    (30, 5, (2, 3)),
    (45, 5, (3,)),
    (60, 5, (3, 4)),
    (75, 5, (3,)),
    (80, 5, (4,)),
    (90, 10, (3, 4)),
)
"""(first dose, less with each step, doses a day): mg a day in halves of a 10 mg tablet."""
PUMP_TAPERS = ((150, 10), (200, 15), (300, 25))
"""(first dose, less with each step): microgram a day."""
STEPS_AHEAD = 4
"""The plan goes on after the last simulated day."""
UNANSWERED_CHANCE = 0.02
FEVER_CHANCE = 0.004
"""A single warm reading, without withdrawal."""
INFECTION_HOURS = (48, 72)
"""A course of its own: days of fever and a faster pulse in somebody whose baclofen is as planned."""
BAD_NIGHT_CHANCE = 0.04
"""Awake with spasms and logging it, without withdrawal."""
SILENT_DOSE_CHANCE = 0.04
"""Nobody says anything of that dose."""
WITHOUT_DOSES = frozenset({"abrupt_stop", "delirium", "hyperthermia", "seizure_risk", "autonomic", "mood_safety"})
"""Courses in which doses by mouth are not taken from the trigger to the restart."""
BY_MOUTH_ONLY = frozenset({"abrupt_stop", "toxicity"})
ADULTS_ONLY = frozenset({"autonomic", "mood_safety"})


def simulate(
    *, patients: int, days: int, seed: int, catalogue: Catalogue, kinds: Sequence[str] | None = None
) -> list[SimulatedPatient]:
    """`kinds` fixes the courses, in turn; otherwise they are drawn."""
    if patients < 1 or days < 1:
        raise ValueError("there must be at least one patient and one day")
    found = []
    for number in range(patients):
        # One stream for each person: adding people changes nobody who was there before.
        luck = random.Random(f"{seed}:{number}")  # noqa: S311
        kind = kinds[number % len(kinds)] if kinds else luck.choices(list(KINDS), list(KINDS.values()))[0]
        found.append(_Person(number, kind, days, luck, catalogue).patient())
    return found


class _Person:
    """Draws one person's weeks in a fixed order."""

    def __init__(self, number: int, kind: str, days: int, luck: random.Random, catalogue: Catalogue) -> None:
        self.number, self.kind, self.days, self.luck, self.catalogue = number, kind, days, luck, catalogue
        self.illness: Illness | None = ILLNESSES.get(kind)
        self.has_pump = kind == "pump_failure" or (kind not in BY_MOUTH_ONLY and luck.random() < 0.2)
        is_child = self.has_pump and kind not in ADULTS_ONLY and luck.random() < 0.3
        self.age = luck.randint(9, 15) if is_child else luck.randint(22, 81)
        self.has_carer = is_child or luck.random() < 0.3
        self.has_spinal_injury = not is_child and luck.random() < 0.2
        self.usual = {
            "rebound_spasticity": luck.choice((0, 1, 1, 2, 3)),
            "hypertonia": luck.choice((0, 1, 1, 2, 3)),
            "insomnia": luck.choice((0, 0, 1)),
            "anxiety": luck.choice((0, 0, 1)),
        }
        self.usual_signs = self._usual_signs()
        self.doses_a_day, self.daily_doses = self._plan()
        self.steps_with_dose = sum(1 for dose in self.daily_doses if dose)
        self.trigger = None if self.illness is None else _whole_seconds(self._trigger())
        self.restarted = None if self.trigger is None else _whole_seconds(self.trigger + luck.uniform(36, 60))
        self.infected = self._infection() if kind == "infection" else (0.0, 0.0)

    def _usual_signs(self) -> dict[str, float]:
        signs = {"temperature_c": 36.8}
        if self.age >= 16:
            # After a spinal injury the resting systolic pressure is often 90-110 (docs/rules.md).
            systolic = self.luck.gauss(102, 4) if self.has_spinal_injury else self.luck.gauss(126, 8)
            signs |= {
                "heart_rate_bpm": round(self.luck.gauss(74, 5)),
                "bp_systolic_mmhg": round(max(systolic, 94)),
                "bp_diastolic_mmhg": round(max(systolic, 94) * 0.62),
            }
        return signs

    def _plan(self) -> tuple[int, tuple[int, ...]]:
        count = -(-self.days // STEP_DAYS) + STEPS_AHEAD
        if self.has_pump:
            start, less = self.luck.choice(PUMP_TAPERS)
            return 1, tuple(max(start - less * number, less) for number in range(count))
        start, less, often = self.luck.choice(ORAL_TAPERS)
        # To one step of 0 and no further: that one is the planned end of the taper.
        return self.luck.choice(often), tuple(range(start, -1, -less)[:count])

    def _trigger(self) -> float:
        """Some days into the taper, early enough that the illness runs its course while there is still a dose."""
        end = min(self.days, STEP_DAYS * self.steps_with_dose) * DAY
        return self.luck.uniform(min(3 * DAY, end / 4), max(end - 6 * DAY, end / 3))

    def _infection(self) -> tuple[float, float]:
        began = self.luck.uniform(0, self.days * DAY)
        return began, began + self.luck.uniform(*INFECTION_HOURS)

    def patient(self) -> SimulatedPatient:
        doses, logs = self._doses(), self._logs()
        return SimulatedPatient(
            number=self.number,
            kind=self.kind,
            age_years=self.age,
            has_pump=self.has_pump,
            daily_doses=self.daily_doses,
            doses_a_day=self.doses_a_day,
            use_days=self.luck.randint(120, 6000),
            risk_factors=tuple(self._risk_factors()),
            baseline={code: self.usual.get(code, 0) for code in USUAL if self._is_graded(code)},
            baseline_vital_signs=self.usual_signs,
            logs=logs,
            doses=doses,
            events=self._events(),
            truth=self._truth(),
        )

    def _risk_factors(self) -> list[str]:
        spinal = ["spinal_injury_t6_or_above"] if self.has_spinal_injury else []
        return [*spinal, *(["epilepsy"] if self.kind == "seizure_risk" else [])]

    def _truth(self) -> Truth | None:
        if self.illness is None or self.trigger is None or self.restarted is None:
            return None
        onset = self.trigger + self.illness.onset_hours
        return Truth(self.illness.pattern, self.trigger, onset, self.restarted)

    def _events(self) -> tuple[SimulatedEvent, ...]:
        if self.illness is None or self.trigger is None or not self.illness.trigger:
            return ()
        door = "pump" if self.illness.trigger == "pump_alarm" else "supply"
        return (SimulatedEvent(self.trigger, door, self.illness.trigger, self.restarted),)

    # Doses --------------------------------------------------------------------------------------

    def _doses(self) -> tuple[SimulatedDose, ...]:
        if self.has_pump:
            return ()
        return tuple(
            self._dose(day, place)
            for day in range(self.steps_with_dose * STEP_DAYS)[: self.days]
            for place in range(doses_of(self.daily_doses[day // STEP_DAYS], self.doses_a_day))
            if self.luck.random() > SILENT_DOSE_CHANCE
        )

    def _dose(self, day: int, place: int) -> SimulatedDose:
        due = CLOCKS[doses_of(self.daily_doses[day // STEP_DAYS], self.doses_a_day)][place]
        hours = day * DAY + due
        missed = self._is_without(hours) or (self.kind == "bumpy" and self.luck.random() < 0.01)
        return SimulatedDose(day, place, "missed" if missed else "taken", self.luck.randint(-10, 50))

    def _is_without(self, hours: float) -> bool:
        """Between the stop (or the first forgotten dose) and the restart."""
        if self.trigger is None or self.restarted is None or self.kind not in WITHOUT_DOSES:
            return False
        return self.trigger <= hours < self.restarted

    # Logs ---------------------------------------------------------------------------------------

    def _logs(self) -> tuple[SimulatedLog, ...]:
        found = []
        for day in range(self.days):
            for clock in self._clocks(day):
                hours = day * DAY + clock
                if self._stage(hours) is not None or self.luck.random() > 0.06:
                    found.append(self._log(hours, is_night=clock < 6))
        return tuple(sorted(found, key=lambda log: log.hours))

    def _clocks(self, day: int) -> list[float]:
        night = [self.luck.uniform(2, 5)] if self.luck.random() < BAD_NIGHT_CHANCE else []
        morning = self.luck.uniform(7.5, 9.5)
        is_watched = day % STEP_DAYS < WATCHED_HOURS / DAY or self._stage(day * DAY + 20) is not None
        return [*night, morning, *([self.luck.uniform(19, 21)] if is_watched else [])]

    def _stage(self, hours: float) -> Stage | None:
        if self.illness is None or self.trigger is None or self.restarted is None or hours < self.trigger:
            return None
        return stage_at(self.illness, hours - self.trigger, self.restarted - self.trigger)

    def _log(self, hours: float, *, is_night: bool) -> SimulatedLog:
        stage = self._stage(hours)
        reporter = self._reporter(stage)
        answers: dict[str, Any] = {code: self._ordinary(code, hours) for code in USUAL}
        vitals = self._vital_signs(stage, hours)
        if is_night:
            answers |= {"insomnia": 3, "rebound_spasticity": min(self.usual["rebound_spasticity"] + 1, 4)}
        if stage is not None:
            answers |= stage.answers
            vitals |= stage.vital_signs
        return SimulatedLog(
            hours=round(hours, 3),
            reporter=reporter,
            answers={code: answer for code, answer in answers.items() if self._may_answer(code, reporter)},
            vital_signs=vitals,
            is_ill=self._is_ill(hours),
            shows_emergency=stage is not None and stage.is_emergency,
        )

    def _is_ill(self, hours: float) -> bool:
        if self.trigger is None or self.restarted is None:
            return False
        return self.trigger <= hours <= self.restarted + RECOVERED_AFTER_HOURS

    def _reporter(self, stage: Stage | None) -> str:
        if stage is not None and self.illness is not None and self.illness.observed_by != "patient":
            return self.illness.observed_by
        if self.age < 16:
            return Reporter.CARER
        return Reporter.CARER if self.has_carer and self.luck.random() < 0.2 else Reporter.PATIENT

    def _ordinary(self, code: str, hours: float) -> Any:
        if not self._is_graded(code):
            return False
        if self.luck.random() < UNANSWERED_CHANCE:
            return str(Unanswered.CANNOT_ANSWER)
        grade = self.usual.get(code, 0)
        after_step = hours % (STEP_DAYS * DAY) < WATCHED_HOURS and hours >= STEP_DAYS * DAY
        if code in self.usual and self.kind == "bumpy" and after_step and self.luck.random() < 0.5:
            grade += 1
        elif code in self.usual and self.luck.random() < 0.12:
            grade += self.luck.choice((-1, 1))
        return max(0, min(3, grade))

    def _vital_signs(self, stage: Stage | None, hours: float) -> dict[str, float]:
        is_infected = self.infected[0] <= hours < self.infected[1]
        if stage is None and not is_infected and self.luck.random() > 0.35:
            return {}
        is_warm = is_infected or (stage is None and self.luck.random() < FEVER_CHANCE)
        temperature = self.luck.gauss(38.5, 0.4) if is_warm else self.luck.gauss(36.8, 0.2)
        found = {"temperature_c": round(temperature, 1)}
        if "heart_rate_bpm" in self.usual_signs:
            pulse = self.luck.gauss(self.usual_signs["heart_rate_bpm"], 6) + (16 if is_infected else 0)
            found["heart_rate_bpm"] = float(round(pulse))
        if "bp_systolic_mmhg" in self.usual_signs and self.luck.random() < 0.5:
            for code, spread in (("bp_systolic_mmhg", 6), ("bp_diastolic_mmhg", 4)):
                found[code] = float(round(self.luck.gauss(self.usual_signs[code], spread)))
        return found

    def _is_graded(self, code: str) -> bool:
        return self.catalogue.symptoms[code].is_graded

    def _may_answer(self, code: str, reporter: str) -> bool:
        return reporter in self.catalogue.symptoms[code].reported_by


def _whole_seconds(hours: float) -> float:
    """Comes back from the database as the same number: an alert raised at the very moment is not before it."""
    return round(hours * 3600) / 3600
