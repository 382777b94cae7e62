"""What a catalogue holds: questions, vital signs, patterns, rules, texts and sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from apps.rules.conditions import Condition
from apps.rules.types import Level, Reporter

GROUPS = ("core", "extended", "toxicity", "staff")
MEASURES = ("severity", "yes_no", "avpu", "score", "vital_sign", "lab", "derived")
"""vital_sign, lab and derived items are decided from a reading; a grade may be given where there is none."""
GRADED = frozenset({"severity", "vital_sign", "lab", "derived"})
DOMAINS = (
    "cognition",
    "perceptual",
    "autonomic",
    "neuropsychiatric",
    "neuromuscular",
    "sleep",
    "other",
)
WORST_GRADE = 4


@dataclass(frozen=True, slots=True)
class Code:
    """A terminology code with how sure it is; only "high" may be sent out as fact."""

    system: str
    code: str
    confidence: str

    @property
    def may_be_sent(self) -> bool:
        return self.confidence == "high"


@dataclass(frozen=True, slots=True)
class Symptom:
    """One item that can be answered."""

    code: str
    label: str
    question: str
    clinical_label: str
    domain: str
    group: str
    reported_by: frozenset[Reporter]
    measure: str
    anchors: tuple[str, ...] = ()
    """Wording of grades 0-4; empty where no anchors exist."""
    red_flag: bool = False
    codes: tuple[Code, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""
    vital_sign: str | None = None
    """The reading that decides this item, if it is a measured one."""
    asked_after: tuple[str, float] | None = None
    """(code, grade): ask only when that item was answered with at least this grade; 1 also means yes."""
    highest: int = WORST_GRADE
    frequency_percent: float | None = None
    """Share of the 23 reviewed psychiatric cases (Leo & Baer 2005)."""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    """Language -> {"label": …, "question": …}."""

    @property
    def is_graded(self) -> bool:
        return self.measure in GRADED

    @property
    def counts_as_withdrawal(self) -> bool:
        return self.group in ("core", "extended")


@dataclass(frozen=True, slots=True)
class AcceptedUnit:
    """canonical = (entered - minus) * multiply / divide."""

    unit: str
    minus: float = 0.0
    multiply: float = 1.0
    divide: float = 1.0

    def to_canonical(self, entered: float) -> float:
        return (entered - self.minus) * self.multiply / self.divide


@dataclass(frozen=True, slots=True)
class VitalSignDef:
    """One measured quantity. Beyond `plausible` an entry is refused, beyond `questioned` asked about."""

    code: str
    label: str
    question: str
    unit: str
    accepted_units: Mapping[str, AcceptedUnit]
    plausible: tuple[float, float]
    questioned: tuple[float, float]
    decimals: int
    sites: tuple[str, ...]
    better_sites: frozenset[str]
    reported_by: frozenset[Reporter]
    loinc: Code | None
    tag: str
    sources: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    code: str
    label: str
    description: str
    is_withdrawal: bool
    """Needs exposure to be called withdrawal; without, an alert reads "withdrawal not established"."""


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    pattern: str
    level: Level
    because: str
    tag: str
    source: tuple[str, ...]
    when: Condition
    note: str = ""
    ward_list_only: bool = False
    """Stays on the ward list and notifies nobody by itself."""


@dataclass(frozen=True, slots=True)
class LookAlikeDef:
    code: str
    label: str
    effect: str
    source: tuple[str, ...]
    when: Condition
    speaks_for: tuple[tuple[str, Condition], ...]
    speaks_against: tuple[tuple[str, Condition], ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """What a patient reads at once: plain, never reassuring, never a dose, always how to get help."""

    code: str
    headline: str
    text: str
    tag: str
    patterns: tuple[str, ...]
    level: Level


@dataclass(frozen=True, slots=True)
class Source:
    code: str
    citation: str
    where: str
    depth: str
