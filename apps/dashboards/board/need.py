"""Who needs a person next. Plain values in, an order out; every number here is a choice of this project, to be
signed off by the ward. The times a taken alert may wait for its outcome are those of the escalation ladder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from django.utils.translation import gettext as _

from apps.alerts.ladders import LADDERS
from apps.alerts.models import Level

LOG_EVERY = timedelta(hours=24)
LOG_EVERY_WHILE_WATCHED = timedelta(hours=12)
"""After a change of supply and while an alert is open, one look a day would give three looks at the whole course
of a severe withdrawal."""
LOG_SLACK = timedelta(hours=2)
"""Nobody logs to the minute; a board that nags every morning is not read at night."""
WATCHED_AFTER_CHANGE = timedelta(hours=72)
ASSESSED_WITHIN = timedelta(seconds=60)
"""Longer than this without an assessment, and a person has to read the log: the canary's limit as well."""


NEVER = datetime.max.replace(tzinfo=UTC)


class Need(IntEnum):
    """The order of the board. Lower needs a person sooner."""

    EMERGENCY_UNOWNED = 1
    EMERGENCY_PAST_TIME = 2
    URGENT_UNOWNED = 3
    URGENT_PAST_TIME = 4
    UNREAD_LOG = 5
    EMERGENCY_IN_HAND = 6
    SILENT_WHILE_WATCHED = 7
    URGENT_IN_HAND = 8
    URGENT_SILENCED = 9
    WATCH = 10
    LOG_OVERDUE = 11
    NO_OPEN_ALERT = 12


def explained_order() -> tuple[str, ...]:
    """The order in words, for the page. In the order of `Need`."""
    return (
        _("emergency, nobody has taken it"),
        _("emergency taken, no outcome in time"),
        _("urgent, nobody has taken it"),
        _("urgent taken, no outcome in time"),
        _("log not assessed"),
        _("emergency in hand"),
        _("no log while watched closely"),
        _("urgent in hand"),
        _("urgent, silenced until a time"),
        _("watch, getting worse first"),
        _("log overdue"),
        _("the rest, by bed"),
    )


@dataclass(frozen=True, slots=True)
class AlertState:
    """What of an open alert decides how soon somebody is needed."""

    level: int
    raised_at: datetime
    taken_at: datetime | None
    silenced_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportState:
    """What of a patient's logs decides it. Instants are aware UTC datetimes."""

    admitted_at: datetime
    last_log_at: datetime | None
    last_log_recorded_at: datetime | None
    is_assessed: bool
    changed_at: datetime | None
    """The latest change of plan, dose, pump or supply that is known."""
    is_rising: bool
    """The last day score is above the one before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a patient stands on the board, and since when."""

    need: Need
    since: datetime | None
    alert: int | None
    """Which of the alerts put them here."""
    log_is_overdue: bool
    log_is_unread: bool
    watched_until: datetime | None
    order: tuple[object, ...]


def alert_need(alert: AlertState, at: datetime) -> tuple[Need, datetime]:
    """How soon, and since when the person in need has been waiting for that."""
    if alert.level <= Level.WATCH:
        return Need.WATCH, alert.raised_at
    emergency = alert.level >= Level.EMERGENCY
    if is_silent(alert, at):
        return Need.URGENT_SILENCED, alert.raised_at
    if alert.taken_at is None:
        return (Need.EMERGENCY_UNOWNED if emergency else Need.URGENT_UNOWNED), alert.raised_at
    if is_past_time(alert, at):
        return (Need.EMERGENCY_PAST_TIME if emergency else Need.URGENT_PAST_TIME), alert.taken_at
    return (Need.EMERGENCY_IN_HAND if emergency else Need.URGENT_IN_HAND), alert.taken_at


def is_silent(alert: AlertState, at: datetime) -> bool:
    """A person has said that nobody needs to be called until then. Never of an emergency, whatever is kept."""
    return alert.silenced_until is not None and at < alert.silenced_until and alert.level < Level.EMERGENCY


def is_past_time(alert: AlertState, at: datetime) -> bool:
    """Taken, and no outcome within the time that the level allows."""
    ladder = LADDERS.get(alert.level)
    return (
        ladder is not None and alert.taken_at is not None and at >= alert.taken_at + ladder.acknowledgement_holds
    )


def standing(alerts: Sequence[AlertState], report: ReportState, at: datetime) -> Standing:
    """A patient's place: the most pressing of what the alerts say and of what the logs do not say."""
    watched_until = _watched_until(report, at)
    overdue = _log_is_overdue(report, at, watched=bool(alerts) or watched_until is not None)
    unread = _log_is_unread(report, at)
    reasons: list[tuple[Need, datetime | None, int | None]] = [
        (*alert_need(alert, at), index) for index, alert in enumerate(alerts)
    ]
    if unread:
        reasons.append((Need.UNREAD_LOG, report.last_log_recorded_at, None))
    if overdue:
        watched = bool(alerts) or watched_until is not None
        need = Need.SILENT_WHILE_WATCHED if watched else Need.LOG_OVERDUE
        reasons.append((need, report.last_log_at or report.admitted_at, None))
    reasons.append((Need.NO_OPEN_ALERT, None, None))
    need, since, _index = min(reasons, key=lambda reason: (reason[0], reason[1] or at))
    shown = min(
        (reason for reason in reasons if reason[2] is not None),
        key=lambda reason: (reason[0], reason[1] or at),
        default=(None, None, None),
    )[2]
    calm_first = need is Need.WATCH and not report.is_rising
    order = (need, calm_first, since or NEVER)
    return Standing(need, since, shown, overdue, unread, watched_until, order)


def _watched_until(report: ReportState, at: datetime) -> datetime | None:
    if report.changed_at is None:
        return None
    until = report.changed_at + WATCHED_AFTER_CHANGE
    return until if report.changed_at <= at < until else None


def _log_is_overdue(report: ReportState, at: datetime, *, watched: bool) -> bool:
    """Somebody who never logged is counted from the day they came."""
    every = LOG_EVERY_WHILE_WATCHED if watched else LOG_EVERY
    return at >= (report.last_log_at or report.admitted_at) + every + LOG_SLACK


def _log_is_unread(report: ReportState, at: datetime) -> bool:
    """The newest log has had no assessment for longer than the pipeline ever needs."""
    return (
        report.last_log_recorded_at is not None
        and not report.is_assessed
        and at >= report.last_log_recorded_at + ASSESSED_WITHIN
    )
