"""What every evaluation of one catalogue version shares: worked out once, read by Context."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.rules.bands import Bands
from apps.rules.definitions import Symptom
from apps.rules.grade_masks import GradeMasks
from apps.rules.log_reading import LogReader
from apps.rules.score import ScoreBook
from apps.rules.settings import Settings
from apps.rules.values import LimitTable

NEW_CONFUSION = ("confusion", "disorientation")
"""Items whose rise is the "new confusion" of NEWS2."""
_MIND = ("perceptual", "cognition")


@dataclass(frozen=True, slots=True)
class Frame:
    settings: Settings
    limits: LimitTable
    bits: Mapping[str, int]
    """Item -> its bit in the masks of grades."""
    masks: GradeMasks
    reader: LogReader
    domain_items: Mapping[str, tuple[str, ...]]
    """Items that enter the day score, by domain."""
    scores: ScoreBook
    signs: tuple[str, ...]
    bands: Mapping[str, Bands]
    """Of the vital signs and facts that rules compare with a limit (see bands.py)."""
    withdrawal: frozenset[str]
    """Graded items that are no toxicity flags."""
    oxygen: int
    """The bit of "oxygen is given"."""
    new_confusion: int
    """The bits of NEW_CONFUSION."""
    mind: int
    """The bits of the graded items of perception and cognition."""


def item_bits(codes: Iterable[str]) -> dict[str, int]:
    return {code: 1 << place for place, code in enumerate(codes)}


def make_frame(
    symptoms: Mapping[str, Symptom],
    signs: Iterable[str],
    settings: Settings,
    limits: LimitTable,
    bands: Mapping[str, Bands],
) -> Frame:
    bits = item_bits(symptoms)
    masks = GradeMasks(bits)
    weights = settings.score.weights
    domains: dict[str, list[str]] = {domain: [] for domain in weights}
    for symptom in symptoms.values():
        if symptom.is_graded and symptom.counts_as_withdrawal:
            domains[symptom.domain].append(symptom.code)
    return Frame(
        settings=settings,
        limits=limits,
        bits=bits,
        masks=masks,
        reader=LogReader(masks, settings.reading),
        domain_items={name: tuple(codes) for name, codes in domains.items()},
        scores=ScoreBook(
            [(name, masks.of(tuple(codes)), weights[name]) for name, codes in domains.items()], settings
        ),
        signs=tuple(signs),
        bands=bands,
        withdrawal=frozenset(code for codes in domains.values() for code in codes),
        oxygen=masks.of(("oxygen_given",)),
        new_confusion=masks.of(NEW_CONFUSION),
        mind=masks.of(tuple(code for domain in _MIND for code in domains.get(domain, ()))),
    )
