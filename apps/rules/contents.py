"""One version of the catalogue, checked and compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.rules.bands import bands_by_name
from apps.rules.combinations import Defined
from apps.rules.compiling import Decide, all_parts, definition_names, function_of, rules_source
from apps.rules.conditions import Condition
from apps.rules.deciding import Decider
from apps.rules.definitions import (
    Advice,
    LookAlikeDef,
    Pattern,
    Rule,
    Source,
    Symptom,
    VitalSignDef,
)
from apps.rules.frame import Frame, make_frame
from apps.rules.settings import Settings
from apps.rules.types import Level, Undecided
from apps.rules.values import LimitTable, Value


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Everything that one version of the catalogue says. Compared by identity: a version is one object."""

    version: str
    sha256: str
    title: str
    symptoms: Mapping[str, Symptom]
    vital_signs: Mapping[str, VitalSignDef]
    patterns: Mapping[str, Pattern]
    rules: tuple[Rule, ...]
    """Most urgent first, then as written."""
    look_alikes: tuple[LookAlikeDef, ...]
    advice: Mapping[str, Advice]
    sources: Mapping[str, Source]
    values: Mapping[str, Value]
    limits: LimitTable
    definitions: Mapping[str, Defined]
    risk_factors: Mapping[str, str]
    confounders: Mapping[str, str]
    sign_off: tuple[str, ...]
    """Points that a clinical lead still has to decide."""
    settings: Settings
    decide: Decider = field(init=False, repr=False)
    decide_floor: Decide = field(init=False, repr=False)
    frame: Frame = field(init=False, repr=False)
    definition_names: tuple[str, ...] = field(init=False, repr=False)
    definition_places: Mapping[str, int] = field(init=False, repr=False)
    """Definition -> where its two answers stand among the states that `decide` gives."""
    undecided_seen: dict[object, tuple[Undecided, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        when = [rule.when for rule in self.rules]
        floor: list[Condition] = [rule.when for rule in self.rules if rule.level is Level.EMERGENCY]
        put = object.__setattr__
        put(self, "decide", Decider(when))
        names = definition_names(when)
        put(self, "definition_names", names)
        put(self, "definition_places", {name: 2 * place for place, name in enumerate(names)})
        put(self, "decide_floor", function_of(rules_source(floor, undecided=False)))
        bands = bands_by_name(all_parts(when))
        put(self, "frame", make_frame(self.symptoms, self.vital_signs, self.settings, self.limits, bands))

    def value(self, name: str) -> float:
        """A named number of this version, in the unit it is written with."""
        return self.values[name].value
