"""A machine opens an alert and raises its level. It never lowers one and never closes one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.alerts.escalation import start_ladder, stop_ladder
from apps.alerts.models import Alert, AlertEvent, Level
from apps.alerts.patterns import NOT_ASSESSED
from apps.assessments.keeping import as_json
from apps.assessments.models import Assessment
from apps.assessments.services import lock_patients
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.patients.models import Patient
from apps.rules.types import Hit
from apps.symptoms.models import SymptomLog

EPISODE = timedelta(hours=72)
"""After its last firing, what fires again is the same episode (patterns.md section 0; project choice)."""
Kind = AlertEvent.Kind


@dataclass(frozen=True, slots=True)
class _Firing:
    """All rules of one pattern that fired on one log, or by the clock alone."""

    pattern: str
    log: SymptomLog | None
    assessment: Assessment | None
    catalogue_version: str
    at: datetime
    fired_at: datetime
    hits: list[dict[str, Any]] = field(default_factory=list)
    is_new_occasion: bool = False
    """It is about something else than what was closed before, though the rules be the same."""

    @property
    def level(self) -> int:
        return max(hit["level"] for hit in self.hits)

    @property
    def rules(self) -> frozenset[str]:
        return _rules(self.hits)

    @property
    def emergencies(self) -> frozenset[str]:
        return _rules(self.hits, at_least=Level.EMERGENCY)


def _rules(hits: Iterable[dict[str, Any]], at_least: int = 0) -> frozenset[str]:
    return frozenset(hit["rule_id"] for hit in hits if hit["level"] >= at_least)


def raise_alerts(
    *,
    patient: Patient,
    log: SymptomLog,
    hits: Sequence[Hit],
    at: datetime,
    assessment: Assessment | None = None,
    fired_at: datetime | None = None,
    catalogue_version: str = "",
) -> list[Alert]:
    """Open, worsen or add to the alerts of one log's firings, in the caller's transaction. `fired_at`: the moment
    that the rules looked at, if not that of the log. `catalogue_version`: by which they fired, if neither that of
    the assessment nor that of the log.

    Answers the alerts concerned, open or closed, most urgent first. The same hits of the same log and
    moment, told again, change nothing."""
    version = catalogue_version or (assessment or log).catalogue_version
    like = _Firing("", log, assessment, version, at, fired_at or log.observed_at)
    return _raise(patient, _by_pattern(hits, like))


def raise_by_clock(
    *,
    patient: Patient,
    hits: Sequence[Hit],
    at: datetime,
    catalogue_version: str,
    assessment: Assessment | None = None,
    is_new_occasion: bool = False,
) -> list[Alert]:
    """As `raise_alerts`, for what became true at `at` with no log coming in.

    `is_new_occasion`: a person who closed the last alert of this pattern closed it for another reason (an earlier
    silence, say), so that it opens anew within the same three days."""
    like = _Firing("", None, assessment, catalogue_version, at, at, is_new_occasion=is_new_occasion)
    return _raise(patient, _by_pattern(hits, like))


def _by_pattern(hits: Sequence[Hit], like: _Firing) -> list[_Firing]:
    firings: dict[str, _Firing] = {}
    for hit in hits:
        firing = firings.setdefault(hit.pattern, replace(like, pattern=hit.pattern, hits=[]))
        firing.hits.append(as_json(hit))
    return list(firings.values())


def raise_not_assessed(*, patient: Patient, log: SymptomLog, at: datetime) -> list[Alert]:
    """The rules could not read this log: a person has to. Urgent, since what it says is not known."""
    hit = {
        "rule_id": "NOT-ASSESSED",
        "pattern": NOT_ASSESSED,
        "level": int(Level.URGENT),
        "because": _("This log could not be assessed. Review it by hand."),
        "matched": [],
        "missing": [],
        "source": [],
        "tag": "project choice",
    }
    return _raise(patient, [_Firing(NOT_ASSESSED, log, None, log.catalogue_version, at, log.observed_at, [hit])])


@transaction.atomic
def _raise(patient: Patient, firings: list[_Firing]) -> list[Alert]:
    if not firings:
        return []
    lock_patients([patient.pk])
    patterns = [firing.pattern for firing in firings]
    newest: dict[str, Alert] = {}
    # Locked: a person who takes or closes one at this moment is waited for, and then not overwritten.
    known = (
        Alert.objects.select_for_update(of=("self",), no_key=True)
        .filter(patient=patient, pattern__in=patterns)
        .order_by("opened_at", "id")
    )
    for alert in known:
        newest[alert.pattern] = alert
    told = _told_before(patient, firings[0], patterns)
    touched = [
        _one(patient, firing, newest.get(firing.pattern), told.get(firing.pattern, [])) for firing in firings
    ]
    return sorted(touched, key=lambda alert: -alert.level)


def _told_before(patient: Patient, like: _Firing, patterns: list[str]) -> dict[str, list[AlertEvent]]:
    """What earlier assessments of this same log and moment brought into the patient's alerts."""
    found: dict[str, list[AlertEvent]] = {}
    events = AlertEvent.objects.filter(
        alert__patient=patient, alert__pattern__in=patterns, log=like.log, fired_at=like.fired_at
    ).select_related("alert")
    for event in events:
        found.setdefault(event.alert.pattern, []).append(event)
    return found


def _one(patient: Patient, firing: _Firing, newest: Alert | None, told: list[AlertEvent]) -> Alert:
    rules_told = frozenset().union(*(_rules(event.hits) for event in told))
    level_told = max((event.level for event in told if event.hits), default=0)
    if told and firing.rules <= rules_told and firing.level <= level_told and newest is not None:
        return _explain(newest, firing)
    if newest is None:
        return _open(patient, firing, continues=None)
    if newest.status != Alert.Status.RESOLVED:
        return _add(newest, firing)
    if not _is_same_episode(newest, firing):
        return _open(patient, firing, continues=None)
    if _breaks_through(newest, firing) or firing.is_new_occasion or _happened_since(newest, firing):
        return _open(patient, firing, continues=newest)
    return _fire_again(newest, firing)


def _is_same_episode(alert: Alert, firing: _Firing) -> bool:
    """Of a closed alert, counted from the last firing that whoever closed it could know of."""
    return firing.fired_at <= alert.last_fired_at + EPISODE


def _breaks_through(alert: Alert, firing: _Firing) -> bool:
    """Worse than a person knew of: a higher level, an emergency by another rule, or another unreadable log, of
    which nobody can say that it is like the last."""
    new_emergency = bool(firing.emergencies - _rules(alert.hits, at_least=Level.EMERGENCY))
    another_unread = firing.pattern == NOT_ASSESSED and firing.log is not None and alert.log_id != firing.log.pk
    return firing.level > alert.level or new_emergency or another_unread


def _happened_since(alert: Alert, firing: _Firing) -> bool:
    """An emergency that is shown by a log which came in after the closing: a second fit is not the first, and of
    one that came late, or was taken back and is said again, whoever closed the alert knew nothing."""
    log = firing.log
    if log is None or alert.resolved_at is None or log.recorded_at <= alert.resolved_at:
        return False
    return any(
        hit["level"] >= Level.EMERGENCY and str(log.pk) in {match.get("log_id") for match in hit["matched"]}
        for hit in firing.hits
    )


def _open(patient: Patient, firing: _Firing, continues: Alert | None) -> Alert:
    # Whoever has left is still somebody's: the ward that knew them last.
    stay = patient.stays.order_by(F("discharged_at").desc(nulls_first=True)).first()
    alert = Alert.objects.create(
        patient=patient,
        ward_id=stay.ward_id if stay else None,
        pattern=firing.pattern,
        level=firing.level,
        opened_at=firing.at,
        raised_at=firing.at,
        last_fired_at=firing.fired_at,
        catalogue_version=firing.catalogue_version,
        log=firing.log,
        assessment=firing.assessment,
        hits=firing.hits,
        continues=continues,
    )
    _note(alert, Kind.OPENED, firing)
    start_ladder(alert, at=firing.at)
    _tell(alert, firing)
    return alert


def _add(alert: Alert, firing: _Firing) -> Alert:
    """Something fired while the alert is open."""
    if not _breaks_through(alert, firing):
        return _fire_again(alert, firing)
    was_running = alert.status == Alert.Status.OPEN and firing.level == alert.level
    alert.hits = _merged(alert.hits, firing.hits)
    alert.last_fired_at = max(alert.last_fired_at, firing.fired_at)
    alert.level = max(alert.level, firing.level)
    alert.status = Alert.Status.OPEN
    alert.acknowledged_by = alert.acknowledged_at = alert.acknowledged_level = None
    # Whoever silenced it knew of less than this.
    alert.silenced_until, alert.silenced_by, alert.silence_reason = None, None, ""
    alert.log = firing.log
    alert.assessment = firing.assessment
    alert.catalogue_version = firing.catalogue_version
    if not was_running:
        alert.raised_at = max(firing.at, alert.opened_at)
    alert.save()
    _note(alert, Kind.WORSENED, firing)
    if not was_running:
        # Begun anew, unless somebody is being called at this level already: that ladder is further up.
        stop_ladder(alert, at=firing.at)
        start_ladder(alert, at=firing.at)
    _tell(alert, firing)
    return alert


def _fire_again(alert: Alert, firing: _Firing) -> Alert:
    """The same, or less: kept, and nobody is told. A closed alert keeps the hits it was closed with; and if it was
    more than a watch the time too, so that what goes on firing is told anew three days later."""
    is_closed = alert.status == Alert.Status.RESOLVED
    if not is_closed or alert.level <= Level.WATCH:
        alert.last_fired_at = max(alert.last_fired_at, firing.fired_at)
    if not is_closed:
        alert.hits = _merged(alert.hits, firing.hits)
    if _is_explained_by(alert, firing):
        alert.assessment = firing.assessment
        kind = Kind.EXPLAINED
    else:
        kind = Kind.FIRED_AGAIN
    alert.save(update_fields=["last_fired_at", "hits", "assessment"])
    _note(alert, kind, firing)
    return alert


def _explain(alert: Alert, firing: _Firing) -> Alert:
    """Nothing new, but for the full assessment behind what the floor raised."""
    if _is_explained_by(alert, firing):
        alert.assessment = firing.assessment
        alert.save(update_fields=["assessment"])
        _note(alert, Kind.EXPLAINED, firing)
    return alert


def _is_explained_by(alert: Alert, firing: _Firing) -> bool:
    """The floor has raised it, and this is the full assessment of the same log."""
    is_same_log = firing.log is not None and alert.log_id == firing.log.pk
    return is_same_log and firing.assessment is not None and alert.assessment_id is None


def _merged(known: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By rule, the first explanation of each kept unless a later one is more serious; most urgent first."""
    by_rule: dict[str, dict[str, Any]] = {}
    for hit in [*known, *new]:
        kept = by_rule.get(hit["rule_id"])
        if kept is None or hit["level"] > kept["level"]:
            by_rule[hit["rule_id"]] = hit
    return sorted(by_rule.values(), key=lambda hit: (-hit["level"], hit["rule_id"]))


def _note(alert: Alert, kind: AlertEvent.Kind, firing: _Firing) -> None:
    AlertEvent.objects.create(
        alert=alert,
        kind=kind,
        at=firing.at,
        level=firing.level,
        log=firing.log,
        fired_at=firing.fired_at,
        hits=firing.hits,
    )


def _tell(alert: Alert, firing: _Firing) -> None:
    record_event(
        AuditEvent.Type.ALERT_RAISED,
        subject=alert,
        by=None,
        at=firing.at,
        patient_id=alert.patient_id,
        detail={"pattern": alert.pattern, "level": alert.level},
    )
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('taperwatch_due', '')")


def note_withdrawn_reason(*, log: SymptomLog, at: datetime) -> None:
    """A log was corrected. Alerts that it brought stay, and say so: only a person closes them."""
    alerts = Alert.objects.open().filter(events__log=log, patient_id=log.patient_id).distinct()
    for alert in alerts:
        AlertEvent.objects.create(alert=alert, kind=Kind.WITHDRAWN, at=at, level=alert.level, log=log)
