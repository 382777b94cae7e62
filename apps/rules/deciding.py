"""All rules of a catalogue decided for one log: by the function for every log, or by one of its own for a kind of
log that comes again and again (see specialising.py). Both give the same answers."""

from collections.abc import Hashable, Sequence

from apps.rules.compiling import Decide, function_of, rules_source
from apps.rules.conditions import Condition
from apps.rules.context import Context
from apps.rules.kinds import known_of_kind
from apps.rules.specialising import specialise

WORTH_ITS_OWN = 400
"""Logs of one kind after which it gets a function of its own: making one costs what it saves over so many."""
_MOST_KINDS = 256
_MOST_COUNTED = 4_096


class Decider:
    """Called with a context; answers as `Decide` says."""

    def __init__(self, conditions: Sequence[Condition], worth_its_own: int = WORTH_ITS_OWN) -> None:
        self.source = rules_source(conditions, undecided=True)
        self.general: Decide = function_of(self.source)
        self._worth_its_own = worth_its_own
        self._seen: dict[Hashable, int] = {}
        self._own: dict[Hashable, Decide] = {}

    @property
    def kinds_with_their_own(self) -> int:
        return len(self._own)

    def __call__(self, context: Context) -> tuple[list[int], int, tuple[bool, ...]]:
        kind = context.kind_of_log
        own = self._own.get(kind)
        return own(context) if own is not None else self._count(kind, context)(context)

    def _count(self, kind: Hashable, context: Context) -> Decide:
        times = self._seen.get(kind, 0) + 1
        if times <= self._worth_its_own or len(self._own) >= _MOST_KINDS:
            if len(self._seen) >= _MOST_COUNTED:
                self._seen.clear()
            self._seen[kind] = times
            return self.general
        own = self._own[kind] = self.specialised(context)
        return own

    def specialised(self, context: Context) -> Decide:
        """A function for logs of this one's kind."""
        return function_of(specialise(self.source, *known_of_kind(context)))
