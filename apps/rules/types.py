"""What the rules are told and what they answer: frozen, plain, no Django, no clock.

Every instant is a float: hours since the Unix epoch, UTC ("t"). Differences are then hours, daylight
saving cannot bend them, and the same numbers serve Python, JSON and the browser.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple


class Level(IntEnum):
    WATCH = 1
    URGENT = 2
    EMERGENCY = 3


class Reporter(StrEnum):
    PATIENT = "patient"
    CARER = "carer"
    STAFF = "staff"
    SYSTEM = "system"


class Unanswered(StrEnum):
    """An answer that is not a grade. It is recorded, it has a meaning, it is never zero."""

    CANNOT_ANSWER = "cannot_answer"
    REFUSED = "refused"
    ASLEEP = "asleep"
    TOO_UNWELL = "too_unwell"
    TOO_CONFUSED = "too_confused"


# A severity is 0-4, a yes/no item a bool, AVPU one of "A" "V" "P" "U", else an Unanswered.
Answer = int | bool | str


@dataclass(frozen=True, slots=True)
class VitalSign:
    """One reading in the catalogue's canonical unit (degC, /min, mmHg, %, U/L …)."""

    value: float
    site: str | None = None


@dataclass(frozen=True, slots=True)
class LogFacts:
    id: str
    t: float
    """Hours since the epoch at which it was observed."""
    reporter: Reporter
    answers: Mapping[str, Answer]
    vital_signs: Mapping[str, VitalSign] = field(default_factory=dict)
    _read: Any = field(init=False, default=None, repr=False, compare=False)
    """What a catalogue's reader has made of it; see log_reading.py. Neither copied to another log nor kept with
    stored facts: orjson leaves out what begins with an underscore."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of supply (or an event that counts as one). `kind` uses the words of docs/rules.md:
    dose_reduced stopped dose_raised baclofen_started baclofen_restarted missed_dose oral_bridge_started
    pump_stopped pump_delivery_lost pump_alarm catheter_fault pump_removed pump_procedure pump_reprogrammed
    reservoir_low refill_done refill_missed refill_failed pump_checked overdose hospital_transfer surgery
    birth mri pump_trauma
    """

    kind: str
    t: float
    route: str | None = None
    """"oral", "intrathecal" or "transplacental"."""
    fraction: float | None = None
    """Part of the daily dose taken away, 0-1; None where not known."""
    planned: bool | None = None
    last_step_of_plan: bool = False
    tone: str | None = None
    reservoir_ml: float | None = None
    count: int = 1
    ended_t: float | None = None
    """When it was mended or taken back; None = still so."""


@dataclass(frozen=True, slots=True)
class DoseFacts:
    route: str
    due_t: float | None
    taken_t: float | None
    status: str
    """"taken", "missed" or "unknown" (due, and nobody has said)."""
    amount: float | None = None
    """mg for oral, microgram for intrathecal."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What is prescribed at the time of evaluation."""

    routes: frozenset[str]
    daily_dose_oral_mg: float | None = None
    daily_dose_intrathecal_microgram: float | None = None
    doses_per_day: int | None = None
    use_days: int | None = None
    planned_total_days: int | None = None


@dataclass(frozen=True, slots=True)
class PumpFacts:
    """Dates that a pump clinic keeps. None = nobody has recorded it."""

    refill_due_t: float | None = None
    low_reservoir_t: float | None = None
    """When the reservoir is reckoned to reach its alarm volume."""
    refill_booked: bool | None = None
    service_end_t: float | None = None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    age_years: float | None = None
    population: str = "adult"
    """"adult", "child", "infant" or "newborn"."""
    has_pump: bool = False
    risk_factors: frozenset[str] = frozenset()
    confounders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """One log in its context. `logs` run from old to new and end with the log in hand; nothing in
    here is later than `t`. A thing that nobody told is absent, never zero."""

    t: float
    logs: tuple[LogFacts, ...]
    person: PersonFacts = PersonFacts()
    plan: PlanFacts | None = None
    changes: tuple[Change, ...] = ()
    doses: tuple[DoseFacts, ...] = ()
    baseline: Mapping[str, Answer] = field(default_factory=dict)
    """Before the taper began: code -> answer."""
    baseline_vital_signs: Mapping[str, float] = field(default_factory=dict)
    pump: PumpFacts | None = None


class Matched(NamedTuple):
    """One input that made a rule fire, in words a nurse can check."""

    code: str
    text: str
    value: str
    threshold: str
    log_id: str | None = None
    t: float | None = None


class Hit(NamedTuple):
    rule_id: str
    pattern: str
    level: Level
    because: str
    matched: tuple[Matched, ...]
    missing: tuple[str, ...]
    """Codes that were unknown and would have mattered."""
    source: tuple[str, ...]
    tag: str
    """"published", "project choice" or "to be checked"."""
    quiet: bool = False
    """Stays on the ward list and notifies nobody by itself."""


@dataclass(frozen=True, slots=True)
class Undecided:
    rule_id: str
    pattern: str
    level: Level
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class News2:
    """NEWS2 of the latest readings. Incomplete: `total` is "at least", and never shows that it is low."""

    total: int
    points: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class LookAlike:
    """Another illness that looks the same: flagged beside the alert, never instead of it."""

    code: str
    label: str
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


class Evaluation(NamedTuple):
    """What the rules say of one log. A named tuple because one is made for every log, in a third of the time."""

    catalogue_version: str
    hits: tuple[Hit, ...]
    """Most urgent first."""
    undecided: tuple[Undecided, ...]
    exposed: bool | None
    peak: bool | None
    score: int | None
    """BWDS; None when no domain was answered."""
    score_complete: bool
    unanswered_domains: tuple[str, ...]
    hours_since_last_dose: float | None
    confounders: tuple[str, ...] = ()
    news2: News2 | None = None
    """None under 16 years, or when no parameter is known."""
    look_alikes: tuple[LookAlike, ...] = ()
