"""Kinds of logs: what many logs have in common, and what the compiled rules may take for granted of each.

`kind_of` and `known_of_kind` belong together: whatever the second tells depends on the first alone. The form that
was answered, which signs were measured and between which limits they lie, what is on record of the person and the
pump, how the supply stands, and whether anything was graded so high at all, of perception and cognition at all.
"""

from collections.abc import Hashable
from math import nan
from typing import TYPE_CHECKING, Any

from apps.rules.bands import Range
from apps.rules.compiling import read_expression
from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.supply import NOTHING_BY_STANDING, SETTLED_BY_STANDING

if TYPE_CHECKING:
    from apps.rules.context import Context

SINCE_DOSE = "hours_since_last_dose"
_OF_THE_PERSON = ("adult", "baby", "has_pump", "under_18")
_OF_THE_WAKING = ("avpu", "new_avpu", "unrousable")
_OF_THE_PUMP = ("hours_to_refill", "hours_past_low_reservoir", "hours_past_service", "refill_not_booked")


def kind_of(context: "Context") -> Hashable:
    facts, person = context.facts, context.facts.person
    g1, g2, g3, g4, known = context.grades
    avpu, since = context.avpu, context.supply.hours_since_last_dose
    return (
        known,
        not g1 & context.frame.mind,
        not g2,
        not g3,
        not g4,
        avpu if avpu == avpu else None,
        _signs(context),
        context.kinds,
        person.population,
        context.adult,
        context.under_18,
        person.has_pump,
        facts.pump is None,
        bool(context.risks),
        bool(context.confounders),
        bool(context.reasons),
        len(context.measured) > 1,
        context.once_daily,
        context.only_patient,
        _band(context, SINCE_DOSE, since) if since == since else None,
        context.supply.standing(),
    )


def _signs(context: "Context") -> tuple[object, ...]:
    """Each sign that was measured, with the bands of its latest reading and, where they are asked for, of the
    highest and the lowest of the day."""
    found: list[object] = []
    several = len(context.measured) > 1
    for sign, value in context.latest.items():
        bands = context.frame.bands.get(sign)
        found.append(sign)
        if bands is not None:
            found.append(bands.of(value))
            if several and bands.asks_extremes:
                values = [value for _, value, _ in context.readings(sign)]
                found += bands.of(max(values)), bands.of(min(values))
    return tuple(found)


def _band(context: "Context", name: str, value: float) -> int | None:
    bands = context.frame.bands.get(name)
    return None if bands is None else bands.of(value)


def known_of_kind(context: "Context") -> tuple[dict[str, Any], dict[str, Range]]:
    """(local name in compiled rules -> value, local name -> range) for what is the same in all logs of a kind."""
    person = context.facts.person
    told: dict[str, Any] = {
        "known": context.grades[-1],
        "kinds": context.kinds,
        "several": len(context.measured) > 1,
        "only_patient": context.only_patient,
    }
    if not context.grades[0] & context.frame.mind:
        told["never"] = context.frame.mind
    told |= {f"g{place + 1}": 0 for place in (1, 2, 3) if not context.grades[place]}
    for name in ("risks", "confounders", "reasons"):
        if not getattr(context, name):
            told[name] = frozenset()
    if context.adult and not context.risks:
        told |= {f"l_{name}": value for name, value in context.limits.items()}
    told |= {f"v_{sign}": nan for sign in context.frame.signs if sign not in context.latest}
    facts = [*_OF_THE_PERSON, *_settled_by_supply(context)]
    if person.population != "newborn":
        facts.append("treated_in_womb")
    if context.facts.pump is None:
        facts += _OF_THE_PUMP
    if not context.avpu > 0:
        facts += _OF_THE_WAKING
    for name in facts:
        fact = KNOWN_FACTS[name]
        told[f"f_{name}"] = read_expression(fact.low, context)
        told[f"h_{name}"] = read_expression(fact.high, context)
    return told, _ranges(context)


def _settled_by_supply(context: "Context") -> list[str]:
    supply = context.supply
    never_taken = supply.hours_since_last_dose != supply.hours_since_last_dose
    nothing = [name for name in NOTHING_BY_STANDING if getattr(supply, f"{name}_high") == 0.0]
    return [*SETTLED_BY_STANDING, *nothing, *([SINCE_DOSE] if never_taken else [])]


def _ranges(context: "Context") -> dict[str, Range]:
    bands = context.frame.bands
    found: dict[str, Range] = {}
    for sign, latest in context.latest.items():
        if sign not in bands:
            continue
        found[f"v_{sign}"] = bands[sign].range_of(latest)
        if bands[sign].asks_extremes:
            found[f"x_{sign}"] = bands[sign].range_of(context.highest(sign))
            found[f"n_{sign}"] = bands[sign].range_of(context.lowest(sign))
    since = context.supply.hours_since_last_dose
    if since == since and SINCE_DOSE in bands:
        found |= dict.fromkeys((f"f_{SINCE_DOSE}", f"h_{SINCE_DOSE}"), bands[SINCE_DOSE].range_of(since))
    return found
