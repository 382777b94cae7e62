"""Replayed alerts against what careful clinicians would have wanted (researcher judgement, not validated)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.rules.types import Level

ANSWERS = {
    "delirium": ("delirium",),
    "hyperthermia": ("hyperthermia",),
    "seizure_risk": ("seizure_risk",),
    "abrupt_stop": ("abrupt_stop", "dose_gap", "pump_failure"),
    "toxicity_flag": ("toxicity",),
}
"""Expected pattern -> patterns of the replay that answer it. The others are not scored."""
CONTROLS = frozenset({"control", "mild_or_averted"})


@dataclass(slots=True)
class Pair:
    """One case and one expected pattern."""

    case_id: str
    paper: str
    pattern: str
    wanted: bool
    wanted_level: Level | None
    by_point: str | None
    reached: Level | None
    """Highest level at or before the last point at which the alert is wanted (at any point for controls)."""
    late_point: str | None = None

    @property
    def caught(self) -> bool:
        return self.reached is not None

    @property
    def at_level(self) -> bool:
        return self.reached is not None and (self.wanted_level is None or self.reached >= self.wanted_level)


@dataclass(slots=True)
class Scores:
    wanted: list[Pair] = field(default_factory=list)
    false_alerts: list[Pair] = field(default_factory=list)
    """Control pairs that want no alert and got one of urgent or emergency."""
    more_than_watch: list[Pair] = field(default_factory=list)
    """Control pairs that want a watch and got more."""
    quiet_pairs: int = 0

    @property
    def any_level(self) -> int:
        return sum(pair.caught for pair in self.wanted)

    @property
    def at_level(self) -> int:
        return sum(pair.at_level for pair in self.wanted)

    @property
    def misses(self) -> list[Pair]:
        return [pair for pair in self.wanted if not pair.at_level]

    def by_paper(self, *, at_level: bool) -> float:
        """Mean over papers of the share of their pairs that were caught: each paper weighs one."""
        papers: dict[str, list[bool]] = {}
        for pair in self.wanted:
            papers.setdefault(pair.paper, []).append(pair.at_level if at_level else pair.caught)
        return sum(sum(hits) / len(hits) for hits in papers.values()) / len(papers) if papers else 0.0


def score(cases: Sequence[Mapping[str, Any]], replayed: Sequence[Mapping[str, Any]]) -> Scores:
    """Compare replay() with the `expected` of the same cases, pair by pair."""
    alerts = {entry["id"]: entry["alerts"] for entry in replayed}
    scores = Scores()
    for case in cases:
        order = {point["point"]: place for place, point in enumerate(case["course"])}
        for pattern, answering in ANSWERS.items():
            expected = case["expected"].get(pattern)
            if expected is not None and expected["alert"] is not None:
                fired = [a for a in alerts[case["id"]] if a["pattern"] in answering]
                _add(scores, _pair(case, pattern, expected, fired, order), case, expected)
    return scores


def _pair(
    case: Mapping[str, Any],
    pattern: str,
    expected: Mapping[str, Any],
    fired: Sequence[Mapping[str, Any]],
    order: Mapping[str, int],
) -> Pair:
    last = order.get(expected.get("by_point") or "", len(order))
    in_time = [a for a in fired if order[a["point"]] <= last]
    late = [a["point"] for a in fired if order[a["point"]] > last]
    wanted = bool(expected["alert"])
    level = expected["level"]
    return Pair(
        case_id=case["id"],
        paper=case["paper"],
        pattern=pattern,
        wanted=wanted,
        wanted_level=Level[level.upper()] if wanted and level.upper() in Level.__members__ else None,
        by_point=expected.get("by_point"),
        reached=max((Level[a["level"].upper()] for a in (in_time if wanted else fired)), default=None),
        late_point=late[0] if late and not in_time else None,
    )


def _add(scores: Scores, pair: Pair, case: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    if pair.wanted:
        scores.wanted.append(pair)
    if case["kind"] not in CONTROLS:
        return
    loud = pair.reached is not None and pair.reached > Level.WATCH
    if not pair.wanted:
        scores.quiet_pairs += 1
        if loud:
            scores.false_alerts.append(pair)
    elif expected["level"] == "watch" and loud:
        scores.more_than_watch.append(pair)
