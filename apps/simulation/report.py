"""How often simulated people were alerted, and whether in time: plain counts over a truth that no rule was told.

What was raised comes from the records; this module only counts. Hours are those of the simulated person."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from apps.simulation.courses import RECOVERED_AFTER_HOURS
from apps.simulation.people import SimulatedPatient

URGENT, EMERGENCY = 2, 3
DAYS_A_WEEK = 7
UNEVENTFUL = "uneventful"
CHRONIC_SPASMS = 2
"""Spasms of this grade before the taper began."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert that opened or got worse: what a person on the ward was told anew."""

    number: int
    """Of the simulated person."""
    pattern: str
    level: int
    hours: float


@dataclass(frozen=True, slots=True)
class Rate:
    """Alerts while nothing was wrong: `level` 1-3."""

    kind: str
    pattern: str
    level: int
    count: int
    patient_weeks: float

    @property
    def per_patient_week(self) -> float:
        return self.count / self.patient_weeks


@dataclass(frozen=True, slots=True)
class Noise:
    """Everything that was raised on one kind of course outside an illness."""

    kind: str
    people: int
    patient_weeks: float
    watch_per_patient_week: float
    urgent_or_above_per_patient_week: float
    by_pattern: tuple[Rate, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What became of the illnesses of one kind."""

    kind: str
    ill: int
    own_pattern: int
    """Alerted for the pattern they truly had, at any level."""
    urgent_or_above: int
    """Alerted by any pattern, urgent or above."""
    median_lead_hours: float | None
    """From the first alert, urgent or above, to the onset; below 0: that much after it. None: none alerted."""
    emergencies: int
    """People of whom some log shows an emergency."""
    in_time: int
    """… alerted as an emergency at or before the first such log."""


@dataclass(frozen=True, slots=True)
class Report:
    days: int
    noise: tuple[Noise, ...]
    uneventful: tuple[Noise, ...]
    """The uneventful ones once more, by how they take baclofen and by their usual spasms."""
    found: tuple[Found, ...]


def report(people: Sequence[SimulatedPatient], raised: Iterable[Raised], *, days: int) -> Report:
    by_person: dict[int, list[Raised]] = {person.number: [] for person in people}
    for one in raised:
        by_person[one.number].append(one)
    kinds = sorted({person.kind for person in people})
    groups = [(kind, [person for person in people if person.kind == kind]) for kind in kinds]
    return Report(
        days=days,
        noise=tuple(_noise(kind, group, by_person, days) for kind, group in groups),
        uneventful=tuple(_noise(kind, group, by_person, days) for kind, group in _uneventful(people)),
        found=tuple(_found(kind, group, by_person) for kind, group in groups if group[0].truth),
    )


def _uneventful(people: Sequence[SimulatedPatient]) -> list[tuple[str, list[SimulatedPatient]]]:
    calm = [person for person in people if person.kind == UNEVENTFUL]
    groups = {"by pump": [person for person in calm if person.has_pump]}
    for count in sorted({person.doses_a_day for person in calm if not person.has_pump}):
        groups[f"{count} doses a day"] = [
            person for person in calm if not person.has_pump and person.doses_a_day == count
        ]
    groups["spasms as usual"] = [
        person for person in calm if person.baseline.get("rebound_spasticity", 0) >= CHRONIC_SPASMS
    ]
    return [(kind, group) for kind, group in groups.items() if group]


def _noise(kind: str, group: Sequence[SimulatedPatient], by_person: dict[int, list[Raised]], days: int) -> Noise:
    weeks = sum(days / DAYS_A_WEEK - _weeks_ill(person, days) for person in group)
    counts = Counter(
        (one.pattern, one.level)
        for person in group
        for one in by_person[person.number]
        if not _is_ill(person, one.hours)
    )
    return Noise(
        kind=kind,
        people=len(group),
        patient_weeks=weeks,
        watch_per_patient_week=sum(n for (_, level), n in counts.items() if level < URGENT) / weeks,
        urgent_or_above_per_patient_week=sum(n for (_, level), n in counts.items() if level >= URGENT) / weeks,
        by_pattern=tuple(Rate(kind, *key, counts[key], weeks) for key in sorted(counts)),
    )


def _span(person: SimulatedPatient) -> tuple[float, float] | None:
    if person.truth is None:
        return None
    return person.truth.trigger_hours, person.truth.restarted_hours + RECOVERED_AFTER_HOURS


def _is_ill(person: SimulatedPatient, hours: float) -> bool:
    span = _span(person)
    return span is not None and span[0] <= hours <= span[1]


def _weeks_ill(person: SimulatedPatient, days: int) -> float:
    span = _span(person)
    if span is None:
        return 0.0
    return max(min(span[1], days * 24.0) - span[0], 0.0) / (24 * DAYS_A_WEEK)


def _found(kind: str, group: Sequence[SimulatedPatient], by_person: dict[int, list[Raised]]) -> Found:
    ill = [(person, [one for one in by_person[person.number] if _is_ill(person, one.hours)]) for person in group]
    leads = [lead for person, told in ill if (lead := _lead_hours(person, told)) is not None]
    shown = [(first, told) for person, told in ill if (first := _first_emergency(person)) is not None]
    return Found(
        kind=kind,
        ill=len(ill),
        own_pattern=sum(_has_own(person, told) for person, told in ill),
        urgent_or_above=len(leads),
        median_lead_hours=median(leads) if leads else None,
        emergencies=len(shown),
        in_time=sum(any(one.level >= EMERGENCY and one.hours <= first for one in told) for first, told in shown),
    )


def _has_own(person: SimulatedPatient, told: Iterable[Raised]) -> bool:
    return person.truth is not None and any(one.pattern == person.truth.pattern for one in told)


def _lead_hours(person: SimulatedPatient, told: Iterable[Raised]) -> float | None:
    first = min((one.hours for one in told if one.level >= URGENT), default=None)
    return None if first is None or person.truth is None else person.truth.onset_hours - first


def _first_emergency(person: SimulatedPatient) -> float | None:
    return min((log.hours for log in person.logs if log.shows_emergency), default=None)
