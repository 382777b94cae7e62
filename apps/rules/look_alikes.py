"""Illnesses that look the same: shown beside an alert with what speaks for and against, never instead of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from apps.rules.compiling import truth
from apps.rules.conditions import Condition
from apps.rules.context import Context
from apps.rules.types import LookAlike

if TYPE_CHECKING:
    from apps.rules.contents import Catalogue


def find_look_alikes(catalogue: "Catalogue", context: Context, fired: Sequence[int]) -> tuple[LookAlike, ...]:
    """Those whose condition holds while something fired."""
    if not fired:
        return ()
    return tuple(
        LookAlike(
            code=each.code,
            label=each.label,
            speaks_for=_holding(each.speaks_for, context),
            speaks_against=_holding(each.speaks_against, context),
        )
        for each in catalogue.look_alikes
        if truth(each.when, context) is True
    )


def _holding(pointers: Sequence[tuple[str, Condition]], context: Context) -> tuple[str, ...]:
    return tuple(text for text, when in pointers if truth(when, context) is True)
