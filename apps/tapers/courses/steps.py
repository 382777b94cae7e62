from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class StepInput:
    """One daily dose for one stretch of time; `ends_at` None only for the last of a route."""

    route: str
    starts_at: datetime
    ends_at: datetime | None
    daily_dose: Decimal
    unit: str
    times_of_day: Sequence[time] = ()
    amounts: Sequence[Decimal] | None = None
    """mg at each of the times, in their order; None: shared out evenly."""
    made_of: Any = None
    """As `TaperStep.made_of`."""
    asked_dose: Decimal | None = None
    is_locked: bool = False
    """Foreseen, not prescribed: it waits to be released."""

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
