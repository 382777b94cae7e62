"""A catalogue on trial: run over what is stored, beside what was raised then. Reads assessments and writes one
`ShadowRun`; no alert, no assessment and no message comes of it.

Both sides are told the same kept facts. The old side is what is stored, each assessment by its own version; the
new side is the catalogue on trial. Of a log, the assessment that speaks for it now is taken. What neither a log
nor a look by the clock brought at the time cannot be looked at: a new rule that fires by time alone is seen only
where some assessment stands."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappush, heapreplace
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT

from apps.accounts.models import User
from apps.assessments.keeping import as_json, logs_told, told_again
from apps.assessments.models import Assessment, ShadowRun
from apps.assessments.speaking import speaking_first
from apps.core.days import from_t, to_t
from apps.monitoring.shadow_episodes import (
    Difference,
    Episode,
    Firing,
    Track,
    compare,
    episodes,
    firings,
)
from apps.patients.models import Patient, Stay
from apps.rules.catalogue import Catalogue
from apps.rules.engine import evaluate
from apps.wards.models import Ward

BATCH = 200
"""Assessments held at a time, with the logs they name."""
MOST_LISTED = 2000
"""Differences kept one by one, the most urgent; the counts are always of all."""
SLACK = timedelta(hours=1)
"""For a server whose clock ran behind: an assessment is hardly older than the moment it looked at."""
DAYS_A_WEEK = 7


@dataclass(slots=True)
class Tally:
    """Grows with the number of rules, never with that of patients."""

    patients: int = 0
    assessments: int = 0
    patient_days: int = 0
    """UTC days of a patient with at least one assessment."""
    failures: Counter[str] = field(default_factory=Counter)
    """Assessments that the catalogue on trial could not work out, by what broke; left out of both sides."""
    alerts: Counter[tuple[str, Track, int]] = field(default_factory=Counter)
    """By side ("old", "new"), track and highest level."""
    differences: Counter[tuple[str, Track, int, int]] = field(default_factory=Counter)
    """By kind, track, old and new level (0: no alert)."""
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind and rule id."""

    @property
    def patient_weeks(self) -> float:
        return self.patient_days / DAYS_A_WEEK


def run_shadow(
    catalogue: Catalogue,
    *,
    at: datetime,
    days: int,
    ward: Ward | None = None,
    by: User | None = None,
    progress: Callable[[Tally], None] = lambda tally: None,
) -> ShadowRun:
    """Try `catalogue` on the `days` before `at`, of one ward or of all, and keep what was found."""
    since = at - timedelta(days=days)
    tally, listed = Tally(), _Listed()
    for patient_id in _patients(since, at, ward):
        for difference in _of_patient(patient_id, catalogue, since, at, tally):
            listed.add(patient_id, difference)
        progress(tally)
    return ShadowRun.objects.create(
        version=catalogue.version,
        sha256=catalogue.sha256,
        made_by=by,
        made_at=at,
        since=since,
        until=at,
        ward=ward,
        counts=_counts(tally) | {"left_out": listed.left_out},
        differences=listed.told(),
    )


class _Listed:
    """The most urgent differences, as many as are kept."""

    def __init__(self) -> None:
        self.heap: list[tuple[tuple[bool, int, int], UUID, Difference]] = []
        self.seen = 0

    @property
    def left_out(self) -> int:
        return self.seen - len(self.heap)

    def add(self, patient_id: UUID, difference: Difference) -> None:
        self.seen += 1
        # Each key is another, so that nothing behind it is ever compared.
        item = ((not difference.track.quiet, difference.level, -self.seen), patient_id, difference)
        if len(self.heap) < MOST_LISTED:
            heappush(self.heap, item)
        elif item > self.heap[0]:
            heapreplace(self.heap, item)

    def told(self) -> list[dict[str, Any]]:
        ordered = sorted(self.heap, key=lambda item: (item[0][0], item[0][1], item[2].t), reverse=True)
        return [_told(patient_id, difference) for _key, patient_id, difference in ordered]


def _patients(since: datetime, at: datetime, ward: Ward | None) -> Iterator[UUID]:
    people = Patient.objects.filter(Exists(_stored(since, at).filter(patient=OuterRef("pk"))), is_synthetic=False)
    if ward is not None:
        not_gone_before = Q(discharged_at=None) | Q(discharged_at__gt=since)
        there_then = Stay.objects.filter(not_gone_before, patient=OuterRef("pk"), ward=ward, admitted_at__lt=at)
        people = people.filter(Exists(there_then))
    return people.order_by("pk").values_list("pk", flat=True).iterator()


def _stored(since: datetime, at: datetime) -> QuerySet[Assessment]:
    return Assessment.objects.filter(assessed_at__gte=since - SLACK, assessed_at__lte=at + SLACK)


def _of_patient(
    patient_id: UUID, catalogue: Catalogue, since: datetime, at: datetime, tally: Tally
) -> Iterator[Difference]:
    old: dict[Track, list[Firing]] = {}
    new: dict[Track, list[Firing]] = {}
    days = set()
    wanted = _speaking(patient_id, since, at)
    for start in range(0, len(wanted), BATCH):
        for t, row, hits in _tried(wanted[start : start + BATCH], catalogue, tally):
            days.add(from_t(t).date())
            for course, found in ((old, row.result["hits"]), (new, hits)):
                for track, firing in firings(found, t).items():
                    course.setdefault(track, []).append(firing)
    tally.patients += bool(days)
    tally.patient_days += len(days)
    for track in sorted(old.keys() | new.keys(), key=lambda one: (one.pattern, one.quiet)):
        was, would_be = episodes(old.get(track, ())), episodes(new.get(track, ()))
        tally.alerts.update(("old", track, one.level) for one in was)
        tally.alerts.update(("new", track, one.level) for one in would_be)
        for difference in compare(track, was, would_be):
            _count(difference, tally)
            yield difference


def _speaking(patient_id: UUID, since: datetime, at: datetime) -> Sequence[tuple[float, UUID]]:
    """Moment and id of the assessments that speak for their logs, and of every look by the clock; in order of the
    moments."""
    first, last = to_t(since), to_t(at)
    rows = speaking_first(_stored(since, at).filter(patient_id=patient_id)).annotate(moment=KT("facts__t"))
    found: dict[UUID, tuple[float, UUID]] = {}
    for pk, log_id, moment in rows.values_list("pk", "log_id", "moment").iterator():
        found.setdefault(log_id or pk, (float(moment), pk))
    return sorted((t, pk) for t, pk in found.values() if first <= t <= last)


def _tried(
    wanted: Sequence[tuple[float, UUID]], catalogue: Catalogue, tally: Tally
) -> Iterator[tuple[float, Assessment, list[dict[str, Any]]]]:
    rows = Assessment.objects.only("facts", "result").in_bulk([pk for _t, pk in wanted])
    logs = logs_told(row.facts for row in rows.values())
    for t, pk in wanted:
        row = rows.get(pk)
        if row is None:
            continue
        tally.assessments += 1
        try:
            hits = as_json(evaluate(catalogue, told_again(row.facts, logs)))["hits"]
        except Exception as error:
            # By its kind alone: its words may quote what a patient said.
            tally.failures[type(error).__name__] += 1
            continue
        yield t, row, hits


def _count(difference: Difference, tally: Tally) -> None:
    old, new = difference.old, difference.new
    levels = old.level if old else 0, new.level if new else 0
    tally.differences[str(difference.kind), difference.track, *levels] += 1
    tally.rules.update((str(difference.kind), rule) for rule in difference.rules)


def _told(patient_id: UUID, difference: Difference) -> dict[str, Any]:
    return {
        "patient": str(patient_id),
        "kind": str(difference.kind),
        "pattern": difference.track.pattern,
        "quiet": difference.track.quiet,
        "old": _episode(difference.old),
        "new": _episode(difference.new),
        "hours": None if difference.hours is None else round(difference.hours, 3),
        "rules": list(difference.rules),
    }


def _episode(episode: Episode | None) -> dict[str, Any] | None:
    """`rises`: when it opened and when it came to each higher level, in UTC, with the rules that did it."""
    if episode is None:
        return None
    return {
        "level": episode.level,
        "opened_at": from_t(episode.opened_t).isoformat(timespec="seconds"),
        "last_fired_at": from_t(episode.last_t).isoformat(timespec="seconds"),
        "rises": [
            {"at": from_t(rise.t).isoformat(timespec="seconds"), "level": rise.level, "rules": list(rise.rules)}
            for rise in episode.rises
        ],
    }


def _counts(tally: Tally) -> dict[str, Any]:
    weeks = tally.patient_weeks
    keys = sorted({(track, level) for _side, track, level in tally.alerts}, key=_by_weight)
    return {
        "patients": tally.patients,
        "assessments": tally.assessments,
        "patient_weeks": round(weeks, 2),
        "failures": dict(sorted(tally.failures.items())),
        "alerts": [
            {
                "pattern": track.pattern,
                "quiet": track.quiet,
                "level": level,
                "old": tally.alerts["old", track, level],
                "new": tally.alerts["new", track, level],
                "old_per_patient_week": _rate(tally.alerts["old", track, level], weeks),
                "new_per_patient_week": _rate(tally.alerts["new", track, level], weeks),
            }
            for track, level in keys
        ],
        "differences": [
            {
                "kind": kind,
                "pattern": track.pattern,
                "quiet": track.quiet,
                "old_level": was,
                "new_level": is_now,
                "count": count,
            }
            for (kind, track, was, is_now), count in sorted(tally.differences.items(), key=_by_urgency)
        ],
        "rules": [
            {"kind": kind, "rule_id": rule, "count": count}
            for (kind, rule), count in sorted(tally.rules.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
        ],
    }


def _rate(count: int, weeks: float) -> float:
    return round(count / weeks, 4) if weeks else 0.0


def _by_weight(key: tuple[Track, int]) -> tuple[Any, ...]:
    track, level = key
    return (track.quiet, -level, track.pattern)


def _by_urgency(item: tuple[tuple[str, Track, int, int], int]) -> tuple[Any, ...]:
    (kind, track, was, is_now), _number = item
    return (track.quiet, -max(was, is_now), kind, track.pattern, was, is_now)
