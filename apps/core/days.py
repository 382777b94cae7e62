"""The patient's own day. Instants are stored in UTC; only "today", "08:00" and "last night" are local."""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("%(name)s is not a known time zone."), params={"name": name})


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """By which clock somebody lives and since when, in order. The first zone holds for all time before, too."""

    zones: tuple[tuple[datetime, str], ...]

    def spans(self, since: datetime, until: datetime) -> Iterator[tuple[str, datetime, datetime]]:
        """(zone, from, to) for each part of (since, until]; parts meet and do not overlap."""
        for place, (_from, zone) in enumerate(self.zones):
            begins = since if place == 0 else max(since, self.zones[place][0])
            ends = until if place + 1 == len(self.zones) else min(until, self.zones[place + 1][0])
            if begins < ends:
                yield zone, begins, ends


def local_day(at: datetime, zone: str) -> date:
    return at.astimezone(zoneinfo.ZoneInfo(zone)).date()


def local_instant(day: date, clock: time, zone: str) -> datetime:
    """The instant of a wall-clock time. In the hour that a clock change skips, the moment the clocks
    jump to; in the hour it repeats, the first of the two."""
    there = datetime.combine(day, clock, tzinfo=zoneinfo.ZoneInfo(zone))
    return there.astimezone(UTC)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """Start and end of a local day: 23, 24 or 25 hours apart."""
    return local_instant(day, time(0), zone), local_instant(day + timedelta(days=1), time(0), zone)


def to_t(at: datetime) -> float:
    """Hours since the Unix epoch: how the rules count time."""
    return at.timestamp() / 3600.0


def from_t(t: float) -> datetime:
    return datetime.fromtimestamp(t * 3600.0, tz=UTC)
