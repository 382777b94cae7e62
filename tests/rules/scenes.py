"""Facts from a few words: what a vignette does not name is unknown, except a plain plan by mouth."""

from typing import Any

from apps.rules.types import (
    Change,
    DoseFacts,
    Facts,
    LogFacts,
    PersonFacts,
    PlanFacts,
    PumpFacts,
    Reporter,
    VitalSign,
)

NOW = 480_000.0
CATALOGUE = "baclofen-withdrawal-2026.2"
PLAIN_PLAN = {
    "routes": ["oral"],
    "oral_mg": 60.0,
    "doses_per_day": 3,
    "use_days": 30,
    "total_days": 90,
}
CALM = {"bp_systolic_mmhg": VitalSign(120.0), "bp_diastolic_mmhg": VitalSign(70.0)}
"""`calm: true` adds two such readings and the same usual pressure, so that no swing stays open."""
KNOWN = frozenset(
    [
        "a",
        "v",
        "by",
        "h",
        "asleep",
        "past",
        "exposed",
        "changes",
        "doses",
        "plan",
        "person",
        "baseline",
        "baseline_vitals",
        "pump",
        "calm",
    ]
)


def scene(**words: Any) -> Facts:
    """`a` answers and `v` vital signs of the log in hand, `h` hours before now; see KNOWN for the rest."""
    unknown = words.keys() - KNOWN
    assert not unknown, unknown
    logs = [_log(0, words)] if "a" in words or "v" in words else []
    logs += [_log(place, each) for place, each in enumerate(words.get("past", []), 1)]
    baseline_vitals = dict(words.get("baseline_vitals", {}))
    if words.get("calm"):
        logs += [LogFacts(f"calm-{hours}", NOW - hours, Reporter.STAFF, {}, CALM) for hours in (1, 2)]
        baseline_vitals |= {sign: reading.value for sign, reading in CALM.items()}
    changes = [_change(each) for each in words.get("changes", [])]
    if words.get("exposed"):
        hours = words["exposed"] if words["exposed"] is not True else 20.0
        changes.append(Change("dose_reduced", NOW - hours, "oral", 0.1, planned=True))
    return Facts(
        t=NOW,
        logs=tuple(sorted(logs, key=lambda log: log.t)),
        person=_person(words.get("person", {})),
        plan=_plan(words.get("plan", PLAIN_PLAN)),
        changes=tuple(changes),
        doses=tuple(_dose(each) for each in words.get("doses", [])),
        baseline=words.get("baseline", {}),
        baseline_vital_signs=baseline_vitals,
        pump=_pump(words["pump"]) if "pump" in words else None,
    )


def _log(place: int, words: dict[str, Any]) -> LogFacts:
    readings = {}
    for sign, value in words.get("v", {}).items():
        value, site = value if isinstance(value, list) else (value, None)
        readings[sign] = VitalSign(float(value), site)
    return LogFacts(
        id=f"log-{place}",
        t=NOW - words.get("h", 0.0),
        reporter=Reporter(words.get("by", "staff")),
        answers=words.get("a", {}),
        vital_signs=readings,
    )


def _change(words: dict[str, Any]) -> Change:
    rest = {key: value for key, value in words.items() if key not in ("kind", "h", "ended_h")}
    ended = NOW - words["ended_h"] if "ended_h" in words else None
    return Change(kind=words["kind"], t=NOW - words["h"], ended_t=ended, **rest)


def _dose(words: dict[str, Any]) -> DoseFacts:
    due = NOW - words["h"]
    status = words["status"]
    return DoseFacts("oral", due, due if status == "taken" else None, status, words.get("mg", 20.0))


def _plan(words: dict[str, Any] | None) -> PlanFacts | None:
    if words is None:
        return None
    words = {**PLAIN_PLAN, **words}
    return PlanFacts(
        routes=frozenset(words["routes"]),
        daily_dose_oral_mg=words["oral_mg"],
        doses_per_day=words["doses_per_day"],
        use_days=words["use_days"],
        planned_total_days=words["total_days"],
    )


def _person(words: dict[str, Any]) -> PersonFacts:
    return PersonFacts(
        age_years=words.get("age", 45.0),
        population=words.get("population", "adult"),
        has_pump=words.get("pump", False),
        risk_factors=frozenset(words.get("risks", [])),
        confounders=frozenset(words.get("confounders", [])),
    )


def _pump(words: dict[str, Any]) -> PumpFacts:
    def at(name: str) -> float | None:
        return NOW + words[name] if name in words else None

    return PumpFacts(at("refill_in"), at("low_in"), words.get("booked"), at("service_in"))
