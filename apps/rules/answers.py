"""Answers of one evaluation: grades of a window, the person's usual, and how answers changed."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from math import inf, isnan, nan
from typing import Any

from apps.rules.grade_masks import Grades
from apps.rules.log_reading import AVPU
from apps.rules.readings import DAY, Readings, median
from apps.rules.supply import Supply
from apps.rules.types import Answer, LogFacts


class Answers(Readings):
    """The part of a Context that reads answers. An unknown number is NaN."""

    __slots__ = ("_bases", "_before", "_best", "_usual")

    # Filled by Context.
    supply: Supply
    grades: Grades
    only_patient: bool
    """Whether nobody but the patient reported in the last 24 h."""
    asked_twice: int
    """Bits of the items that two logs of the last 24 h asked for."""
    _best: Mapping[str, float] | None
    _bases: dict[str, float]
    _usual: tuple[Mapping[str, Answer], ...] | None
    _before: tuple[Mapping[str, Answer], ...] | None

    @property
    def best(self) -> Mapping[str, float]:
        """The highest grade of every item that was graded in the last 24 h."""
        if self._best is None:
            self._best = _highest(self.day)
        return self._best

    def is_graded(self, code: str) -> bool:
        """Whether anybody gave a grade for it in the last 24 h."""
        return self.grades[-1] & self.frame.bits.get(code, 0) != 0

    def item(self, code: str, since: float, within: float, by: tuple[str, ...]) -> float:
        """The highest answer of a window that ends `since` hours ago; NaN when nobody answered."""
        logs: Iterable[LogFacts] = self.day
        if since:
            logs = self.logs[: bisect_right(self.times, self.t - since)][::-1]
        elif within > DAY:
            logs = reversed(self.logs)
        first = self.t - within
        found = nan
        for log in logs:
            if log.t < first:
                break
            if by and log.reporter not in by:
                continue
            answer = log.answers.get(code)
            if answer is not None and not isinstance(answer, str) and not found >= answer:
                found = answer
        return found

    def base(self, code: str) -> float:
        """The person's usual: median of days -8 to -2, else before the taper, else 0.

        While exposed, the value before the first change holds if it is lower: signs that have lasted
        two days must not become their own baseline.
        """
        found = self._bases.get(code)
        if found is None:
            found = self._bases[code] = self._base(code)
        return found

    def _base(self, code: str) -> float:
        usual = _median_of(code, self.usual_answers())
        before = self.facts.baseline.get(code)
        told = nan if before is None else as_number(code, before)
        base = usual if not isnan(usual) else (told if not isnan(told) else 0.0)
        if base > 0 and self.supply.exposed == 1.0:
            earlier = _median_of(code, self.before_change())
            if isnan(earlier):
                earlier = told
            base = min(base, earlier)
        return base

    def has_base(self, code: str) -> bool:
        """Whether anything at all is known of the person's usual; without, it is taken as 0 and said."""
        return code in self.facts.baseline or _median_of(code, self.usual_answers()) >= 0

    def rise(self, code: str) -> float:
        return self._today(code) - self.base(code)

    def _today(self, code: str) -> float:
        return self.item(code, 0.0, DAY, ())

    def usual_answers(self) -> tuple[Mapping[str, Answer], ...]:
        if self._usual is None:
            self._usual = tuple([log.answers for log in self.history()])
        return self._usual

    def before_change(self) -> tuple[Mapping[str, Answer], ...]:
        if self._before is None:
            change = self.supply.first_change_t
            change = inf if change is None else change
            self._before = tuple([log.answers for log in self.logs if log.t < change])
        return self._before

    def differs(self, codes: tuple[str, ...], by: float) -> bool | None:
        known = True
        for code in codes:
            if self._today(code) < by:
                known = known and sum(code in log.answers for log in self.day) > 1
                continue
            seen = [a for log in self.day if (a := log.answers.get(code)) is not None and not isinstance(a, str)]
            if len(seen) < 2:
                known = False
            elif max(seen) - min(seen) >= by:
                return True
        return False if known else None

    def two_logs_running(self, codes: tuple[str, ...], at_least: float) -> bool | None:
        found: bool | None = False
        for code in codes:
            today = self._today(code)
            if isnan(today):
                found = None
            elif today >= at_least and self.base(code) < at_least:
                last_two = self._last_two_grades(code)
                if min(last_two) >= at_least:
                    if len(last_two) == 2:
                        return True
                    found = None
        return found

    def _last_two_grades(self, code: str) -> list[float]:
        """Of one item, from new to old; fewer where fewer were given."""
        found: list[float] = []
        for log in reversed(self.logs):
            answer = log.answers.get(code)
            if answer is not None and not isinstance(answer, str):
                found.append(answer)
                if len(found) == 2:
                    break
        return found

    def answered_as(self, code: str, reasons: tuple[str, ...]) -> bool:
        return any(log.answers.get(code) in reasons for log in self.day)


def _highest(logs: Iterable[LogFacts]) -> dict[str, float]:
    best: dict[str, float] = {}
    for log in logs:
        for code, answer in log.answers.items():
            if not isinstance(answer, str) and answer > best.get(code, -1):
                best[code] = answer
    return best


def as_number(code: str, answer: Answer) -> float:
    if isinstance(answer, str):
        return AVPU.get(str(answer), nan) if code == "reduced_consciousness" else nan
    return float(answer)


def _median_of(code: str, logs: Sequence[Mapping[str, Answer]]) -> float:
    """Median of the grades given; NaN when there are none."""
    try:
        values: list[Any] = sorted([log[code] for log in logs if code in log])
    except TypeError:
        # Reasons for not answering stand among the grades.
        values = sorted([log[code] for log in logs if not isinstance(log.get(code, ""), str)])
    if values and isinstance(values[0], str):
        steps = [as_number(code, value) for value in values]
        values = sorted(step for step in steps if not isnan(step))
    if not values:
        return nan
    return float(median(values))
