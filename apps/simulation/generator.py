"""Believable tapers from a seed: plain values, no database, no clock. The same seed gives the same people.

Time is in hours from the first midnight of the taper. docs/simulation.md says what is modelled."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.rules.catalogue import Catalogue
from apps.rules.types import Reporter, Unanswered
from apps.simulation.courses import ILLNESSES, Illness, Stage, stage_at

DAY = 24.0
STEP_DAYS = 7
WATCHED_HOURS = 72.0
"""After a step or a missed dose logs are asked for twice a day."""
KINDS: Mapping[str, int] = {"uneventful": 9, "bumpy": 6} | dict.fromkeys(ILLNESSES, 1)
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
ORAL_TAPERS = ((30, 5), (45, 5), (60, 5), (75, 5), (80, 5), (90, 10))
PUMP_TAPERS = ((150, 10), (200, 15), (300, 25))
"""(first dose, less with each step): mg a day in halves of a 10 mg tablet; microgram a day."""
STEPS_AHEAD = 4
"""The plan goes on after the last simulated day."""
UNANSWERED_CHANCE = 0.02
FEVER_CHANCE = 0.004
"""An ordinary infection on any day, without withdrawal."""


@dataclass(frozen=True, slots=True)
class SimulatedLog:
    hours: float
    reporter: str
    answers: Mapping[str, Any]
    vital_signs: Mapping[str, float] = field(default_factory=dict)
    """In the catalogue's own units."""


@dataclass(frozen=True, slots=True)
class SimulatedDose:
    """What was said of one due dose: the `place`-th of a day of the taper."""

    day: int
    place: int
    status: str
    late_minutes: int


@dataclass(frozen=True, slots=True)
class SimulatedEvent:
    hours: float
    door: str
    """"supply" or "pump"."""
    kind: str
    ended_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What is really so, and what no rule is told."""

    pattern: str
    onset_hours: float
    restarted_hours: float | None


@dataclass(frozen=True, slots=True)
class SimulatedPatient:
    number: int
    kind: str
    age_years: int
    has_pump: bool
    daily_doses: tuple[int, ...]
    """mg a day by mouth or microgram a day by pump, one entry for each step of STEP_DAYS days."""
    doses_a_day: int
    use_days: int
    risk_factors: tuple[str, ...]
    baseline: Mapping[str, int]
    logs: tuple[SimulatedLog, ...]
    doses: tuple[SimulatedDose, ...]
    events: tuple[SimulatedEvent, ...]
    truth: Truth | None


def simulate(
    *,
    patients: int,
    days: int,
    seed: int,
    catalogue: Catalogue,
    kinds: Sequence[str] | None = None,
    ill_now: bool = False,
) -> list[SimulatedPatient]:
    """`kinds` fixes the courses in turn; `ill_now` puts illnesses at the end, unmended, instead of on any day."""
    if patients < 1 or days < 1:
        raise ValueError("there must be at least one patient and one day")
    found = []
    for number in range(patients):
        # One stream for each person: adding people changes nobody who was there before.
        luck = random.Random(f"{seed}:{number}")  # noqa: S311
        kind = kinds[number % len(kinds)] if kinds else luck.choices(list(KINDS), list(KINDS.values()))[0]
        found.append(_Person(number, kind, days, luck, catalogue, ill_now).patient())
    return found


class _Person:
    """Draws one person's weeks in a fixed order."""

    def __init__(
        self, number: int, kind: str, days: int, luck: random.Random, catalogue: Catalogue, ill_now: bool
    ) -> None:
        self.number, self.kind, self.days, self.luck, self.catalogue = number, kind, days, luck, catalogue
        self.illness: Illness | None = ILLNESSES.get(kind)
        self.has_pump = kind == "pump_failure" or (kind not in ("abrupt_stop", "toxicity") and luck.random() < 0.2)
        is_child = self.has_pump and luck.random() < 0.3
        self.age = luck.randint(9, 15) if is_child else luck.randint(22, 81)
        self.has_carer = is_child or luck.random() < 0.3
        self.doses_a_day = luck.choice((2, 3, 3, 4))
        self.usual = {
            "rebound_spasticity": luck.choice((0, 1, 1, 2)),
            "hypertonia": luck.choice((0, 1, 1, 2)),
            "insomnia": luck.choice((0, 0, 1)),
            "anxiety": luck.choice((0, 0, 1)),
        }
        start, step = luck.choice(PUMP_TAPERS if self.has_pump else ORAL_TAPERS)
        count = -(-days // STEP_DAYS) + STEPS_AHEAD
        self.daily_doses = tuple(max(start - step * number, step) for number in range(count))
        self.trigger = self._trigger(ill_now)
        self.restarted = None if self.trigger is None or ill_now else self.trigger + luck.uniform(36, 60)

    def _trigger(self, ill_now: bool) -> float | None:
        if self.illness is None:
            return None
        end = self.days * DAY
        if ill_now:
            return end - self.illness.stages[-1].after_hours - self.luck.uniform(1.0, 3.0)
        return self.luck.uniform(min(3 * DAY, end / 4), max(end - 6 * DAY, end / 3))

    def patient(self) -> SimulatedPatient:
        doses = self._doses()
        logs = self._logs()
        return SimulatedPatient(
            number=self.number,
            kind=self.kind,
            age_years=self.age,
            has_pump=self.has_pump,
            daily_doses=self.daily_doses,
            doses_a_day=self.doses_a_day,
            use_days=self.luck.randint(120, 6000),
            risk_factors=("epilepsy",) if self.kind == "seizure_risk" else (),
            baseline={code: self.usual.get(code, 0) for code in USUAL if self._is_graded(code)},
            logs=logs,
            doses=doses,
            events=self._events(),
            truth=self._truth(),
        )

    def _truth(self) -> Truth | None:
        if self.illness is None or self.trigger is None:
            return None
        return Truth(self.illness.pattern, self.trigger + self.illness.onset_hours, self.restarted)

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
            for day in range(self.days)
            for place in range(self.doses_a_day)
            if self.luck.random() > 0.04  # of the rest nobody says anything
        )

    def _dose(self, day: int, place: int) -> SimulatedDose:
        hours = (day + (place + 0.5) / self.doses_a_day) * DAY
        missed = self._is_without(hours) or (self.kind == "bumpy" and self.luck.random() < 0.01)
        return SimulatedDose(day, place, "missed" if missed else "taken", self.luck.randint(-10, 50))

    def _is_without(self, hours: float) -> bool:
        """Between the stop (or the first forgotten dose) and the restart."""
        if self.trigger is None or self.kind not in ("abrupt_stop", "delirium", "hyperthermia", "seizure_risk"):
            return False
        return hours >= self.trigger and (self.restarted is None or hours < self.restarted)

    # Logs ---------------------------------------------------------------------------------------

    def _logs(self) -> tuple[SimulatedLog, ...]:
        found = []
        for day in range(self.days):
            for clock in self._clocks(day):
                hours = day * DAY + clock
                is_ill = self._stage(hours) is not None
                if hours < self.days * DAY and (is_ill or self.luck.random() > 0.06):
                    found.append(self._log(hours))
        if self.trigger is not None and self.restarted is None:
            found.append(self._log(self.days * DAY - 0.2))
        return tuple(sorted(found, key=lambda log: log.hours))

    def _clocks(self, day: int) -> list[float]:
        morning = self.luck.uniform(7.5, 9.5)
        is_watched = day % STEP_DAYS < WATCHED_HOURS / DAY or self._stage(day * DAY + 20) is not None
        return [morning, self.luck.uniform(19, 21)] if is_watched else [morning]

    def _stage(self, hours: float) -> Stage | None:
        if self.illness is None or self.trigger is None or hours < self.trigger:
            return None
        return stage_at(
            self.illness, hours - self.trigger, None if self.restarted is None else self.restarted - self.trigger
        )

    def _log(self, hours: float) -> SimulatedLog:
        stage = self._stage(hours)
        reporter = self._reporter(stage)
        answers: dict[str, Any] = {code: self._ordinary(code, hours) for code in USUAL}
        vitals = self._vital_signs(stage)
        if stage is not None:
            answers |= stage.answers
            vitals |= stage.vital_signs
        asked = {code: answer for code, answer in answers.items() if self._may_answer(code, reporter)}
        return SimulatedLog(round(hours, 3), reporter, asked, vitals)

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

    def _vital_signs(self, stage: Stage | None) -> dict[str, float]:
        if stage is None and self.luck.random() > 0.35:
            return {}
        fever = stage is None and self.luck.random() < FEVER_CHANCE
        found = {"temperature_c": round(self.luck.gauss(38.4 if fever else 36.8, 0.2), 1)}
        if self.age >= 16:
            found["heart_rate_bpm"] = float(round(self.luck.gauss(76, 7)))
        return found

    def _is_graded(self, code: str) -> bool:
        return self.catalogue.symptoms[code].is_graded

    def _may_answer(self, code: str, reporter: str) -> bool:
        return reporter in self.catalogue.symptoms[code].reported_by
