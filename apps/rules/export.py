"""A catalogue as JSON for static/js/rules.js: the rules that one log can decide, and what deciding them takes.

Conditions are lists that begin with their kind:

    ["all", c …] ["any", c …] ["count", least, c …] ["not", c] ["is", definition]
    ["item", code, op, limit, reporters?] ["vital", sign, op, limit, reporters?]
    ["rise" | "base", item, op, limit] ["over_baseline", sign, op, limit, reporters?] ["above_baseline", …]
    ["fact", name, op, limit] ["risk" | "confounder", code …]
    ["answered_as", item or null, reason …] ["not_measured", sign] ["unknown", need]

A limit is a number, or the name of one that depends on the person. What needs more than the log and the record
of the person (see log_only.py) stands as "unknown", so that its neighbours still decide. A rule that could never
fire in that way is listed in `left_out`.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from math import isnan
from typing import Any

from apps.rules.combinations import All, AnyOf, CountOf, Defined, Not
from apps.rules.conditions import AnsweredAs, Compare, Condition, NotMeasured, Risk
from apps.rules.contents import Catalogue
from apps.rules.definitions import VitalSignDef
from apps.rules.engine import EXPOSED, NOT_ESTABLISHED
from apps.rules.log_only import is_decidable, may_fire, need_of, needs_of
from apps.rules.news2 import PARAMETERS
from apps.rules.settings import Settings
from apps.rules.types import Unanswered
from apps.rules.values import ADULT_FROM_YEARS, SPINAL_INJURY, AgeBand, Limit

FORMAT = 1
"""Raised whenever the shape changes, so that a script never reads what it does not know."""
_RANGES = {
    "heart_rate_bpm": ["child_hr_low", "child_hr_high"],
    "respiratory_rate_bpm": ["child_rr_low", "child_rr_high"],
    "bp_systolic_mmhg": ["child_sbp_low", "child_sbp_high"],
}
"""Limits between which a child's vital sign lies in range (see derived.py)."""
_HIGH_SIDE = ("heart_rate_bpm", "respiratory_rate_bpm", "temperature_c", "bp_systolic_mmhg")
"""Readings whose points count in the day score when they are high (see score.py)."""


def export_bytes(catalogue: Catalogue) -> bytes:
    """Canonical JSON: the same catalogue gives the same bytes."""
    found = export(catalogue)
    text = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8")


def export_digest(exported: bytes) -> str:
    return sha256(exported).hexdigest()[:16]


def export(catalogue: Catalogue) -> dict[str, Any]:
    """See the top of this module. Rules stand most urgent first, as in the catalogue."""
    taken = [rule for rule in catalogue.rules if may_fire(rule.when)]
    left_out = [rule for rule in catalogue.rules if not may_fire(rule.when)]
    conditions = [rule.when for rule in taken] + [catalogue.definitions[EXPOSED]]
    return {
        "format": FORMAT,
        "version": catalogue.version,
        "sha256": catalogue.sha256,
        "rules": [
            {
                "id": rule.id,
                "pattern": rule.pattern,
                "level": int(rule.level),
                "because": rule.because,
                "quiet": rule.ward_list_only,
                "needs": list(needs_of(rule.when)),
                "when": condition_list(rule.when),
            }
            for rule in taken
        ],
        "left_out": [{"id": rule.id, "needs": list(needs_of(rule.when))} for rule in left_out],
        "definitions": {part.name: condition_list(part.of) for part in _definitions(conditions)},
        "exposed": EXPOSED,
        "not_established": NOT_ESTABLISHED,
        "patterns": {code: {"is_withdrawal": each.is_withdrawal} for code, each in catalogue.patterns.items()},
        "advice": [
            {"code": each.code, "level": int(each.level), "patterns": list(each.patterns)}
            for each in catalogue.advice.values()
        ],
        "red_flags": [symptom.code for symptom in catalogue.symptoms.values() if symptom.red_flag],
        "unanswered": [str(reason) for reason in Unanswered],
        "vital_signs": {code: _vital_sign(sign) for code, sign in catalogue.vital_signs.items()},
        "limits": {limit.name: _limit(limit) for limit in catalogue.limits.limits if limit.once_daily is None},
        "ranges": _RANGES,
        "age_bands": [_band(band) for band in catalogue.limits.bands],
        "adult_from_years": ADULT_FROM_YEARS,
        "spinal_injury": SPINAL_INJURY,
        **_tables(catalogue.settings),
        "withdrawal_items": sorted(
            symptom.code
            for symptom in catalogue.symptoms.values()
            if symptom.is_graded and symptom.counts_as_withdrawal
        ),
        "domains": {
            domain: [
                symptom.code
                for symptom in catalogue.symptoms.values()
                if symptom.domain == domain and symptom.is_graded and symptom.counts_as_withdrawal
            ]
            for domain in catalogue.settings.score.weights
        },
    }


def condition_list(condition: Condition) -> list[Any]:
    """One condition as a list; see the top of this module."""
    if isinstance(condition, Defined):
        return ["is", condition.name]
    if isinstance(condition, Not):
        return ["not", condition_list(condition.of)]
    if isinstance(condition, CountOf):
        return ["count", int(condition.at_least.adult), *map(condition_list, condition.of)]
    if isinstance(condition, (All, AnyOf)):
        kind = "all" if isinstance(condition, All) else "any"
        return [kind, *_once_unknown(map(condition_list, condition.parts))]
    if not is_decidable(condition):
        return ["unknown", need_of(condition)]
    return _leaf(condition)


def _once_unknown(parts: Iterable[list[Any]]) -> list[list[Any]]:
    """A second thing unknown beside a first changes neither "all" nor "any"."""
    found: list[list[Any]] = []
    for part in parts:
        if part[0] != "unknown" or part not in found:
            found.append(part)
    return found


def _leaf(condition: Condition) -> list[Any]:
    if isinstance(condition, AnsweredAs):
        return ["answered_as", condition.item, *condition.reasons]
    if isinstance(condition, NotMeasured):
        return ["not_measured", condition.sign]
    if isinstance(condition, Risk):
        return ["confounder" if condition.confounder else "risk", *condition.codes]
    if not isinstance(condition, Compare):
        raise TypeError(f"no form for {condition!r}")
    quantity, limit = condition.quantity, condition.limit
    found: list[Any] = [quantity.kind, quantity.name, condition.op, _limit_or_name(limit)]
    return [*found, sorted(quantity.by)] if quantity.by else found


def _limit_or_name(limit: Limit) -> float | str:
    return limit.adult if limit.is_fixed else limit.name


def _definitions(conditions: Iterable[Condition]) -> Iterable[Defined]:
    """Every definition that these conditions are built on, each once."""
    found: dict[str, Defined] = {}
    todo = list(conditions)
    while todo:
        part = todo.pop()
        if isinstance(part, Defined):
            if part.name in found:
                continue
            found[part.name] = part
        todo.extend(part.parts)
    return found.values()


def _limit(limit: Limit) -> dict[str, Any]:
    found: dict[str, Any] = {"adult": None if isnan(limit.adult) else limit.adult}
    if limit.child is not None:
        found["child"] = {"column": limit.child.column, "factor": limit.child.factor}
    if limit.low_baseline is not None:
        low = limit.low_baseline
        found["low_baseline"] = {"sign": low.sign, "below": low.below, "minus": low.minus, "floor": low.floor}
    return found


def _band(band: AgeBand) -> dict[str, Any]:
    return {"from": band.from_years, "until": band.until_years, "ends": dict(band.ends)}


def _vital_sign(sign: VitalSignDef) -> dict[str, Any]:
    return {
        "unit": sign.unit,
        "accepted_units": {
            unit: {"minus": each.minus, "multiply": each.multiply, "divide": each.divide}
            for unit, each in sign.accepted_units.items()
        },
        "plausible": list(sign.plausible),
    }


def _tables(settings: Settings) -> dict[str, Any]:
    reading, news2, score = settings.reading, settings.news2, settings.score
    return {
        "reading": {
            "gcs_steps": [reading.gcs_alert_from, reading.gcs_voice_from, reading.gcs_pain_from],
            "ck_upper_limit": reading.ck_upper_limit_default,
            "new_confusion_rise": reading.new_confusion_rise,
        },
        "news2": {
            "parameters": list(PARAMETERS),
            "rows": {name: {"tops": row.tops, "points": row.points} for name, row in news2.rows.items()},
            "oxygen": news2.oxygen,
            "not_alert": news2.not_alert,
        },
        "score": {
            "weights": dict(score.weights),
            "mapped_points": list(score.mapped_points),
            "high_side": list(_HIGH_SIDE),
        },
    }
