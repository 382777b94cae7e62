"""Grades as bit masks: one operation then asks many items at once.

`g2` holds a bit for every item of grade 2 or more, `m2` also one for every item that is unknown and so
could be. Conditions only ask for grades 1 to 4 in this way; a yes counts as 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress

from apps.rules.types import Answer

MASKS = "g1, g2, g3, g4, known"
Grades = tuple[int, int, int, int, int]
"""(g1, g2, g3, g4, known): items of at least that grade, and items that somebody graded at all."""
Read = tuple[int, int, int, int, int, int, bool]
"""(g1, g2, g3, g4, known, asked, whether a word stands in place of a grade)."""
_MOST_FORMS = 1024
_MOST_ANSWERS = 8192


@dataclass(frozen=True, slots=True)
class _Layout:
    """The bits of one form's items, in the order in which the form gives them."""

    bits: tuple[int, ...]
    asked: int
    seen: dict[tuple[Answer, ...], Read] = field(default_factory=dict)
    """What the same answers came to: a person's days are alike."""


class GradeMasks:
    """Reads answers into masks. Forms are few: where its items lie is looked up once for each form."""

    __slots__ = ("_kept", "_layouts", "bits")

    def __init__(self, bits: Mapping[str, int]) -> None:
        self.bits = bits
        self._layouts: dict[tuple[str, ...], _Layout] = {}
        self._kept = 0

    def read(self, answers: Mapping[str, Answer]) -> Read:
        """An item answered by a word was asked for and is not known. Codes of no item are passed over."""
        codes, values = tuple(answers), tuple(answers.values())
        layout = self._layouts.get(codes)
        if layout is None:
            layout = self._remember(codes)
        found = layout.seen.get(values)
        if found is None:
            self._kept += 1
            if self._kept > _MOST_ANSWERS:
                for each in self._layouts.values():
                    each.seen.clear()
                self._kept = 1
            found = layout.seen[values] = _read(layout, values)
        return found

    def of(self, codes: tuple[str, ...]) -> int:
        """The bits of some items together."""
        layout = self._layouts.get(codes)
        return (layout or self._remember(codes)).asked

    def _remember(self, codes: tuple[str, ...]) -> _Layout:
        bits = tuple([self.bits.get(code, 0) for code in codes])
        layout = _Layout(bits, sum(bits))
        if len(self._layouts) >= _MOST_FORMS:
            self._layouts.clear()
        self._layouts[codes] = layout
        return layout


def _read(layout: _Layout, values: tuple[Answer, ...]) -> Read:
    g1 = g2 = g3 = g4 = words = 0
    worded = False
    given: Iterator[Answer] = filter(None, values)
    # Most answers are 0 and need no look: their item is asked, and of no grade.
    for bit, grade in zip(compress(layout.bits, values), given, strict=True):
        if isinstance(grade, str):
            words |= bit
            worded = True
            continue
        g1 |= bit
        if grade >= 2:
            g2 |= bit
            if grade >= 3:
                g3 |= bit
                if grade >= 4:
                    g4 |= bit
    return g1, g2, g3, g4, layout.asked ^ words, layout.asked, worded
