"""Whom to tell, and when, while nobody has taken an alert. All of it is a choice of this project, to be signed off
by the ward: the paces come from the nurse's journey (3, 6 and 10 minutes) and from the level's own time
("urgent" = a clinician within 1 hour). A "watch" stays on the board and tells nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from apps.alerts.models import Level
from apps.wards.models import Job

TAG = "project choice"


@dataclass(frozen=True, slots=True)
class Ladder:
    rungs: tuple[tuple[timedelta, Job], ...]
    """(time since the alert rose, whom)."""
    repeat_last_every: timedelta
    """After the last rung, the same people again and again: no alert ends in silence."""
    acknowledgement_holds: timedelta
    """Taken, but without an outcome for this long: nobody has it any more."""


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


LADDERS: Mapping[int, Ladder] = {
    Level.EMERGENCY: Ladder(
        rungs=(
            (_minutes(0), Job.NURSE),
            (_minutes(3), Job.NURSE),
            (_minutes(6), Job.DOCTOR),
            (_minutes(10), Job.NURSE_IN_CHARGE),
        ),
        repeat_last_every=_minutes(5),
        acknowledgement_holds=_minutes(20),
    ),
    Level.URGENT: Ladder(
        rungs=(
            (_minutes(0), Job.NURSE),
            (_minutes(20), Job.NURSE),
            (_minutes(40), Job.DOCTOR),
            (_minutes(60), Job.NURSE_IN_CHARGE),
        ),
        repeat_last_every=_minutes(30),
        acknowledgement_holds=_minutes(480),
    ),
}
