"""Simulated people as plain values: what they are, what they say, and what is really so.

Time is in hours from the first midnight of the taper, by the person's own clock; readings are in the catalogue's
own units. Only `Truth` and the two marks on a log are never written down for any rule to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DAY = 24.0
CLOCKS: Mapping[int, tuple[int, ...]] = {0: (), 1: (9,), 2: (8, 20), 3: (8, 14, 20), 4: (8, 12, 16, 20)}
"""When the doses of a day are due, by how many there are."""
STEP_DAYS = 7
SMALLEST_DOSE_MG = 5
"""Half a tablet: as the daily dose goes down by mouth, so does the number of doses."""


@dataclass(frozen=True, slots=True)
class SimulatedLog:
    hours: float
    reporter: str
    answers: Mapping[str, Any]
    vital_signs: Mapping[str, float] = field(default_factory=dict)
    is_ill: bool = False
    """Truth: it was made during an illness, before or after the first signs of it."""
    shows_emergency: bool = False
    """Truth: what it says calls for help at once."""


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
    trigger_hours: float
    onset_hours: float
    """When a rule of the pattern could first know."""
    restarted_hours: float


@dataclass(frozen=True, slots=True)
class SimulatedPatient:
    number: int
    kind: str
    age_years: int
    has_pump: bool
    daily_doses: tuple[int, ...]
    """mg a day by mouth or microgram a day by pump, one entry for each step of STEP_DAYS days; 0 = taper over."""
    doses_a_day: int
    """By mouth, at the start."""
    use_days: int
    risk_factors: tuple[str, ...]
    baseline: Mapping[str, int]
    baseline_vital_signs: Mapping[str, float]
    logs: tuple[SimulatedLog, ...]
    doses: tuple[SimulatedDose, ...]
    events: tuple[SimulatedEvent, ...]
    truth: Truth | None

    def daily_dose_on(self, day: int) -> int:
        """Of the last step, once the steps have run out."""
        return self.daily_doses[min(day // STEP_DAYS, len(self.daily_doses) - 1)]

    def doses_on(self, day: int) -> int:
        return doses_of(self.daily_dose_on(day), self.doses_a_day)


def doses_of(daily_mg: int, most: int) -> int:
    """In how many doses a daily dose by mouth is taken; 0 of nothing."""
    return min(most, daily_mg // SMALLEST_DOSE_MG)
