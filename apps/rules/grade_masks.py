"""Grades as bit masks: one operation then asks many items at once.

`g2` holds a bit for every item of grade 2 or more, `m2` also one for every item that is unknown and so
could be. Conditions only ask for grades 1 to 4 in this way; a yes counts as 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import compress

from apps.rules.types import Answer

MASKS = "g1, g2, g3, g4, known"
Grades = tuple[int, int, int, int, int]
"""(g1, g2, g3, g4, known): items of at least that grade, and items that somebody graded at all."""
_MOST_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class _Layout:
    """The bits of one form's items, in the order in which the form gives them."""

    bits: tuple[int, ...]
    asked: int


class GradeMasks:
    """Reads answers into masks. Forms are few: where its items lie is looked up once for each form."""

    __slots__ = ("_layouts", "bits")

    def __init__(self, bits: Mapping[str, int]) -> None:
        self.bits = bits
        self._layouts: dict[tuple[str, ...], _Layout] = {}

    def read(self, answers: Mapping[str, Answer]) -> tuple[int, int, int, int, int, int, bool]:
        """(g1, g2, g3, g4, known, asked, whether a word stands in place of a grade). An item answered by a word
        was asked for and is not known. Codes of no catalogue item are passed over."""
        codes = tuple(answers)
        layout = self._layouts.get(codes)
        if layout is None:
            layout = self._remember(codes)
        g1 = g2 = g3 = g4 = words = 0
        worded = False
        values = answers.values()
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

    def of(self, codes: tuple[str, ...]) -> int:
        """The bits of some items together."""
        layout = self._layouts.get(codes)
        return (layout or self._remember(codes)).asked

    def _remember(self, codes: tuple[str, ...]) -> _Layout:
        bits = tuple([self.bits.get(code, 0) for code in codes])
        layout = _Layout(bits, sum(bits))
        if len(self._layouts) >= _MOST_REMEMBERED:
            self._layouts.clear()
        self._layouts[codes] = layout
        return layout
