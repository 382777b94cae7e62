"""What conditions measure, as Python expressions over one evaluation's facts."""

import re
from dataclasses import dataclass

from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.types import Reporter

DAY = 24.0
QUANTITY_KINDS = [
    "item",
    "vital",
    "rise",
    "base",
    "over_baseline",
    "above_baseline",
    "swing",
    "fall",
    "rise_6h",
    "fact",
]
_OF_A_PAIR = frozenset({"swing", "fall", "rise_6h"})
"""Unknown unless two logs of the last 24 h hold readings."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """Something that can be measured in the facts; `kind` says how (see QUANTITY_KINDS)."""

    kind: str
    name: str
    within: float = DAY
    """Hours looked back."""
    since: float = 0.0
    """Hours before now at which the window ends."""
    by: frozenset[str] = frozenset()
    """Reporters that count; empty = all."""
    bit: int = 0
    """Of an item: its place in the masks of grades (see grade_masks.py)."""

    @property
    def is_plain(self) -> bool:
        """Of the last 24 h, by any reporter."""
        return self.within == DAY and not self.since and not self.by

    def expressions(self) -> tuple[str, str]:
        """The lowest and the highest that it can be, given what is known."""
        if self.kind == "fact":
            fact = KNOWN_FACTS[self.name]
            return (fact.low, fact.high) if fact.asked_late else (f"f_{self.name}", f"h_{self.name}")
        if self.kind in ("item", "vital") and self.is_plain:
            found = f"{self.kind[0]}_{self.name}"
        elif self.kind in ("rise", "base"):
            found = self.call
        else:
            found = self.local
        return found, found

    @property
    def call(self) -> str:
        """How it is worked out, if it is no plain look-up."""
        by = tuple(sorted(self.by))
        return {
            "item": f"c.item({self.name!r}, {self.since!r}, {self.within!r}, {by!r})",
            "vital": f"c.vital({self.name!r}, {self.within!r}, {by!r})",
            "rise": f"c.rise({self.name!r})",
            "base": f"c.base({self.name!r})",
            "over_baseline": f"c.percent_over_baseline({self.name!r}, {by!r})",
            "above_baseline": f"c.above_baseline({self.name!r})",
            "swing": f"c.swing({self.name!r}, {by!r})",
            "fall": f"c.fall({self.name!r})",
            "rise_6h": f"c.rise_in_6_hours({self.name!r})",
        }[self.kind]

    @property
    def local(self) -> str:
        """The local name under which it is worked out once, however many conditions ask for it."""
        told = f"{self.kind}_{self.name}_{self.since:g}_{self.within:g}_{'_'.join(sorted(self.by))}"
        return "q_" + re.sub(r"\W", "_", told)

    @property
    def is_kept(self) -> bool:
        """Whether its value has a local name of its own. A rise and a usual grade have none: the masks spare
        their medians on almost every log."""
        return self.kind not in ("fact", "rise", "base") and not (self.kind in ("item", "vital") and self.is_plain)

    @property
    def kept(self) -> str:
        """`local = expression` that works it out only where it can be known."""
        if self.kind == "item":
            # Whatever is graded within 24 h is known; only a longer or an earlier window asks for more.
            if self.within > DAY or not self.bit:
                return f"{self.local} = {self.call}"
            others = "not only_patient and " if self.by and Reporter.PATIENT not in self.by else ""
            return f"{self.local} = {self.call} if {others}known & {self.bit} else NAN"
        if self.kind == "vital" and self.within > DAY:
            return f"{self.local} = {self.call}"
        several = " and several" if self.kind in _OF_A_PAIR else ""
        return f"{self.local} = {self.call} if v_{self.name} == v_{self.name}{several} else NAN"
