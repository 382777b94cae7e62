"""What an app above this one has the watches do besides their own work. It says so once, when it starts
(`AppConfig.ready`); this app need not know it (docs/adr/0018-reminders.md)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Round:
    name: str
    enrol: Callable[[datetime], object]
    """Every few seconds: find whom it newly concerns. Database only."""
    look: Callable[[datetime], object]
    """At each turn: do what is due. Database only; true when there may be more of it at once."""
    waits_to_send: Callable[[datetime], bool]
    send: Callable[[Callable[[], datetime]], object]
    """Speaks to others outside: runs in a thread that no alert waits for, with a clock of its own to read."""


ROUNDS: dict[str, Round] = {}


def register(added: Round) -> None:
    """A second one of the same name takes the place of the first."""
    ROUNDS[added.name] = added
