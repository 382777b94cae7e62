"""Conditions as written in YAML, turned into the closed vocabulary; every fault names its line."""

from apps.rules.combinations import All, AnyOf, CountOf, Not
from apps.rules.conditions import (
    AnsweredAs,
    Compare,
    Condition,
    Differs,
    Event,
    NotMeasured,
    Quantity,
    Risk,
    Twice,
    TwoLogsRunning,
)
from apps.rules.known_facts import KNOWN_FACTS
from apps.rules.reading import Node
from apps.rules.types import Reporter
from apps.rules.values import Limit
from apps.rules.vocabulary import CHANGE_KINDS, REASONS, TONES
from apps.rules.words import Words

_OPS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}
_VITAL_KINDS = {
    "vital": "vital",
    "over_baseline": "over_baseline",
    "above_baseline": "above_baseline",
    "swing": "swing",
    "fall": "fall",
    "rise_in_6_hours": "rise_6h",
}
_ITEM_KINDS = {"item": "item", "rise": "rise"}


def parse(node: object, words: Words, inside: Node) -> Condition:
    if not isinstance(node, Node):
        raise inside.error(f"a condition must be a mapping, not {node!r}")
    kind = next(iter(node), "")
    reader = _READERS.get(kind)
    if reader is None:
        raise node.error(f"unknown condition “{kind}”", kind or None)
    return reader(node, kind, words)


def _parts(node: Node, key: str, words: Words) -> tuple[Condition, ...]:
    value = node[key]
    if not isinstance(value, list) or not value:
        raise node.error(f"“{key}” must be a list of conditions", key)
    return tuple(parse(each, words, node) for each in value)


def _all(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind})
    return All(_parts(node, kind, words))


def _any(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind})
    return AnyOf(_parts(node, kind, words))


def _not(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind})
    return Not(parse(node[kind], words, node))


def _count(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind, "at_least"})
    words.number(node, "at_least")
    return CountOf(words.limit(node, "at_least"), _parts(node, kind, words))


def _is(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind})
    name = node.text(kind)
    if name in words.defined:
        return words.defined[name]
    fact = KNOWN_FACTS.get(name)
    if fact is None or not fact.yes_no:
        raise node.error(f"nothing is called “{name}” (definitions must come before their use)", kind)
    return _yes(Quantity("fact", name))


def _yes(quantity: Quantity) -> Compare:
    return Compare(quantity, ">=", Limit(name="yes", adult=1.0, value_name="yes"))


def _bound(node: Node, words: Words) -> tuple[str, Limit]:
    found = [key for key in _OPS if key in node]
    if len(found) != 1:
        raise node.error("needs exactly one of at_least, above, at_most, below")
    return _OPS[found[0]], words.limit(node, found[0])


def _reporters(node: Node) -> frozenset[str]:
    by = node.texts("by")
    for each in by:
        if each not in set(Reporter):
            raise node.error(f"nobody reports as “{each}”", "by")
    return frozenset(by)


def _codes(node: Node, key: str, allowed: frozenset[str]) -> tuple[str, ...]:
    codes = node.texts(key)
    if not codes:
        raise node.error(f"“{key}” names nothing", key)
    for code in codes:
        if code not in allowed:
            raise node.error(f"unknown code “{code}”", key)
    return codes


def _one_or_any(conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else AnyOf(tuple(conditions))


def _item(node: Node, kind: str, words: Words) -> Condition:
    optional = {*_OPS, "within", "since", "by"} if kind == "item" else set(_OPS)
    node.expect({kind}, optional)
    op, limit = _bound(node, words)
    within = words.number(node, "within") if "within" in node else 24.0
    since = words.number(node, "since") if "since" in node else 0.0
    by = _reporters(node)
    return _one_or_any(
        [
            Compare(Quantity(_ITEM_KINDS[kind], code, within, since, by, words.bit(code)), op, limit)
            for code in _codes(node, kind, words.items)
        ]
    )


def _newly(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind, "at_least"})
    limit = words.limit(node, "at_least")
    return _one_or_any(
        [
            All(
                (
                    Compare(Quantity("item", code, bit=words.bit(code)), ">=", limit),
                    Compare(Quantity("base", code, bit=words.bit(code)), "<", limit),
                )
            )
            for code in _codes(node, kind, words.items)
        ]
    )


def _yes_item(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind}, {"within", "by"})
    within = words.number(node, "within") if "within" in node else 24.0
    by = _reporters(node)
    return _one_or_any(
        [
            _yes(Quantity("item", code, within, by=by, bit=words.bit(code)))
            for code in _codes(node, kind, words.items)
        ]
    )


def _vital(node: Node, kind: str, words: Words) -> Condition:
    optional = set(_OPS)
    if kind == "vital":
        optional |= {"within", "by"}
    if kind in ("over_baseline", "swing"):
        optional.add("by")
    node.expect({kind}, optional)
    op, limit = _bound(node, words)
    within = words.number(node, "within") if "within" in node else 24.0
    by = _reporters(node)
    return _one_or_any(
        [
            Compare(Quantity(_VITAL_KINDS[kind], sign, within, 0.0, by), op, limit)
            for sign in _codes(node, kind, words.signs)
        ]
    )


def _twice(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind, "apart"}, set(_OPS))
    op, limit = _bound(node, words)
    words.number(node, "apart")
    (sign,) = _codes(node, kind, words.signs)
    return Twice(sign, op, limit, words.limit(node, "apart"))


def _differs(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind, "by_at_least"})
    words.number(node, "by_at_least")
    codes = _codes(node, kind, words.items)
    return Differs(codes, words.limit(node, "by_at_least"), sum(words.bit(code) for code in codes))


def _two_logs_running(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind, "at_least"})
    words.number(node, "at_least")
    limit = words.limit(node, "at_least")
    codes = _codes(node, kind, words.items)
    asked = tuple(Compare(Quantity("item", code, bit=words.bit(code)), ">=", limit) for code in codes)
    if not all(part.grade for part in asked):
        raise node.error("“at_least” must be a grade from 1 to 4", "at_least")
    return TwoLogsRunning(codes, limit, asked)


def _answered_as(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind}, {"to"})
    item = _codes(node, "to", words.items)[0] if "to" in node else None
    return AnsweredAs(_codes(node, kind, REASONS), item)


def _not_measured(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind})
    (sign,) = _codes(node, kind, words.signs)
    return NotMeasured(sign)


def _fact(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind}, set(_OPS))
    (name,) = _codes(node, kind, frozenset(KNOWN_FACTS))
    op, limit = _bound(node, words)
    return Compare(Quantity("fact", name), op, limit)


def _event(node: Node, kind: str, words: Words) -> Condition:
    node.expect(
        {kind},
        {"within", "still", "unplanned", "route", "tone", "ml_above", "ml_at_most", "ml_unknown"},
    )
    return Event(
        kinds=_codes(node, kind, CHANGE_KINDS),
        within=words.number(node, "within") if "within" in node else None,
        still=node.flag("still"),
        unplanned=node.flag("unplanned"),
        route=node.optional_text("route"),
        tones=_codes(node, "tone", TONES) if "tone" in node else (),
        ml_above=words.number(node, "ml_above") if "ml_above" in node else None,
        ml_at_most=words.number(node, "ml_at_most") if "ml_at_most" in node else None,
        ml_unknown=node.flag("ml_unknown"),
    )


def _risk(node: Node, kind: str, words: Words) -> Condition:
    node.expect({kind})
    confounder = kind == "confounder"
    allowed = words.confounders if confounder else words.risks
    return Risk(_codes(node, kind, allowed), confounder)


_READERS = {
    "all": _all,
    "any": _any,
    "not": _not,
    "count": _count,
    "is": _is,
    "item": _item,
    "rise": _item,
    "newly": _newly,
    "yes": _yes_item,
    "twice": _twice,
    "differs": _differs,
    "two_logs_running": _two_logs_running,
    "answered_as": _answered_as,
    "not_measured": _not_measured,
    "fact": _fact,
    "event": _event,
    "risk": _risk,
    "confounder": _risk,
    **dict.fromkeys(_VITAL_KINDS, _vital),
}
