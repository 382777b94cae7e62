"""One evaluation's facts, arranged so that conditions can be decided fast.

Only what almost every log needs is worked out at once; medians, swings and pairs of readings are
worked out when a condition asks. An unknown number is NaN.
"""

from collections.abc import Mapping, Sequence
from math import inf, isnan, nan
from typing import Any

from apps.rules.derived import Derived
from apps.rules.frame import Frame
from apps.rules.grade_masks import grade_masks
from apps.rules.news2 import News2Points
from apps.rules.score import DayScore
from apps.rules.settings import ReadingSettings
from apps.rules.supply import Supply, derive_supply
from apps.rules.types import Answer, Facts, LogFacts, PumpFacts
from apps.rules.values import SPINAL_INJURY, is_adult
from apps.rules.vocabulary import KIND_BITS

DAY = 24.0
AVPU = {"A": 0, "V": 1, "P": 2, "U": 3}
_NO_PUMP = PumpFacts()
_USUAL_SIGNS = ("bp_systolic_mmhg", "bp_diastolic_mmhg", "heart_rate_bpm", "respiratory_rate_bpm")
OTHER_INPUTS = (
    "plan",
    "last_dose",
    "doses",
    "size_of_step",
    "duration_of_use",
    "length_of_taper",
    "age",
    "reduced_consciousness",
    "refill_date",
    "low_reservoir_date",
    "refill_booking",
    "service_end",
    "second_log_today",
    *(f"usual_{sign}" for sign in _USUAL_SIGNS),
)
"""Inputs besides answers and readings, by the names that known_facts.py and explaining.py give them."""
_NO_REASONS: frozenset[str] = frozenset()


def in_order(facts: Facts) -> tuple[LogFacts, ...]:
    """Logs from old to new, each once, none from the future: order and copies never matter."""
    logs = facts.logs
    times = [log.t for log in logs]
    if sorted(set(times)) != times or (times and times[-1] > facts.t):
        once = {log.id: log for log in logs if log.t <= facts.t}
        logs = tuple(sorted(once.values(), key=lambda log: (log.t, log.id)))
    return logs


class Context(Derived):
    """Attribute names are used by generated code (see conditions.py): keep them in step."""

    __slots__ = (
        "_bases",
        "_before",
        "_history",
        "_memo",
        "_usual",
        "adult",
        "asleep",
        "avpu",
        "best",
        "confounders",
        "day",
        "facts",
        "frame",
        "grades",
        "kinds",
        "latest",
        "limits",
        "logs",
        "many",
        "reasons",
        "risks",
        "settings",
        "supply",
        "t",
    )  # fmt: skip

    def __init__(self, facts: Facts, frame: Frame) -> None:
        self.facts = facts
        self.frame = frame
        settings = self.settings = frame.settings
        now = self.t = facts.t
        person = facts.person
        self.logs = in_order(facts)
        kinds = 0
        for change in facts.changes:
            kinds |= KIND_BITS.get(change.kind, 0)
        self.kinds = kinds
        self.risks = person.risk_factors
        self.confounders = person.confounders
        self.adult = is_adult(person.population, person.age_years)
        self.supply: Supply = derive_supply(facts, settings.supply)
        self._gather(now - DAY)
        self._memo: dict[object, Any] = {}
        self._rise: float | None = None
        self._bases: dict[str, float] = {}
        self._history: Sequence[LogFacts] | None = None
        self._usual: tuple[Mapping[str, Answer], ...] | None = None
        self._before: tuple[Mapping[str, Answer], ...] | None = None
        self._news2: News2Points | None = None
        self._score: DayScore | None = None
        self._new_signs: tuple[float, float] | None = None
        plan = facts.plan
        self.limits = frame.limits.resolve(
            population=person.population,
            age_years=person.age_years,
            asleep=self.asleep,
            once_daily=plan is not None and plan.doses_per_day == 1,
            spinal_injury=SPINAL_INJURY in person.risk_factors,
            baseline=facts.baseline_vital_signs,
        )

    def _gather(self, day_from: float) -> None:
        best: dict[str, float] = {}
        latest: dict[str, float] = {}
        day: list[LogFacts] = []
        reasons: set[str] = set()
        avpu = nan
        asleep = False
        for log in reversed(self.logs):
            if log.t < day_from:
                break
            answers = log.answers
            grades = {code: a for code, a in answers.items() if not isinstance(a, str)}
            if len(grades) != len(answers):
                reasons.update(a for a in answers.values() if isinstance(a, str))
            if isnan(avpu):
                avpu = _avpu_of(log, self.settings.reading)
            if not day:
                asleep = answers.get("child_asleep") is True
                best = grades  # type: ignore[assignment]
            else:
                # Most answers are the same all day: only those that differ need comparing.
                for code, grade in grades.items() - best.items():
                    if grade > best.get(code, -1):
                        best[code] = grade
            for sign, reading in log.vital_signs.items():
                if sign not in latest:
                    latest[sign] = reading.value
            day.append(log)
        self.best, self.latest, self.day = best, latest, day
        self.grades = grade_masks(best, self.frame.bits)
        self.many = len(day) > 1
        self.reasons = reasons or _NO_REASONS
        self.avpu = avpu
        self.asleep = asleep

    # -- items ---------------------------------------------------------------------------------

    def item(self, code: str, since: float, within: float, by: tuple[str, ...]) -> float:
        """The highest answer of a window that ends `since` hours ago; NaN when nobody answered."""
        key = (code, since, within, by)
        if key not in self._memo:
            self._memo[key] = self._item(code, since, within, by)
        found: float = self._memo[key]
        return found

    def _item(self, code: str, since: float, within: float, by: tuple[str, ...]) -> float:
        first, last = self.t - within, self.t - since
        found = nan
        for log in reversed(self.logs):
            if log.t < first:
                break
            if log.t > last or (by and log.reporter not in by):
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
        told = nan if before is None else _as_number(code, before)
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
        grade = self.best.get(code)
        return nan if grade is None else grade - self.base(code)

    def history(self) -> Sequence[LogFacts]:
        if self._history is None:
            reading = self.settings.reading
            first = self.t - reading.baseline_from_hours
            last = self.t - reading.baseline_until_hours
            self._history = [log for log in self.logs if first <= log.t <= last]
        return self._history

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
        key = (codes, by)
        if key not in self._memo:
            self._memo[key] = self._differs(codes, by)
        found: bool | None = self._memo[key]
        return found

    def _differs(self, codes: tuple[str, ...], by: float) -> bool | None:
        known = True
        for code in codes:
            if self.best.get(code, by) < by:
                # Nothing so high was answered: only whether it was asked twice is left to know.
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
            today = self.best.get(code)
            if today is None:
                found = None
            elif today >= at_least and self.base(code) < at_least:
                last_two = self._last_grades(code)[:2]
                if min(last_two) >= at_least:
                    if len(last_two) == 2:
                        return True
                    found = None
        return found

    def _last_grades(self, code: str) -> list[float]:
        """Grades of one item from new to old."""
        return [
            answer
            for log in reversed(self.logs)
            if (answer := log.answers.get(code)) is not None and not isinstance(answer, str)
        ]

    def known_inputs(self) -> frozenset[str]:
        """Names, as known_facts.py and explaining.py use them, of inputs besides answers and readings."""
        return frozenset(name for name, known in zip(OTHER_INPUTS, self.known_flags(), strict=True) if known)

    def known_flags(self) -> tuple[bool, ...]:
        """Which of OTHER_INPUTS are known; cheap, because every evaluation asks."""
        supply, person, usual = self.supply, self.facts.person, self.vital_base
        pump = self.facts.pump or _NO_PUMP
        return (
            supply.exposed == supply.exposed and supply.oral_planned == supply.oral_planned,
            supply.hours_since_last_dose == supply.hours_since_last_dose,
            supply.overdue_low == supply.overdue_high and supply.short_low == supply.short_high,
            supply.unplanned_step == supply.unplanned_step_high,
            self.facts.plan is not None and self.facts.plan.use_days is not None,
            self.facts.plan is not None and self.facts.plan.planned_total_days is not None,
            self.adult or person.age_years is not None,
            self.avpu == self.avpu,
            pump.refill_due_t is not None,
            pump.low_reservoir_t is not None,
            pump.refill_booked is not None,
            pump.service_end_t is not None,
            self.many,
            *[sign in self.latest and not isnan(usual(sign)) for sign in _USUAL_SIGNS],
        )

    def answered_as(self, code: str, reasons: tuple[str, ...]) -> bool:
        return any(log.answers.get(code) in reasons for log in self.day)


def _as_number(code: str, answer: Answer) -> float:
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
        steps = [_as_number(code, value) for value in values]
        values = sorted(step for step in steps if not isnan(step))
    if not values:
        return nan
    half = len(values) // 2
    return float(values[half]) if len(values) % 2 else (values[half - 1] + values[half]) / 2


def _avpu_of(log: LogFacts, settings: ReadingSettings) -> float:
    """The worst that this one log says of consciousness; NaN when it says nothing."""
    said = log.answers.get("reduced_consciousness")
    found = AVPU.get(said, nan) if isinstance(said, str) else nan
    if log.answers.get("coma") is True:
        found = 3
    gcs = log.vital_signs.get("gcs")
    if gcs is not None:
        steps = (settings.gcs_alert_from, settings.gcs_voice_from, settings.gcs_pain_from)
        scored = sum(gcs.value < least for least in steps)
        found = scored if isnan(found) else max(found, scored)
    return found
