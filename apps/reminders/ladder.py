"""Who is to be reminded of a log and when: asked, asked once more, then the carers. The next step is not here:
that nothing was heard is an alert for a nurse (`apps.monitoring.silence`).

Instants in and out. A daily log is a matter of the wall clock (“each morning, unless that day has its log”), so it
stays at nine when clocks change or somebody travels; every twelve or four hours is a matter of elapsed time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.core.days import local_day, local_instant
from apps.reminders import times
from apps.reminders.models import Reminder

DAILY_HOURS = 24
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Habits:
    """When somebody wants to be reminded, by the clock of `zone`."""

    zone: str
    morning: time = times.MORNING
    quiet_from: time = times.QUIET_FROM
    quiet_until: time = times.QUIET_UNTIL

    def is_quiet(self, at: datetime) -> bool:
        clock = at.astimezone(ZoneInfo(self.zone)).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until

    def out_of_quiet(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours that it falls into."""
        if not self.is_quiet(at):
            return at
        return self._next(self.quiet_until, at)

    def next_quiet(self, at: datetime) -> datetime | None:
        """When quiet hours begin next after `at`; None: they never do."""
        return None if self.quiet_from == self.quiet_until else self._next(self.quiet_from, at)

    def _next(self, clock: time, after: datetime) -> datetime:
        day = local_day(after, self.zone)
        candidates = (local_instant(day + timedelta(days=more), clock, self.zone) for more in (0, 1, 2))
        return next(moment for moment in candidates if moment > after)


@dataclass(frozen=True, slots=True)
class Silence:
    heard_at: datetime
    due_at: datetime
    """When the next log is due."""
    every_hours: int

    @property
    def is_daily(self) -> bool:
        return self.every_hours >= DAILY_HOURS

    @property
    def asked_until(self) -> datetime:
        return self.due_at + times.ASKED_FOR


@dataclass(frozen=True, slots=True)
class Rung:
    kind: Reminder.Kind
    turn: int
    at: datetime
    expires_at: datetime


def rungs(silence: Silence, patient: Habits, carer: Habits | None) -> list[Rung]:
    """For the patient (`carer` is None) or for one carer, by their own quiet hours; in order, none overlapping."""
    made = _daily(silence, patient, carer) if silence.is_daily else _watched(silence, carer)
    found = sorted(made, key=lambda rung: rung.at)
    ends = [following.at for following in found[1:]] + [silence.asked_until]
    ended = [
        Rung(rung.kind, rung.turn, rung.at, min(rung.expires_at, end))
        for rung, end in zip(found, ends, strict=True)
    ]
    return [rung for rung in ended if rung.at < rung.expires_at]


def newest_due(found: list[Rung], at: datetime) -> Rung | None:
    """The one that is to go out now. Those before it are never caught up on."""
    return next((rung for rung in reversed(found) if rung.at <= at < rung.expires_at), None)


def next_after(found: list[Rung], at: datetime) -> datetime | None:
    return next((rung.at for rung in found if rung.at > at), None)


def _daily(silence: Silence, patient: Habits, carer: Habits | None) -> Iterator[Rung]:
    begins = _first_morning(silence, patient)
    gentle_at = max(begins + times.DAILY_GENTLE, silence.due_at + times.DAILY_GENTLE_PAST_DUE)
    carer_at = max(begins + times.DAILY_CARER, silence.due_at + times.DAILY_CARER_PAST_DUE)
    if carer is not None:
        yield _before_night(Reminder.Kind.CARER, 0, carer.out_of_quiet(carer_at), carer)
        return
    yield _before_night(Reminder.Kind.ASKED, 0, begins, patient)
    yield _before_night(Reminder.Kind.GENTLE, 0, patient.out_of_quiet(gentle_at), patient)
    for turn in range(1, times.ASKED_FOR // A_DAY + 1):
        morning = _morning(silence, patient, turn)
        if morning < silence.asked_until:
            yield _before_night(Reminder.Kind.ASKED, turn, morning, patient)


def _first_morning(silence: Silence, habits: Habits) -> datetime:
    morning = _morning(silence, habits, 0)
    if morning <= silence.due_at + times.MORNING_MAY_WAIT:
        return morning
    return habits.out_of_quiet(silence.due_at)


def _morning(silence: Silence, habits: Habits, turn: int) -> datetime:
    """Of the day after that in which somebody was last heard; not of that day, of which there is a log."""
    day = local_day(silence.heard_at, habits.zone) + timedelta(days=1 + turn)
    return local_instant(day, habits.morning, habits.zone)


def _before_night(kind: Reminder.Kind, turn: int, at: datetime, habits: Habits) -> Rung:
    """A phone that was off all day does not speak of it at night."""
    night = habits.next_quiet(at)
    expires = at + times.DAILY_EXPIRES
    return Rung(kind, turn, at, expires if night is None else min(expires, night))


def _watched(silence: Silence, carer: Habits | None) -> Iterator[Rung]:
    """By night too: what is watched for shows itself within hours."""
    due = silence.due_at
    if carer is not None:
        yield _for_hours(Reminder.Kind.CARER, 0, due + times.WATCHED_CARER)
        return
    yield _for_hours(Reminder.Kind.ASKED, 0, due)
    yield _for_hours(Reminder.Kind.GENTLE, 0, due + times.WATCHED_GENTLE)
    every = timedelta(hours=silence.every_hours)
    for turn in range(1, times.ASKED_FOR // every):
        yield _for_hours(Reminder.Kind.ASKED, turn, due + turn * every)


def _for_hours(kind: Reminder.Kind, turn: int, at: datetime) -> Rung:
    return Rung(kind, turn, at, at + times.WATCHED_EXPIRES)
