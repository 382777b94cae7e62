"""The three days after something changed in the supply of baclofen, in which withdrawal usually begins.

Worked out from the facts whenever asked, so a window opens with what was reported and closes by itself."""

from dataclasses import dataclass

from apps.rules.types import Change, Facts

WINDOW_HOURS = 72.0
"""The severe syndrome shows itself within 72 h of a reduction or stop (Spinal Cord 2009;47:477; Pediatr Neurol
2021;122:106). That refills, transfers and operations open one too is a project choice: each can interrupt the
supply."""
OPENING = frozenset(
    {
        "dose_reduced",
        "stopped",
        "missed_dose",
        "refill_done",
        "refill_missed",
        "refill_failed",
        "pump_procedure",
        "pump_reprogrammed",
        "pump_stopped",
        "pump_delivery_lost",
        "pump_removed",
        "pump_alarm",
        "catheter_fault",
        "hospital_transfer",
        "surgery",
        "birth",
    }
)


@dataclass(frozen=True, slots=True)
class WatchWindow:
    """Instants in hours since the epoch, as in the rules."""

    opened_t: float
    closes_t: float
    because: str
    """The kind of the change that keeps it open longest, in the words of docs/rules.md."""


def watch_window(facts: Facts) -> WatchWindow | None:
    """The window in which the moment of the facts lies, or None."""
    openings = [*_changes(facts), *_missed_doses(facts)]
    current = [(t, kind) for t, kind in openings if facts.t - WINDOW_HOURS <= t <= facts.t]
    if not current:
        return None
    latest, because = max(current)
    return WatchWindow(min(t for t, _kind in current), latest + WINDOW_HOURS, because)


def _changes(facts: Facts) -> list[tuple[float, str]]:
    return [(change.t, change.kind) for change in facts.changes if _opens(change)]


def _opens(change: Change) -> bool:
    return change.kind in OPENING


def _missed_doses(facts: Facts) -> list[tuple[float, str]]:
    return [
        (dose.due_t, "missed_dose") for dose in facts.doses if dose.status == "missed" and dose.due_t is not None
    ]
