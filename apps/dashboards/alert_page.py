"""An alert with everything that stands behind it, as one page shows it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.alerts.models import Alert, AlertEvent, Delivery, DeliveryAttempt, EscalationStep, Level
from apps.alerts.selectors import alert_detail
from apps.core.days import from_t
from apps.dashboards.wording import (
    Answered,
    answers_of,
    catalogue_of,
    code_label,
    code_labels,
    pattern_label,
    reading_words,
    unit_words,
)
from apps.rules.catalogue import Catalogue
from apps.rules.definitions import LookAlikeDef
from apps.symptoms.models import SymptomLog
from apps.wards.models import Job

TAGS = {
    "published": gettext_lazy("published"),
    "project choice": gettext_lazy("a choice of this project, not published"),
    "to be checked": gettext_lazy("still to be checked"),
}


CONSCIOUSNESS = {
    "0": gettext_lazy("A, alert"),
    "1": gettext_lazy("V, answers to voice"),
    "2": gettext_lazy("P, answers to pain only"),
    "3": gettext_lazy("U, does not answer"),
}
CO_WITHDRAWAL = "alcohol_or_benzodiazepine_withdrawal"
LIKE_CO_WITHDRAWAL = frozenset({"delirium", "seizure_risk", "autonomic"})


@dataclass(frozen=True, slots=True)
class MatchedLine:
    text: str
    value: str
    threshold: str
    when: datetime | None
    log: SymptomLog | None


@dataclass(frozen=True, slots=True)
class SourceLine:
    code: str
    citation: str
    where: str
    depth: str
    """How much of the source was read when the rule was written."""


@dataclass(frozen=True, slots=True)
class HitLine:
    rule_id: str
    level: int
    because: str
    matched: tuple[MatchedLine, ...]
    missing: tuple[str, ...]
    sources: tuple[SourceLine, ...]
    tag: str
    note: str


@dataclass(frozen=True, slots=True)
class LookAlikeLine:
    label: str
    likeness: str
    """What it shares with withdrawal of baclofen, and what differs."""
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndecidedLine:
    rule_id: str
    pattern: str
    level: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TellLine:
    """One message to one person, and what became of it."""

    recipient: str
    channel: str
    is_shown_only: bool
    """On the board, where somebody has to look; nothing was sent anywhere."""
    due_at: datetime
    done_at: datetime | None
    cancelled_at: datetime | None
    attempts: tuple[DeliveryAttempt, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    episode: int
    number: int
    whom: str
    """A job, or somebody by name."""
    is_reminder: bool
    due_at: datetime
    done_at: datetime | None
    cancelled_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlertPage:
    alert: Alert
    pattern: str
    seen: str
    hits: tuple[HitLine, ...]
    exposure: str
    """Whether what is seen may be called withdrawal; empty for patterns of which that is not asked."""
    is_established: bool
    confounders: tuple[str, ...]
    look_alikes: tuple[LookAlikeLine, ...]
    undecided: tuple[UndecidedLine, ...]
    undecided_elsewhere: int
    is_assessed: bool
    """False while only the emergency floor has spoken."""
    score: int | None
    score_complete: bool
    news2: Mapping[str, Any] | None
    log: SymptomLog | None
    """None: raised by the clock, with no log coming in."""
    answers: tuple[Answered, ...]
    readings: tuple[tuple[str, str], ...]
    events: tuple[AlertEvent, ...]
    steps: tuple[StepLine, ...]
    told: tuple[TellLine, ...]
    continued_by: tuple[Alert, ...]

    @property
    def leading_hits(self) -> tuple[HitLine, ...]:
        """Those of the highest level that fired."""
        return tuple(hit for hit in self.hits if hit.level == self.hits[0].level)

    @property
    def lesser_hits(self) -> tuple[HitLine, ...]:
        return self.hits[len(self.leading_hits) :]


def seen_token(alert: Alert) -> str:
    """What a person must have seen before they close it: changes when it rises, or when an emergency is found by
    another rule; not when the same fires again or a colleague takes it."""
    emergencies = sorted(hit["rule_id"] for hit in alert.hits if hit["level"] >= Level.EMERGENCY)
    told = (int(alert.level), alert.raised_at.isoformat(), emergencies)
    return sha256(repr(told).encode()).hexdigest()[:20]


def state_token(alert: Alert) -> str:
    """Changes with whatever the page says of how the alert stands."""
    told = (
        seen_token(alert),
        str(alert.status),
        alert.acknowledged_by_id,
        alert.acknowledged_at,
        alert.resolved_at,
        alert.silenced_until,
    )
    return sha256(repr(told).encode()).hexdigest()[:20]


def alert_page(alert: Alert) -> AlertPage:
    """Eight statements, however long the story."""
    detail = alert_detail(alert)
    alert = detail.alert
    catalogue = catalogue_of(alert.catalogue_version)
    result = alert.assessment.result if alert.assessment else {}
    logs = _logs_named(alert, detail.hits)
    undecided = [_undecided(one, catalogue, alert) for one in result.get("undecided", ())]
    exposure, established = _exposure(alert, catalogue)
    return AlertPage(
        alert=alert,
        pattern=pattern_label(alert.pattern, alert.catalogue_version),
        seen=seen_token(alert),
        hits=tuple(_hit(hit, catalogue, logs) for hit in detail.hits),
        exposure=exposure,
        is_established=established,
        confounders=code_labels(result.get("confounders", ()), catalogue),
        look_alikes=_look_alikes(result, catalogue, alert.pattern),
        undecided=tuple(line for line, is_ours in undecided if is_ours),
        undecided_elsewhere=sum(not is_ours for _line, is_ours in undecided),
        is_assessed=alert.assessment is not None or alert.log is None,
        score=result.get("score"),
        score_complete=bool(result.get("score_complete")),
        news2=result.get("news2"),
        log=logs.get(alert.log_id) if alert.log_id else None,
        answers=answers_of(alert.log) if alert.log else (),
        readings=readings_of(alert.log) if alert.log else (),
        events=tuple(event for event in detail.events),
        steps=tuple(_step(step) for step in detail.escalation),
        told=tuple(_told(delivery) for delivery in detail.deliveries),
        continued_by=detail.continued_by,
    )


def readings_of(log: SymptomLog) -> tuple[tuple[str, str], ...]:
    catalogue = catalogue_of(log.catalogue_version)
    return tuple(
        (code_label(code, catalogue), reading_words(code, reading, catalogue))
        for code, reading in log.vital_signs.items()
    )


def _logs_named(alert: Alert, hits: Iterable[Mapping[str, Any]]) -> Mapping[UUID, SymptomLog]:
    """Every log that a reason points at, and the one that raised it, with who reported. One statement."""
    named = {match["log_id"] for hit in hits for match in hit["matched"] if match.get("log_id")}
    logs = SymptomLog.objects.filter(
        patient_id=alert.patient_id, pk__in=named | ({str(alert.log_id)} if alert.log_id else set())
    )
    return {log.pk: log for log in logs.select_related("recorded_by", "superseded_by")}


def _hit(hit: Mapping[str, Any], catalogue: Catalogue | None, logs: Mapping[UUID, SymptomLog]) -> HitLine:
    rule = next((one for one in catalogue.rules if one.id == hit["rule_id"]), None) if catalogue else None
    return HitLine(
        rule_id=hit["rule_id"],
        level=hit["level"],
        because=hit["because"],
        matched=tuple(_matched(match, logs) for match in hit["matched"]),
        missing=code_labels(hit["missing"], catalogue),
        sources=tuple(_source(code, catalogue) for code in hit["source"]),
        tag=str(TAGS.get(hit["tag"], hit["tag"])),
        note=rule.note if rule else "",
    )


def _matched(match: Mapping[str, Any], logs: Mapping[UUID, SymptomLog]) -> MatchedLine:
    log_id, t = match.get("log_id"), match.get("t")
    return MatchedLine(
        text=match["text"],
        value=CONSCIOUSNESS.get(match["value"], match["value"])
        if match["code"] == "avpu"
        else unit_words(match["value"]),
        threshold=unit_words(match["threshold"]),
        when=None if t is None else from_t(t),
        log=logs.get(UUID(log_id)) if log_id else None,
    )


def _source(code: str, catalogue: Catalogue | None) -> SourceLine:
    known = catalogue.sources.get(code) if catalogue else None
    return SourceLine(code, known.citation, known.where, known.depth) if known else SourceLine(code, "", "", "")


def _exposure(alert: Alert, catalogue: Catalogue | None) -> tuple[str, bool]:
    """Withdrawal is only called that after a change of supply; else the alert asks for a look, no more."""
    pattern = catalogue.patterns.get(alert.pattern) if catalogue else None
    if pattern is None or not pattern.is_withdrawal:
        return "", True
    exposed = alert.assessment.exposed if alert.assessment else None
    days = catalogue.settings.supply.exposed_hours // 24 if catalogue else 0
    if exposed:
        return _("After a change of supply within %(days)d days: may be withdrawal.") % {"days": days}, True
    if alert.assessment is None:
        why = _("the full assessment is not there yet")
    elif exposed is None:
        why = _("it is not known whether the supply of baclofen changed")
    else:
        why = _("no change of supply within %(days)d days is known") % {"days": days}
    return _("Needs review, withdrawal not established: %(why)s.") % {"why": why}, False


def _look_alike(one: Mapping[str, Any], catalogue: Catalogue | None) -> LookAlikeLine:
    known = next((each for each in catalogue.look_alikes if each.code == one["code"]), None) if catalogue else None
    return LookAlikeLine(
        label=one["label"],
        likeness=_likeness(known),
        speaks_for=tuple(one["speaks_for"]),
        speaks_against=tuple(one["speaks_against"]),
    )


def _likeness(known: LookAlikeDef | None) -> str:
    """Without the catalogue's word to the engine, which comes before it."""
    text = known.effect if known else ""
    return text.removeprefix("keep the alert, add the flag").removeprefix("; ").removeprefix(". ")


def _look_alikes(
    result: Mapping[str, Any], catalogue: Catalogue | None, pattern: str
) -> tuple[LookAlikeLine, ...]:
    """Those that the rules flagged; and beside a picture of the mind or of fits always the likeness to withdrawal
    of alcohol or benzodiazepines, whether or not either is on record."""
    found = tuple(_look_alike(one, catalogue) for one in result.get("look_alikes", ()))
    always = next((one for one in catalogue.look_alikes if one.code == CO_WITHDRAWAL), None) if catalogue else None
    is_listed = any(one["code"] == CO_WITHDRAWAL for one in result.get("look_alikes", ()))
    if always is None or is_listed or pattern not in LIKE_CO_WITHDRAWAL:
        return found
    return (*found, LookAlikeLine(always.label, _likeness(always), (), ()))


def _undecided(one: Mapping[str, Any], catalogue: Catalogue | None, alert: Alert) -> tuple[UndecidedLine, bool]:
    line = UndecidedLine(
        one["rule_id"],
        pattern_label(one["pattern"], alert.catalogue_version),
        one["level"],
        code_labels(one["missing"], catalogue),
    )
    return line, one["pattern"] == alert.pattern


def _step(step: EscalationStep) -> StepLine:
    return StepLine(
        episode=step.episode,
        number=step.number,
        whom=str(step.person or Job(step.job).label),
        is_reminder=step.purpose == EscalationStep.Purpose.REMIND,
        due_at=step.due_at,
        done_at=step.done_at,
        cancelled_at=step.cancelled_at,
    )


def _told(delivery: Delivery) -> TellLine:
    return TellLine(
        recipient=str(delivery.recipient),
        channel=str(delivery.get_channel_display()),
        is_shown_only=delivery.channel == Delivery.Channel.BOARD,
        due_at=delivery.due_at,
        done_at=delivery.done_at,
        cancelled_at=delivery.cancelled_at,
        attempts=tuple(delivery.attempts.all()),
    )
