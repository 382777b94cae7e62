"""Is it better since baclofen was given again? Restarting it usually ends the syndrome within 4 to 72 hours (mean
42.9 h, evidence.md point 9), but oral baclofen often fails to stand in for a pump. So it is asked at 12, 24 and 48
hours, and what is not better calls somebody anew."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from apps.alerts.patterns import RECOVERY
from apps.core.days import from_t, to_t
from apps.rules.catalogue import Catalogue
from apps.rules.engine import evaluate
from apps.rules.types import Facts, Hit, Level, LogFacts, Matched

CHECKS = (timedelta(hours=12), timedelta(hours=24), timedelta(hours=48))
"""Project choice (product.md, section 3 point 8)."""
BEFORE = timedelta(hours=24)
"""How far back the state before it was given again is looked for."""
ABRUPT_STOP = "abrupt_stop"
"""Fires on the stop itself for a week, and so says nothing of how the person is."""
RECENT = timedelta(hours=12)
"""A log older than this says nothing of how it is now: project choice, the rhythm of a watch window."""


@dataclass(frozen=True, slots=True)
class Point:
    """One log on the response curve: what it shows by itself, not the worst of its day."""

    observed_at: datetime
    score: int | None
    """The day score of this log alone, where any of it was answered."""
    score_complete: bool
    level: int
    """The highest level that fires on this log alone; 0: none."""


def response_curve(facts: Facts, reinstated_at: datetime, catalogue: Catalogue) -> tuple[Point, ...]:
    """Logs from a day before baclofen was given again up to the moment of the facts, oldest first."""
    first = to_t(reinstated_at - BEFORE)
    return tuple(_point(facts, log, catalogue) for log in facts.logs if log.t >= first)


def _point(facts: Facts, log: LogFacts, catalogue: Catalogue) -> Point:
    seen = evaluate(catalogue, replace(facts, t=log.t, logs=(log,)))
    level = max((hit.level for hit in seen.hits if hit.pattern != ABRUPT_STOP), default=0)
    return Point(from_t(log.t), seen.score, seen.score_complete, int(level))


def check_reached(reinstated_at: datetime, at: datetime) -> timedelta | None:
    """The last of the checks whose time has come, within a day of it; None before the first and long after."""
    passed = [check for check in CHECKS if reinstated_at + check <= at]
    if not passed or at > reinstated_at + CHECKS[-1] + BEFORE:
        return None
    return passed[-1]


def next_checks(reinstated_at: datetime, at: datetime) -> list[datetime]:
    return [reinstated_at + check for check in CHECKS if reinstated_at + check > at]


def find_no_recovery(curve: Sequence[Point], reinstated_at: datetime, at: datetime) -> Hit | None:
    """Not better, or nobody has said how it is: a rule of its own for each check, so that each calls anew."""
    check = check_reached(reinstated_at, at)
    if check is None:
        return None
    why = _not_better(curve, reinstated_at, at)
    if why is None:
        return None
    hours = int(check.total_seconds() // 3600)
    text, value, threshold = why
    return Hit(
        rule_id=f"RECOVERY-{hours}",
        pattern=RECOVERY,
        level=Level.URGENT,
        because=_("%(hours)d hours after baclofen was given again: %(why)s.") % {"hours": hours, "why": text},
        matched=(Matched("recovery", text, value, threshold, t=reinstated_at.timestamp() / 3600),),
        missing=(),
        source=("PROJECT",),
        tag="project choice",
    )


def _not_better(curve: Sequence[Point], reinstated_at: datetime, at: datetime) -> tuple[str, str, str] | None:
    """(what, value, threshold), or None when it is better."""
    before = [point for point in curve if point.observed_at <= reinstated_at]
    since = [point for point in curve if point.observed_at > reinstated_at]
    if not since or since[-1].observed_at < at - RECENT:
        return _("nobody has said how it is now"), _("no log in 12 hours"), _("a log")
    now = since[-1]
    if now.level >= Level.URGENT:
        return _("the newest log is still urgent"), Level(now.level).name.lower(), _("less than urgent")
    scores = [point.score for point in before if point.score is not None]
    if scores and now.score is None:
        return _("the newest log does not say enough to tell"), _("no day score"), str(max(scores))
    if scores and now.score is not None and max(scores) and now.score >= max(scores):
        return _("the day score has not fallen"), str(now.score), _("below %(score)d") % {"score": max(scores)}
    return None
