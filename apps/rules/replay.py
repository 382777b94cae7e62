"""Published cases told again to the engine: the same facts, rules and catalogue as the product.

The format is described in docs/evidence.md. Cases are plain mappings as read from YAML; nothing here
reads a file, and nothing of what a case expects is ever told to the engine.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.rules.contents import Catalogue
from apps.rules.engine import evaluate
from apps.rules.replay_doses import regular_doses
from apps.rules.types import (
    Answer,
    Change,
    Facts,
    LogFacts,
    PersonFacts,
    PlanFacts,
    Reporter,
    VitalSign,
)

Case = Mapping[str, Any]

T0 = 480_000.0
"""Hour 0 of every case: any fixed instant gives the same answers."""
PATTERNS = (
    "delirium",
    "hyperthermia",
    "seizure_risk",
    "abrupt_stop",
    "pump_failure",
    "autonomic",
    "mood_safety",
    "toxicity",
)
BEFORE_COURSE_HOURS = 12.0
"""An event that must have happened and has no time is put this long before its point."""
_ROUTES = {
    "oral": {"oral"},
    "intrathecal": {"intrathecal"},
    "oral_and_intrathecal": {"oral", "intrathecal"},
    "transplacental": {"transplacental"},
    "none": set(),
}
_NOT_CHANGES = frozenset({"last_dose_taken"})
_RENAMED = {"missed_doses": "missed_dose"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a case that is known at the point in hand."""

    kind: str
    t: float
    words: Mapping[str, Any]


def replay(cases: Sequence[Case], catalogue: Catalogue, *, with_unstated: bool = True) -> list[dict[str, Any]]:
    """One entry for each case, `{"id", "alerts": [{"pattern", "level", "point", "t_hours"}]}`.

    An alert is listed when a pattern first fires and when its level rises. `with_unstated` tells the
    engine also events of which the source does not say when they were found.
    """
    return [_replay_one(case, catalogue, with_unstated) for case in cases]


def _replay_one(case: Case, catalogue: Catalogue, with_unstated: bool) -> dict[str, Any]:
    highest: dict[str, int] = {}
    alerts = []
    for point, facts in facts_of(case, catalogue, with_unstated=with_unstated):
        for hit in evaluate(catalogue, facts).hits:
            if hit.pattern in PATTERNS and hit.level > highest.get(hit.pattern, 0):
                highest[hit.pattern] = hit.level
                alerts.append(
                    {
                        "pattern": hit.pattern,
                        "level": hit.level.name.lower(),
                        "point": point["point"],
                        "t_hours": facts.t - T0,
                    }
                )
    return {"id": case["id"], "alerts": alerts}


def facts_of(
    case: Case, catalogue: Catalogue, *, with_unstated: bool = True
) -> Iterator[tuple[Mapping[str, Any], Facts]]:
    """(point, facts) in the order of the course: what was known at each point, and no more."""
    course: Sequence[Mapping[str, Any]] = case["course"]
    places = {point["point"]: place for place, point in enumerate(course)}
    logs: list[LogFacts] = []
    for place, point in enumerate(course):
        logs.append(_log(point, catalogue))
        now = logs[-1].t
        events = list(_known_events(case, places, place, now, with_unstated))
        yield (
            point,
            Facts(
                t=now,
                logs=tuple(logs),
                person=_person(case, places, place),
                plan=_plan(case),
                changes=tuple(_changes(events, now)),
                doses=regular_doses(_plan(case), events, now),
                baseline=_baseline(course, catalogue),
            ),
        )


def _hours(words: Mapping[str, Any]) -> float | None:
    t = words.get("t_hours")
    found: float | None = t if t is not None else words.get("assumed_t_hours")
    return found


def _log(point: Mapping[str, Any], catalogue: Catalogue) -> LogFacts:
    answers: dict[str, Answer] = {}
    for symptom in point["symptoms"]:
        code = symptom["code"]
        severity = symptom["severity"]
        if severity is None:
            severity = symptom.get("assumed_severity")
        if severity is not None and code in catalogue.symptoms:
            answers[code] = _answer(catalogue.symptoms[code].measure, severity)
    # A stated reading is never replaced by a stand-in.
    readings = {**(point.get("assumed_vitals") or {}), **(point.get("vitals") or {})}
    return LogFacts(
        id=point["point"],
        t=T0 + float(_hours(point) or 0.0),
        reporter=Reporter.STAFF,
        answers=answers,
        vital_signs={
            code: VitalSign(float(value))
            for code, value in readings.items()
            if code in catalogue.vital_signs and value is not None
        },
    )


def _answer(measure: str, severity: int) -> Answer:
    if measure == "yes_no":
        return severity >= 1
    if measure == "avpu":
        return "A" if severity <= 1 else "V" if severity <= 3 else "P"
    return severity


def _baseline(course: Sequence[Mapping[str, Any]], catalogue: Catalogue) -> dict[str, Answer]:
    """Before the first event: none of what the case tells of."""
    codes = {symptom["code"] for point in course for symptom in point["symptoms"]}
    return {
        code: _answer(catalogue.symptoms[code].measure, 0) for code in sorted(codes) if code in catalogue.symptoms
    }


def _person(case: Case, places: Mapping[str, int], place: int) -> PersonFacts:
    context = case["context"]
    later = context.get("confounders_from") or {}
    confounders = {
        code
        for code in context.get("confounders") or []
        if code not in later or places.get(later[code], place + 1) <= place
    }
    return PersonFacts(
        age_years=context["age_years"],
        population=context["population"],
        has_pump="intrathecal" in _ROUTES[context["route"]],
        risk_factors=frozenset(context.get("risk_factors") or []),
        confounders=frozenset(confounders),
    )


def _plan(case: Case) -> PlanFacts | None:
    context = case["context"]
    regular = context["regular_use_before"]
    if regular is None:
        return None
    if not regular:
        # Known to take none: nothing is prescribed, and that is knowledge.
        return PlanFacts(routes=frozenset())
    dose = context.get("daily_dose_before") or {}
    unit = dose.get("unit") if dose.get("of") != "mother" else None
    return PlanFacts(
        routes=frozenset(_ROUTES[context["route"]]),
        daily_dose_oral_mg=dose["value"] if unit == "mg/day" else None,
        daily_dose_intrathecal_microgram=dose["value"] if unit == "microgram/day" else None,
        use_days=context.get("duration_of_use_days"),
    )


def _known_events(
    case: Case, places: Mapping[str, int], place: int, now: float, with_unstated: bool
) -> Iterator[Event]:
    """Events in the past of this point that were known by then, in their order."""
    for words in sorted(case["context"]["events"], key=lambda event: event["order"]):
        before = places.get(words["before_point"])
        if before is None or before > place:
            continue
        known_from = words.get("known_from")
        if known_from == "later" or (known_from == "unstated" and not with_unstated):
            continue
        if known_from in places and places[known_from] > place:
            continue
        hours = _hours(words)
        if hours is None:
            point = case["course"][before]
            hours = float(_hours(point) or 0.0) - BEFORE_COURSE_HOURS
        yield Event(words["kind"], min(T0 + hours, now), words)


def _changes(events: Sequence[Event], now: float) -> Iterator[Change]:
    for event in events:
        if event.kind in _NOT_CHANGES:
            continue
        words = event.words
        change = Change(
            kind=_RENAMED.get(event.kind, event.kind),
            t=event.t,
            route=words.get("route"),
            fraction=words.get("fraction"),
            planned=words.get("planned"),
            last_step_of_plan=bool(words.get("after_taper")),
            tone=words.get("tone"),
            reservoir_ml=words.get("ml"),
            count=words.get("count") or 1,
        )
        yield change
        yield from _repeats(change, words, now)


def _repeats(change: Change, words: Mapping[str, Any], now: float) -> Iterator[Change]:
    every, until = words.get("every_hours"), words.get("until_hours")
    if not every or until is None:
        return
    t = change.t + every
    while t <= min(T0 + until, now):
        yield Change(change.kind, t, change.route, change.fraction, change.planned)
        t += every
