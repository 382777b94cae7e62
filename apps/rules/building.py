"""From the text of a catalogue to a checked Catalogue: rules, patterns, texts, and how they fit together."""

import re
from collections.abc import Iterable

from apps.rules.building_items import read_symptoms, read_vital_signs
from apps.rules.building_values import (
    read_bands,
    read_limits,
    read_settings,
    read_sources,
    read_values,
)
from apps.rules.combinations import Defined
from apps.rules.conditions import Condition
from apps.rules.contents import Catalogue
from apps.rules.definitions import Advice, LookAlikeDef, Pattern, Rule
from apps.rules.frame import item_bits
from apps.rules.parsing import parse
from apps.rules.reading import Node, read_document
from apps.rules.settings import ReadingSettings, SupplySettings, names_of
from apps.rules.types import Level
from apps.rules.values import TAGS, LimitTable
from apps.rules.words import Words

_SECTIONS = [
    "catalogue",
    "sources",
    "values",
    "limits",
    "age_bands",
    "anchors",
    "symptoms",
    "vital_signs",
    "risk_factors",
    "confounders",
    "definitions",
    "patterns",
    "rules",
    "look_alikes",
    "advice",
    "news2",
    "score",
    "sign_off",
]
_RULE_ID = re.compile(r"[A-Z]{2,4}-[A-Z](-[a-z0-9]+)*")


def build(text: str, name: str, digest: str) -> Catalogue:
    top = read_document(text, f"{name}.yaml")
    top.expect(_SECTIONS)
    head = top.child("catalogue")
    head.expect({"version", "title", "status"})
    if head.text("version") != name:
        raise head.error(f"the version must be the file's name, “{name}”", "version")
    sources = read_sources(top)
    values = read_values(top, sources)
    bands = read_bands(top.nodes("age_bands"), top)
    limits = read_limits(top, values, bands)
    signs = read_vital_signs(top, sources)
    symptoms = read_symptoms(top, sources, signs)
    words = Words(
        items=frozenset(symptoms),
        signs=frozenset(signs),
        values=values,
        limits={limit.name: limit for limit in limits},
        risks=frozenset(top.child("risk_factors")),
        confounders=frozenset(top.child("confounders")),
        bits=item_bits(symptoms),
    )
    _read_definitions(top, words)
    if "exposed" not in words.defined:
        raise top.error("the definition “exposed”, which the engine needs, is missing", "definitions")
    patterns = _read_patterns(top)
    rules = _read_rules(top, words, patterns, sources)
    look_alikes = _read_look_alikes(top, words, sources)
    settings = read_settings(top, values, words)
    _refuse_unused(top, words, rules, look_alikes)
    return Catalogue(
        version=name,
        sha256=digest,
        title=head.text("title"),
        symptoms=symptoms,
        vital_signs=signs,
        patterns=patterns,
        rules=rules,
        look_alikes=look_alikes,
        advice=_read_advice(top, patterns),
        sources=sources,
        values=values,
        limits=LimitTable(tuple(limits), bands),
        definitions=words.defined,
        risk_factors={code: top.child("risk_factors").text(code) for code in top.child("risk_factors")},
        confounders={code: top.child("confounders").text(code) for code in top.child("confounders")},
        sign_off=top.texts("sign_off"),
        settings=settings,
    )


def _read_definitions(top: Node, words: Words) -> None:
    section = top.child("definitions")
    for name in section:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise section.error(f"“{name}” is no plain word", name)
        node = section.child(name)
        node.expect({"label", "when"})
        words.defined[name] = Defined(name, node.text("label"), parse(node["when"], words, node))


def _read_patterns(top: Node) -> dict[str, Pattern]:
    section = top.child("patterns")
    found = {}
    for code in section:
        node = section.child(code)
        node.expect({"label", "description", "is_withdrawal"})
        found[code] = Pattern(code, node.text("label"), node.text("description"), node.flag("is_withdrawal"))
    return found


def _level(node: Node) -> Level:
    name = node.text("level")
    try:
        return Level[name.upper()]
    except KeyError:
        raise node.error(f"“{name}” is no level", "level") from None


def known_sources(node: Node, key: str, sources: Iterable[str]) -> tuple[str, ...]:
    found = node.texts(key)
    if not found:
        raise node.error(f"“{key}” names no source", key)
    for code in found:
        if code not in sources:
            raise node.error(f"unknown source “{code}”", key)
    return found


def _read_rules(top: Node, words: Words, patterns: dict[str, Pattern], sources: Iterable[str]) -> tuple[Rule, ...]:
    found: dict[str, Rule] = {}
    for node in top.nodes("rules"):
        node.expect(
            {"id", "pattern", "level", "because", "tag", "source", "when"},
            {"note", "ward_list_only"},
        )
        rule_id = node.text("id")
        if not _RULE_ID.fullmatch(rule_id):
            raise node.error(f"“{rule_id}” is no rule id (as in DEL-E-cam)", "id")
        if rule_id in found:
            raise node.error(f"the id “{rule_id}” is used twice", "id")
        if node.text("pattern") not in patterns:
            raise node.error(f"unknown pattern “{node['pattern']}”", "pattern")
        if node.text("tag") not in TAGS:
            raise node.error(f"“{node['tag']}” is no tag", "tag")
        if node.flag("ward_list_only") and _level(node) is not Level.WATCH:
            raise node.error("only a rule of level watch may be ward_list_only", "ward_list_only")
        found[rule_id] = Rule(
            id=rule_id,
            pattern=node.text("pattern"),
            level=_level(node),
            because=node.text("because"),
            tag=node.text("tag"),
            source=known_sources(node, "source", sources),
            when=parse(node["when"], words, node),
            note=node.optional_text("note") or "",
            ward_list_only=node.flag("ward_list_only"),
        )
    return tuple(sorted(found.values(), key=lambda rule: -rule.level))


def _read_look_alikes(top: Node, words: Words, sources: Iterable[str]) -> tuple[LookAlikeDef, ...]:
    found = []
    for node in top.nodes("look_alikes"):
        node.expect({"code", "label", "effect", "source", "when", "speaks_for", "speaks_against"})
        found.append(
            LookAlikeDef(
                code=node.text("code"),
                label=node.text("label"),
                effect=node.text("effect"),
                source=known_sources(node, "source", sources),
                when=parse(node["when"], words, node),
                speaks_for=_pointers(node, "speaks_for", words),
                speaks_against=_pointers(node, "speaks_against", words),
            )
        )
    return tuple(found)


def _pointers(node: Node, key: str, words: Words) -> tuple[tuple[str, Condition], ...]:
    found = []
    for each in node.nodes(key):
        each.expect({"text", "when"})
        found.append((each.text("text"), parse(each["when"], words, each)))
    return tuple(found)


def _read_advice(top: Node, patterns: dict[str, Pattern]) -> dict[str, Advice]:
    found = {}
    for node in top.nodes("advice"):
        node.expect({"code", "headline", "text", "tag", "patterns", "level"})
        for pattern in node.texts("patterns"):
            if pattern not in patterns:
                raise node.error(f"unknown pattern “{pattern}”", "patterns")
        if node.text("code") in found:
            raise node.error(f"the code “{node['code']}” is used twice", "code")
        found[node.text("code")] = Advice(
            node.text("code"),
            node.text("headline"),
            node.text("text"),
            node.text("tag"),
            node.texts("patterns"),
            _level(node),
        )
    return found


def _refuse_unused(
    top: Node, words: Words, rules: tuple[Rule, ...], look_alikes: tuple[LookAlikeDef, ...]
) -> None:
    """A value or definition that nothing reads is a rule that somebody believes to be there."""
    read_by_engine = {*names_of(SupplySettings), *names_of(ReadingSettings)}
    for limit in words.limits.values():
        words.used.add(limit.value_name)
    section = top.child("values")
    for name in section:
        if name not in words.used and name not in read_by_engine and not section.child(name).get("kept_for"):
            raise section.error(f"nothing reads the value “{name}”", name)
    conditions: list[Condition] = [rule.when for rule in rules]
    for each in look_alikes:
        conditions += [each.when, *(c for _, c in each.speaks_for + each.speaks_against)]
    used = {part.name for condition in conditions for part in condition.walk() if isinstance(part, Defined)}
    for name in words.defined:
        if name not in used:
            raise top.child("definitions").error(f"nothing uses the definition “{name}”", name)
