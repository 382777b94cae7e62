"""All rules and numbers of the catalogue in force, as a clinician reads them: what each asks for, where it comes
from, and what a clinical lead still has to decide."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.dashboards.alert_page import TAGS
from apps.rules.catalogue import Catalogue
from apps.rules.definitions import Rule
from apps.rules.wording import words


@dataclass(frozen=True, slots=True)
class RuleLine:
    id: str
    level: int
    because: str
    asks_for: str
    tag: str
    is_published: bool
    sources: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class PatternRules:
    label: str
    description: str
    rules: tuple[RuleLine, ...]


@dataclass(frozen=True, slots=True)
class NumberLine:
    name: str
    value: str
    tag: str
    is_published: bool
    note: str


@dataclass(frozen=True, slots=True)
class RuleBook:
    version: str
    sha256: str
    patterns: tuple[PatternRules, ...]
    numbers: tuple[NumberLine, ...]
    sign_off: tuple[str, ...]


def rule_book(catalogue: Catalogue) -> RuleBook:
    return RuleBook(
        version=catalogue.version,
        sha256=catalogue.sha256,
        patterns=tuple(
            PatternRules(
                pattern.label,
                pattern.description,
                tuple(_rule(rule, catalogue) for rule in _most_urgent_first(catalogue, pattern.code)),
            )
            for pattern in catalogue.patterns.values()
        ),
        numbers=tuple(
            NumberLine(
                name.replace("_", " "),
                f"{value.value:g} {value.unit}".strip(),
                str(TAGS.get(value.tag, value.tag)),
                value.tag == "published",
                value.note,
            )
            for name, value in catalogue.values.items()
        ),
        sign_off=catalogue.sign_off,
    )


def _most_urgent_first(catalogue: Catalogue, pattern: str) -> Iterable[Rule]:
    return sorted((rule for rule in catalogue.rules if rule.pattern == pattern), key=lambda rule: -rule.level)


def _rule(rule: Rule, catalogue: Catalogue) -> RuleLine:
    return RuleLine(
        id=rule.id,
        level=int(rule.level),
        because=rule.because,
        asks_for=words(rule.when, catalogue).replace("**", "").replace("`", ""),
        tag=str(TAGS.get(rule.tag, rule.tag)),
        is_published=rule.tag == "published",
        sources=tuple(
            catalogue.sources[code].citation if code in catalogue.sources else code for code in rule.source
        ),
        note=rule.note,
    )
