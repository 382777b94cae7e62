"""One evaluation's facts, arranged so that conditions can be decided fast.

Only what almost every log needs is worked out at once; medians, swings and pairs of readings are
worked out when a condition asks. An unknown number is NaN.
"""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from math import nan
from operator import lt
from typing import Any

from apps.rules.frame import Frame
from apps.rules.inputs import Inputs
from apps.rules.kinds import kind_of
from apps.rules.news2 import News2Points
from apps.rules.score import DayScore
from apps.rules.supply import Supply, derive_supply
from apps.rules.types import Answer, Facts, LogFacts
from apps.rules.values import is_adult
from apps.rules.vocabulary import KIND_BITS

DAY = 24.0
_NO_REASONS: frozenset[str] = frozenset()


def in_order(facts: Facts) -> tuple[tuple[LogFacts, ...], list[float]]:
    """Logs from old to new, each once, none from the future, and their times: order and copies never matter."""
    logs = facts.logs
    times = [log.t for log in logs]
    if times and (times[-1] > facts.t or not all(map(lt, times, times[1:]))):
        once = {log.id: log for log in logs if log.t <= facts.t}
        logs = tuple(sorted(once.values(), key=lambda log: (log.t, log.id)))
        times = [log.t for log in logs]
    return logs, times


class Context(Inputs):
    """Attribute names are used by generated code (see conditions.py): keep them in step."""

    __slots__ = (
        "_kind",
        "_memo",
        "adult",
        "asked_twice",
        "asleep",
        "avpu",
        "confounders",
        "day",
        "facts",
        "frame",
        "grades",
        "kinds",
        "latest",
        "logs",
        "many",
        "measured",
        "once_daily",
        "only_patient",
        "reasons",
        "risks",
        "settings",
        "supply",
        "t",
        "times",
    )  # fmt: skip

    def __init__(self, facts: Facts, frame: Frame) -> None:
        self.facts = facts
        self.frame = frame
        settings = self.settings = frame.settings
        self.t = facts.t
        person = facts.person
        self.logs, self.times = in_order(facts)
        kinds = 0
        for change in facts.changes:
            kinds |= KIND_BITS.get(change.kind, 0)
        self.kinds = kinds
        self.risks = person.risk_factors
        self.confounders = person.confounders
        self.adult = is_adult(person.population, person.age_years)
        self.supply: Supply = derive_supply(facts, settings.supply)
        self.day = self.logs[bisect_left(self.times, facts.t - DAY) :][::-1]
        self.many = len(self.day) > 1
        self._read_answers()
        self._read_signs()
        self.asleep = bool(self.day) and self.day[0].answers.get("child_asleep") is True
        self._memo: dict[object, Any] = {}
        self._bases: dict[str, float] = {}
        self._best: Mapping[str, float] | None = None
        self._history: Sequence[LogFacts] | None = None
        self._usual: tuple[Mapping[str, Answer], ...] | None = None
        self._before: tuple[Mapping[str, Answer], ...] | None = None
        self._rise: float | None = None
        self._rise_before: float | None = None
        self._news2: News2Points | None = None
        self._score: DayScore | None = None
        self._new_signs: tuple[float, float] | None = None
        self._kind: Hashable = None
        self._limits: Mapping[str, float] | None = None
        plan = facts.plan
        self.once_daily = plan is not None and plan.doses_per_day == 1

    @property
    def kind_of_log(self) -> Hashable:
        """What many logs have in common; see kinds.py."""
        if self._kind is None:
            self._kind = kind_of(self)
        return self._kind

    def _read_answers(self) -> None:
        """Highest grades, reasons in place of grades, and consciousness, of the last 24 h."""
        read = self.frame.reader.read
        g1 = g2 = g3 = g4 = known = asked = twice = 0
        avpu = nan
        only_patient = True
        reasons: set[str] = set()
        for log in self.day:
            n1, n2, n3, n4, answered, was_asked, worded, conscious, by_patient = read(log)
            g1, g2, g3, g4, known = g1 | n1, g2 | n2, g3 | n3, g4 | n4, known | answered
            only_patient = only_patient and by_patient
            twice |= asked & was_asked
            asked |= was_asked
            if worded:
                reasons.update([answer for answer in log.answers.values() if isinstance(answer, str)])
            if avpu != avpu:
                avpu = conscious
        self.grades = (g1, g2, g3, g4, known)
        self.asked_twice = twice
        self.only_patient = only_patient
        self.reasons = reasons or _NO_REASONS
        self.avpu = avpu

    def _read_signs(self) -> None:
        measured = [log for log in self.day if log.vital_signs]
        latest: dict[str, float] = {}
        for log in reversed(measured):
            for sign, reading in log.vital_signs.items():
                latest[sign] = reading.value
        self.measured = measured
        self.latest = latest
