"""What one row of the board shows: frozen, in words, worked out from what was read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.models import Level
from apps.core.days import local_day
from apps.dashboards.board.need import (
    AlertState,
    Need,
    ReportState,
    Standing,
    is_past_time,
    is_silent,
    standing,
)
from apps.dashboards.board.reading import PatientRead
from apps.dashboards.wording import pattern_label, pattern_place, unit_words
from apps.symptoms.models import Reporter
from apps.tapers.models import PlanVersion, PumpEvent, Route, SupplyEvent

REASONS_SHOWN = 2
ORDINARY = (PlanVersion.Kind.START, PlanVersion.Kind.REVISE)
"""Versions whose steps are simply steps; the others have a name of their own."""
LEVEL_NAMES = {0: "none", Level.WATCH: "watch", Level.URGENT: "urgent", Level.EMERGENCY: "emergency"}


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One open alert as the board tells it."""

    id: UUID
    level: int
    pattern: str
    because: str
    """Why the most urgent rule fired, in a sentence."""
    reasons: tuple[str, ...]
    """What it matched, at most two."""
    reasons_left: int
    raised_at: datetime
    owner: str
    """Who has taken it; empty: nobody."""
    is_mine: bool
    taken_at: datetime | None
    is_past_time: bool
    asked: str
    """To whom it was passed on and who has not taken it yet; empty: to nobody by name."""
    silenced_until: datetime | None
    """Over, or not said: None."""
    silenced_by: str

    @property
    def stays_unowned(self) -> bool:
        """Nobody has taken it, and somebody has to: a watch waits for the shift's look, a silence for its end."""
        return not self.owner and self.level > Level.WATCH and self.silenced_until is None


@dataclass(frozen=True, slots=True)
class BoardRow:
    patient_id: UUID
    bed: str
    left_at: datetime | None
    """Not in any ward's care since; here because an alert is open."""
    name: str
    age: str
    need: Need
    level: int
    """The highest of the open alerts; 0 = none is open, which is not "well"."""
    alert: AlertLine | None
    """The alert that puts the patient in this place."""
    others: tuple[AlertLine, ...]
    last_log_at: datetime | None
    last_log_by: str
    came_late: bool
    """The newest log speaks of a time well before it came in."""
    log_is_overdue: bool
    log_is_unread: bool
    is_assessed: bool
    trend: str
    """ "up", "down", "same", or "" where two whole scores are not known."""
    score: int | None
    previous_score: int | None
    score_complete: bool
    takes_oral: bool
    """By the plan; without one, as far as anybody knows."""
    last_dose_at: datetime | None
    missed_doses: int
    plan: str
    doses: tuple[str, ...]
    step_waits: bool
    """A step waits for somebody to release it."""
    changed: str
    changed_at: datetime | None
    watched_until: datetime | None
    has_pump: bool
    pump: str
    pump_at: datetime | None
    pump_is_mended: bool
    order: tuple[object, ...]

    @property
    def lines(self) -> tuple[AlertLine, ...]:
        """Every open alert."""
        return (self.alert, *self.others) if self.alert else self.others

    @property
    def waits_for_somebody(self) -> bool:
        """An alert that somebody has to take and nobody has."""
        return any(line.stays_unowned for line in self.lines)

    @property
    def others_to_name(self) -> tuple[AlertLine, ...]:
        return tuple(line for line in self.others if line.level > Level.WATCH)

    @property
    def others_to_watch(self) -> int:
        """Counted, not named: a row that lists everything hides what matters."""
        return len(self.others) - len(self.others_to_name)

    @property
    def initials(self) -> str:
        """For a wall: the first sign of each name."""
        return "".join(part[0] for part in self.name.split() if part).upper()[:4]

    @property
    def level_name(self) -> str:
        return LEVEL_NAMES[self.level]


def in_order(alerts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Most urgent first, then the oldest; of two alike from one log, the one that the catalogue names first."""
    return sorted(
        alerts,
        key=lambda alert: (
            -alert["level"],
            alert["raised_at"],
            pattern_place(alert["pattern"], alert["catalogue_version"]),
        ),
    )


def place_of(read: PatientRead, alerts: Sequence[dict[str, Any]], at: datetime) -> Standing:
    """Without any words: this is worked out once a second for each board that is looked at."""
    place = standing([alert_state(alert) for alert in alerts], _report_state(read), at)
    return replace(place, order=_order(place, read.bed))


def alert_state(alert: dict[str, Any]) -> AlertState:
    return AlertState(alert["level"], alert["raised_at"], alert["acknowledged_at"], alert["silenced_until"])


def board_row(
    read: PatientRead, alerts: Sequence[dict[str, Any]], place: Standing, user: User, at: datetime
) -> BoardRow:
    """In words. `alerts` as `in_order` has them."""
    lines = [_alert_line(alert, user, at) for alert in alerts]
    top = None if place.alert is None else lines[place.alert]
    plan, doses = _plan(read)
    return BoardRow(
        patient_id=read.patient_id,
        bed="" if read.left_at else read.bed,
        left_at=read.left_at,
        name=f"{read.given_name} {read.family_name}",
        age=_age(read, at),
        need=place.need,
        level=max((line.level for line in lines), default=0),
        alert=top,
        others=tuple(line for line in lines if line is not top),
        last_log_at=read.last_log_at,
        last_log_by=_reporter(read),
        came_late=_came_late(read),
        log_is_overdue=place.log_is_overdue,
        log_is_unread=place.log_is_unread,
        is_assessed=read.is_assessed,
        trend=_trend(read),
        score=read.score,
        previous_score=read.previous_score,
        score_complete=read.score_complete,
        takes_oral=not read.plan_routes or any(route == Route.ORAL for route, *_rest in read.plan_routes),
        last_dose_at=read.last_taken_at,
        missed_doses=read.missed_doses,
        plan=plan,
        doses=doses,
        step_waits=read.step_waits,
        changed=_change_words(read),
        changed_at=read.changed_at,
        watched_until=place.watched_until,
        has_pump=read.has_pump,
        pump=str(PumpEvent.Kind(read.pump_kind).label) if read.pump_kind else "",
        pump_at=read.pump_at,
        pump_is_mended=read.pump_ended_at is not None,
        order=place.order,
    )


def _alert_line(alert: dict[str, Any], user: User, at: datetime) -> AlertLine:
    hits = sorted(alert["hits"], key=lambda hit: -hit["level"])
    first: dict[str, Any] = hits[0] if hits else {"because": "", "matched": []}
    # What was observed in a log tells a nurse more than a fact such as "exposed: yes".
    matched = sorted(first["matched"], key=lambda match: match.get("log_id") is None)
    reasons = tuple(f"{match['text']}: {unit_words(match['value'])}" for match in matched[:REASONS_SHOWN])
    taken_at = alert["acknowledged_at"]
    return AlertLine(
        id=alert["id"],
        level=alert["level"],
        pattern=pattern_label(alert["pattern"], alert["catalogue_version"]),
        because=first["because"],
        reasons=reasons,
        reasons_left=max(0, sum(len(hit["matched"]) for hit in hits) - len(reasons)),
        raised_at=alert["raised_at"],
        owner=alert["acknowledged_by__display_name"] or "",
        is_mine=alert["acknowledged_by_id"] == user.pk,
        taken_at=taken_at,
        is_past_time=is_past_time(alert_state(alert), at),
        asked="" if taken_at else alert["asked"] or "",
        silenced_until=alert["silenced_until"] if is_silent(alert_state(alert), at) else None,
        silenced_by=alert["silenced_by__display_name"] or "",
    )


def _report_state(read: PatientRead) -> ReportState:
    return ReportState(
        admitted_at=read.admitted_at,
        last_log_at=read.last_log_at,
        last_log_recorded_at=read.last_log_recorded_at,
        is_assessed=read.is_assessed,
        changed_at=read.changed_at,
        is_rising=_trend(read) == "up",
    )


def _change_words(read: PatientRead) -> str:
    """What to call the newest thing that can begin a withdrawal, or the opposite."""
    source, _when = read.change
    if source == "dose":
        return _("dose missed")
    if source == "pump" and read.pump_kind:
        return str(PumpEvent.Kind(read.pump_kind).label)
    if source == "supply" and read.supply_kind:
        return str(SupplyEvent.Kind(read.supply_kind).label)
    if source == "plan" and read.plan_kind and read.plan_kind not in ORDINARY:
        return str(PlanVersion.Kind(read.plan_kind).label)
    return _("step of the plan") if source else ""


def _plan(read: PatientRead) -> tuple[str, tuple[str, ...]]:
    doses = tuple(_dose(route, amount) for route, amount in read.daily_doses)
    if read.tapered is None:
        return _("no plan"), ()
    _route, count, number, _amount = read.tapered
    if number is None:
        return _("no step now, of %(count)d") % {"count": count}, doses
    return _("step %(number)d of %(count)d") % {"number": number, "count": count}, doses


def _dose(route: str, amount: Decimal) -> str:
    shown = f"{amount.normalize():f}"
    if route == Route.ORAL:
        return _("%(amount)s mg/day") % {"amount": shown}
    return _("%(amount)s microgram/day by pump") % {"amount": shown}


def _age(read: PatientRead, at: datetime) -> str:
    """Years; under two, months, as newborns of treated mothers are watched too."""
    today = local_day(at, read.time_zone)
    born = read.birth_date
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    return str(months // 12) if months >= 24 else _("%(months)d months") % {"months": max(months, 0)}


def _reporter(read: PatientRead) -> str:
    """Who said it; of the ward's own people, which of them."""
    if read.last_log_reporter is None:
        return ""
    if read.last_log_reporter == Reporter.STAFF and read.last_log_by:
        return read.last_log_by
    return str(Reporter(read.last_log_reporter).label)


def _came_late(read: PatientRead) -> bool:
    if read.last_log_at is None or read.last_log_recorded_at is None:
        return False
    return (read.last_log_recorded_at - read.last_log_at).total_seconds() > 3600


def _trend(read: PatientRead) -> str:
    if read.score is None or read.previous_score is None:
        return ""
    if not (read.score_complete and read.previous_complete):
        # What was not answered is not nothing: "at least 6" after 16 is no fall.
        return ""
    if read.score == read.previous_score:
        return "same"
    return "up" if read.score > read.previous_score else "down"


def _order(place: Standing, bed: str) -> tuple[object, ...]:
    """By need, then by how long it has waited; those nobody waits for by bed, 2 before 10, no bed last."""
    parts = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _runs(bed))
    return (*place.order, not bed, parts)


def _runs(text: str) -> list[str]:
    """ "A12" -> ["A", "12"]."""
    runs: list[str] = []
    for sign in text:
        if runs and runs[-1][-1].isdecimal() == sign.isdecimal():
            runs[-1] += sign
        else:
            runs.append(sign)
    return runs
