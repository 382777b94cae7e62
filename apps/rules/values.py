"""Named numbers of a catalogue, and limits that depend on who the person is.

Every threshold is a value with a name, a tag and a source, so that a clinician can change it in one
place and staff can see whether it was published or is a choice of this project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import nan

PUBLISHED = "published"
PROJECT_CHOICE = "project choice"
TO_CHECK = "to be checked"
TAGS = (PUBLISHED, PROJECT_CHOICE, TO_CHECK)

ADULT_FROM_YEARS = 16
"""NEWS2 is for age 16 and over (RCP 2017); below it the table of children's ranges holds."""


@dataclass(frozen=True, slots=True)
class Value:
    """One number with its unit, tag and sources."""

    name: str
    value: float
    unit: str
    tag: str
    source: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class AgeBand:
    """One row of the children's table; ages in years, `until` not included."""

    name: str
    from_years: float
    until_years: float
    ends: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ChildLimit:
    """A limit below 16 years: one column of the table, times a factor."""

    column: str
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class LowBaseline:
    """Personal limit in spinal injury: baseline minus a margin, never under a floor."""

    sign: str
    below: float
    minus: float
    floor: float


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold. `adult` holds unless the person or the plan calls for another; NaN: children only."""

    name: str
    adult: float
    value_name: str
    child: ChildLimit | None = None
    once_daily: float | None = None
    low_baseline: LowBaseline | None = None

    @property
    def is_fixed(self) -> bool:
        return self.child is None and self.once_daily is None and self.low_baseline is None


SPINAL_INJURY = "spinal_injury_t6_or_above"


@dataclass(frozen=True, slots=True)
class LimitTable:
    """All limits that depend on the person, resolved for one person at a time."""

    limits: tuple[Limit, ...]
    bands: tuple[AgeBand, ...]
    _seen: dict[object, dict[str, float]] = field(default_factory=dict, compare=False)

    def resolve(
        self,
        *,
        population: str,
        age_years: float | None,
        asleep: bool,
        once_daily: bool,
        spinal_injury: bool,
        baseline: Mapping[str, float],
    ) -> dict[str, float]:
        """Limit name -> number; NaN where a child's age is not known."""
        personal = tuple(sorted(baseline.items())) if spinal_injury else ()
        key = (population, age_years, asleep, once_daily, personal)
        found = self._seen.get(key)
        if found is None:
            band = self.band(population, age_years)
            child = not is_adult(population, age_years)
            found = {
                limit.name: self._one(limit, child, band, asleep, once_daily, dict(personal))
                for limit in self.limits
            }
            if len(self._seen) > 4096:
                self._seen.clear()
            self._seen[key] = found
        return found

    def band(self, population: str, age_years: float | None) -> AgeBand | None:
        if age_years is None:
            age_years = {"newborn": 0.0, "infant": 0.5}.get(population)
        if age_years is None:
            return None
        for band in self.bands:
            if band.from_years <= age_years < band.until_years:
                return band
        return None

    @staticmethod
    def _one(
        limit: Limit,
        child: bool,
        band: AgeBand | None,
        asleep: bool,
        once_daily: bool,
        baseline: Mapping[str, float],
    ) -> float:
        if child and limit.child is not None:
            if band is None:
                return nan
            column = limit.child.column
            if asleep:
                column = column.replace("_awake", "_asleep")
            return band.ends[column] * limit.child.factor
        if once_daily and limit.once_daily is not None:
            return limit.once_daily
        if limit.low_baseline is not None:
            usual = baseline.get(limit.low_baseline.sign)
            if usual is not None and usual < limit.low_baseline.below:
                return max(limit.low_baseline.floor, usual - limit.low_baseline.minus)
        return limit.adult


def is_adult(population: str, age_years: float | None) -> bool:
    if age_years is not None:
        return age_years >= ADULT_FROM_YEARS
    return population == "adult"
