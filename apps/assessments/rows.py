"""The arrays that `window.py` reads, as values. Instants come as seconds since the epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

from apps.core.days import Whereabouts, local_instant, to_t
from apps.rules.types import Change, LogFacts, PumpFacts, Reporter, VitalSign
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Route
from apps.tapers.timeline import StepValues, VersionValues

HOUR = 3600.0
NEWBORN_DAYS, INFANT_DAYS, ADULT_YEARS = 28, 365, 18
"""Up to 27 completed days, the first year, and the age of majority: usual definitions."""
_SUPPLY_KIND = {"missed_doses": "missed_dose"}
"""Where the records and the rules use different words."""


def version_values(row: list[Any]) -> VersionValues:
    number, kind, effective, _is_known, steps = row
    return VersionValues(
        number,
        kind,
        instant(effective),
        tuple(
            StepValues(
                step_number,
                route,
                instant(starts),
                None if ends is None else instant(ends),
                Decimal(daily_dose),
                tuple(time.fromisoformat(clock) for clock in times),
                None if amounts is None else tuple(Decimal(amount) for amount in amounts),
            )
            for step_number, route, starts, ends, daily_dose, times, amounts in steps or []
        ),
    )


def events(pump: list[Any], supply: list[Any]) -> list[Change]:
    found = [
        Change(
            kind,
            as_hours(occurred),
            Route.INTRATHECAL,
            tone=tone or None,
            reservoir_ml=None if reservoir is None else float(reservoir),
            ended_t=hours_or_none(ended),
        )
        for kind, occurred, ended, tone, reservoir in pump
    ]
    found += [
        Change(
            _SUPPLY_KIND.get(kind, kind),
            as_hours(occurred),
            route or None,
            fraction=None if fraction is None else float(fraction),
            planned=planned,
            count=count,
            ended_t=hours_or_none(ended),
        )
        for kind, occurred, ended, route, fraction, planned, count in supply
    ]
    return found


@dataclass(frozen=True, slots=True)
class DatesTold:
    """What a pump clinic held at one moment. Days are the patient's own."""

    told_at: datetime
    refill_due_on: date | None
    low_reservoir_on: date | None
    refill_booked: bool | None
    service_ends_on: date | None

    def facts(self, zone: str) -> PumpFacts:
        """Each day from its midnight in the patient's zone."""
        return PumpFacts(
            refill_due_t=_midnight(self.refill_due_on, zone),
            low_reservoir_t=_midnight(self.low_reservoir_on, zone),
            refill_booked=self.refill_booked,
            service_end_t=_midnight(self.service_ends_on, zone),
        )


def _midnight(day: date | None, zone: str) -> float | None:
    return None if day is None else to_t(local_instant(day, time(0), zone))


def whereabouts(changes: list[Any], zone: str) -> Whereabouts:
    """`changes`: (from when, zone before, zone), in order; `zone` counts where there is none."""
    begins = datetime.fromtimestamp(0, tz=UTC)
    first = changes[0][1] if changes else zone
    return Whereabouts(((begins, first), *((instant(since), after) for since, _before, after in changes)))


def dates_told(row: list[Any]) -> DatesTold:
    told, refill, low, booked, service = row
    return DatesTold(instant(told), _day(refill), _day(low), booked, _day(service))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def log_facts(row: list[Any]) -> LogFacts:
    log_id, observed, reporter, answers, vital_signs, _supersedes, _corrected_by = row
    return LogFacts(log_id, as_hours(observed), Reporter(reporter), answers, _readings(vital_signs))


def own_facts(log: SymptomLog) -> LogFacts:
    """One log as the rules are told it."""
    return LogFacts(
        str(log.pk),
        to_t(log.observed_at),
        Reporter(log.reporter),
        log.answers,
        _readings(log.vital_signs),
    )


def _readings(vital_signs: Mapping[str, Any]) -> dict[str, VitalSign]:
    return {code: VitalSign(float(reading["value"]), reading.get("site")) for code, reading in vital_signs.items()}


def age_years(birth_date: date, on: date) -> float:
    days = (on - birth_date).days
    if days < 730:
        return round(days / 365.25, 4)
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return float(on.year - birth_date.year - (0 if had_birthday else 1))


def population(age_days: int) -> str:
    if age_days < NEWBORN_DAYS:
        return "newborn"
    if age_days < INFANT_DAYS:
        return "infant"
    return "child" if age_days < ADULT_YEARS * 365.25 else "adult"


def loaded(value: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def as_list(value: Any) -> list[Any]:
    return loaded(value) or []


def hours_or_none(seconds: Any) -> float | None:
    return None if seconds is None else float(seconds) / HOUR


def as_hours(seconds: Any) -> float:
    return float(seconds) / HOUR


def instant(seconds: Any) -> datetime:
    return datetime.fromtimestamp(float(seconds), tz=UTC)
