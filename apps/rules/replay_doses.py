"""Doses by mouth as a published case tells them: taken regularly until they stopped."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from apps.rules.types import DoseFacts, PlanFacts

ORAL = "oral"
EVERY_HOURS = 8.0
"""Three doses a day, the usual way of taking baclofen by mouth, where the case does not say."""
DAYS_BACK = 14


class Told(Protocol):
    """What is needed of an event."""

    @property
    def kind(self) -> str: ...
    @property
    def t(self) -> float: ...
    @property
    def words(self) -> Mapping[str, Any]: ...


def regular_doses(plan: PlanFacts | None, events: Sequence[Told], now: float) -> tuple[DoseFacts, ...]:
    """Taken until the last dose or the stop, missed after it until a restart or a bridge.

    Without either event nobody has said whether doses were taken, and none is listed.
    """
    begun_again = [e.t for e in events if e.kind in ("baclofen_restarted", "oral_bridge_started")]
    if plan is None or (ORAL not in plan.routes and not begun_again):
        return ()
    last = _last_dose(events) if ORAL in plan.routes else None
    resumed = min(begun_again, default=None)
    if last is None and resumed is None:
        return ()
    return tuple(_doses(last, resumed, now))


def _last_dose(events: Sequence[Told]) -> float | None:
    for kind in ("last_dose_taken", "stopped"):
        told = [event.t for event in events if event.kind == kind and _by_mouth(event)]
        if told:
            return max(told)
    return None


def _by_mouth(event: Told) -> bool:
    return event.words.get("route") in (None, ORAL)


def _doses(last: float | None, resumed: float | None, now: float) -> Iterator[DoseFacts]:
    if last is not None:
        due = last
        while due > last - DAYS_BACK * 24.0:
            yield DoseFacts(ORAL, due, due, "taken")
            due -= EVERY_HOURS
        due = last + EVERY_HOURS
        while due <= now and (resumed is None or due < resumed):
            yield DoseFacts(ORAL, due, None, "missed")
            due += EVERY_HOURS
    if resumed is not None:
        due = resumed
        while due <= now:
            yield DoseFacts(ORAL, due, due, "taken")
            due += EVERY_HOURS
