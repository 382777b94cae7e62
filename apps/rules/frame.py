"""What every evaluation of one catalogue version shares: worked out once, read by Context."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.rules.definitions import Symptom
from apps.rules.settings import Settings
from apps.rules.values import LimitTable


@dataclass(frozen=True, slots=True)
class Frame:
    settings: Settings
    limits: LimitTable
    bits: Mapping[str, int]
    """Item -> its bit in the masks of grades."""
    domain_items: Mapping[str, tuple[str, ...]]
    """Items that enter the day score, by domain."""
    domain_masks: Mapping[str, int]
    withdrawal: frozenset[str]
    """Graded items that are no toxicity flags."""


def item_bits(codes: Iterable[str]) -> dict[str, int]:
    return {code: 1 << place for place, code in enumerate(codes)}


def make_frame(symptoms: Mapping[str, Symptom], settings: Settings, limits: LimitTable) -> Frame:
    bits = item_bits(symptoms)
    domains: dict[str, list[str]] = {domain: [] for domain in settings.score.weights}
    for symptom in symptoms.values():
        if symptom.is_graded and symptom.counts_as_withdrawal:
            domains[symptom.domain].append(symptom.code)
    return Frame(
        settings=settings,
        limits=limits,
        bits=bits,
        domain_items={name: tuple(codes) for name, codes in domains.items()},
        domain_masks={name: sum(bits[code] for code in codes) for name, codes in domains.items()},
        withdrawal=frozenset(code for codes in domains.values() for code in codes),
    )
