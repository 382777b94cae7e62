"""Grades of a day as bit masks: one operation then asks many items at once.

`g2` holds a bit for every item of grade 2 or more, `m2` also one for every item that is unknown and so
could be. Conditions only ask for grades 1 to 4 in this way; a yes counts as 1.
"""

from collections.abc import Mapping

from apps.rules.types import Answer

MASKS = "g1, g2, g3, g4, known"


def grade_masks(best: Mapping[str, float], bits: Mapping[str, int]) -> tuple[int, int, int, int, int]:
    """(g1, g2, g3, g4, known) of the highest grades of a day. Codes of no catalogue item are passed over."""
    g1 = g2 = g3 = g4 = known = 0
    for code, grade in best.items():
        bit = bits.get(code, 0)
        known |= bit
        if grade:
            g1 |= bit
            if grade >= 2:
                g2 |= bit
                if grade >= 3:
                    g3 |= bit
                    if grade >= 4:
                        g4 |= bit
    return g1, g2, g3, g4, known


def masks_of_answers(answers: Mapping[str, Answer], bits: Mapping[str, int]) -> tuple[int, int, int, int, int]:
    """The same of one log as it was answered; reasons for not answering are no grades."""
    try:
        return grade_masks(answers, bits)  # type: ignore[arg-type]
    except TypeError:
        # A word stands among the grades (every word is "true" and cannot be compared with a number).
        return grade_masks({code: a for code, a in answers.items() if not isinstance(a, str)}, bits)
