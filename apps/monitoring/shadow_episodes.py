"""Firings reduced to the alerts that they would be, and two such courses of one patient compared. No database.

As in `alerts.raising`: one alert per patient and pattern, what fires again within EPISODE is the same alert, a
worse level raises it and a lesser one changes nothing. Two things differ, alike for both sides: nobody closes
anything here, and rules that stay on the ward list are kept apart from those that call somebody. Instants are
hours since the epoch."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.alerts.raising import EPISODE

EPISODE_HOURS = EPISODE.total_seconds() / 3600.0


@dataclass(frozen=True, slots=True)
class Firing:
    """All rules of one pattern that fired at one moment."""

    t: float
    level: int
    rules: tuple[str, ...]
    """Those of that level, sorted."""


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert. `rises`: its opening and each firing that brought it to a higher level."""

    rises: tuple[Firing, ...]
    last_t: float

    @property
    def opened_t(self) -> float:
        return self.rises[0].t

    @property
    def level(self) -> int:
        return self.rises[-1].level

    @property
    def reached_t(self) -> float:
        """When it came to its highest level."""
        return self.rises[-1].t


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    RAISED = "raised"
    LOWERED = "lowered"
    EARLIER = "earlier"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Track:
    """What is reduced together: one pattern, the calling rules or those of the ward list alone."""

    pattern: str
    quiet: bool


@dataclass(frozen=True, slots=True)
class Difference:
    kind: Kind
    track: Track
    old: Episode | None
    new: Episode | None
    hours: float | None
    """New less old, of the moment when the highest level was reached, else of the opening; below 0: earlier.
    None where only one side has an alert or their levels differ."""
    rules: tuple[str, ...]
    """Those whose firing, or no longer firing, makes the difference."""

    @property
    def level(self) -> int:
        """The higher of both sides."""
        return max(episode.level for episode in (self.old, self.new) if episode is not None)

    @property
    def t(self) -> float:
        """When the first of both sides began."""
        return min(episode.opened_t for episode in (self.old, self.new) if episode is not None)


def firings(hits: Iterable[Mapping[str, Any]], t: float) -> dict[Track, Firing]:
    """`hits` as an assessment keeps them."""
    found: dict[Track, dict[int, set[str]]] = {}
    for hit in hits:
        track = Track(hit["pattern"], bool(hit.get("quiet")))
        found.setdefault(track, {}).setdefault(int(hit["level"]), set()).add(hit["rule_id"])
    return {track: Firing(t, max(levels), tuple(sorted(levels[max(levels)]))) for track, levels in found.items()}


def episodes(course: Sequence[Firing]) -> tuple[Episode, ...]:
    """`course` in order of time."""
    found: list[Episode] = []
    for firing in course:
        if not found or firing.t > found[-1].last_t + EPISODE_HOURS:
            found.append(Episode((firing,), firing.t))
            continue
        now = found[-1]
        is_worse = firing.level > now.level
        found[-1] = Episode((*now.rises, firing) if is_worse else now.rises, firing.t)
    return tuple(found)


def compare(track: Track, old: Sequence[Episode], new: Sequence[Episode]) -> Iterator[Difference]:
    """Alerts that are the same moment of illness stand beside each other; the rest was added or removed."""
    for before, after in _pairs(old, new):
        if before is None and after is not None:
            yield Difference(Kind.ADDED, track, None, after, None, _all_rules(after))
        elif after is None and before is not None:
            yield Difference(Kind.REMOVED, track, before, None, None, _all_rules(before))
        elif before is not None and after is not None:
            yield from _compare_pair(track, before, after)


def _pairs(old: Sequence[Episode], new: Sequence[Episode]) -> Iterator[tuple[Episode | None, Episode | None]]:
    """In order of time, each used once; what overlaps, with its quiet tail, belongs together."""
    olds, news = list(old), list(new)
    while olds and news:
        if _overlap(olds[0], news[0]):
            yield olds.pop(0), news.pop(0)
        elif olds[0].opened_t < news[0].opened_t:
            yield olds.pop(0), None
        else:
            yield None, news.pop(0)
    yield from ((before, None) for before in olds)
    yield from ((None, after) for after in news)


def _overlap(one: Episode, other: Episode) -> bool:
    return one.opened_t <= other.last_t + EPISODE_HOURS and other.opened_t <= one.last_t + EPISODE_HOURS


def _compare_pair(track: Track, old: Episode, new: Episode) -> Iterator[Difference]:
    if new.level > old.level:
        yield Difference(Kind.RAISED, track, old, new, None, _rules_above(new, old.level))
    elif new.level < old.level:
        yield Difference(Kind.LOWERED, track, old, new, None, _rules_above(old, new.level))
    else:
        hours = (new.reached_t - old.reached_t) or (new.opened_t - old.opened_t)
        if hours:
            kind = Kind.EARLIER if hours < 0 else Kind.LATER
            yield Difference(kind, track, old, new, hours, _rules_of_shift(old, new, hours))


def _rules_of_shift(old: Episode, new: Episode, hours: float) -> tuple[str, ...]:
    """What fired first: on the new side when it is earlier, on the old side when it is later."""
    first = new if hours < 0 else old
    is_peak = new.reached_t != old.reached_t
    return first.rises[-1 if is_peak else 0].rules


def _rules_above(episode: Episode, level: int) -> tuple[str, ...]:
    return tuple(sorted({rule for rise in episode.rises if rise.level > level for rule in rise.rules}))


def _all_rules(episode: Episode) -> tuple[str, ...]:
    return tuple(sorted({rule for rise in episode.rises for rule in rise.rules}))
