"""Facts worked out from others when a rule asks: age groups, dates of the pump, CK, scores, events."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import isnan, nan

from apps.rules.answers import Answers
from apps.rules.frame import NEW_CONFUSION
from apps.rules.news2 import NOT_FOR_CHILDREN, News2Points, count_news2, rise_since
from apps.rules.score import DayScore
from apps.rules.supply import ends_at
from apps.rules.types import LogFacts
from apps.rules.values import SPINAL_INJURY

SCALE_2 = "spo2_scale_2"
"""Risk factor set by a clinician: target saturation 88-92 % in hypercapnic respiratory failure."""
_RANGES = (
    ("heart_rate_bpm", "child_hr_low", "child_hr_high"),
    ("respiratory_rate_bpm", "child_rr_low", "child_rr_high"),
    ("bp_systolic_mmhg", "child_sbp_low", "child_sbp_high"),
)


class Derived(Answers):
    """The part of a Context that known_facts.py names."""

    __slots__ = ("_limits", "_new_signs", "_news2", "_rise", "_rise_before", "_score")

    # Filled by Context.
    adult: bool
    asleep: bool
    avpu: float
    once_daily: bool
    risks: frozenset[str]
    _limits: Mapping[str, float] | None
    _news2: News2Points | None
    _score: DayScore | None
    _rise: float | None
    _rise_before: float | None
    _new_signs: tuple[float, float] | None

    @property
    def limits(self) -> Mapping[str, float]:
        """Limit name -> number, for this person and plan."""
        if self._limits is None:
            person = self.facts.person
            self._limits = self.frame.limits.resolve(
                population=person.population,
                age_years=person.age_years,
                asleep=self.asleep,
                once_daily=self.once_daily,
                spinal_injury=SPINAL_INJURY in person.risk_factors,
                baseline=self.facts.baseline_vital_signs,
            )
        return self._limits

    def event(
        self,
        kinds: tuple[str, ...],
        within: float | None,
        still: bool,
        unplanned: bool,
        route: str | None,
        tones: tuple[str, ...],
        ml_above: float | None,
        ml_at_most: float | None,
        ml_unknown: bool,
    ) -> bool:
        for change in self.facts.changes:
            age = self.t - change.t
            ml = change.reservoir_ml
            if (
                change.kind in kinds
                and age >= 0
                and (within is None or age <= within)
                and not (unplanned and change.planned)
                and (route is None or change.route in (None, route))
                and (not tones or (change.tone or "unknown") in tones)
                and (not ml_unknown or ml is None)
                and (ml_above is None or (ml is not None and ml > ml_above))
                and (ml_at_most is None or (ml is not None and ml <= ml_at_most))
                and not (still and ends_at(change, self.facts) is not None)
            ):
                return True
        return False

    @property
    def news2(self) -> News2Points:
        if self._news2 is None:
            self._news2 = self._count_news2() if self.adult else NOT_FOR_CHILDREN
        return self._news2

    def _count_news2(self) -> News2Points:
        g1, _, _, _, known = self.grades
        oxygen, settings = self.frame.oxygen, self.settings
        return count_news2(
            self.latest,
            oxygen=(1.0 if g1 & oxygen else 0.0) if known & oxygen else nan,
            avpu=self.avpu,
            confused=g1 & self.frame.new_confusion != 0
            and self._newly_confused(settings.reading.new_confusion_rise),
            scale_2=SCALE_2 in self.risks,
            table=settings.news2,
        )

    def _newly_confused(self, by: float) -> bool:
        return any(self.rise(code) >= by for code in NEW_CONFUSION)

    @property
    def news2_rise(self) -> float:
        """Rise over the readings of 24-48 h before."""
        if not self.adult or not self.latest:
            return nan
        return rise_since(
            self._between(self.t - 48.0, self.t - 24.0),
            self.news2.points,
            scale_2=SCALE_2 in self.risks,
            table=self.settings.news2,
        )

    @property
    def score(self) -> DayScore:
        if self._score is None:
            self._score = self.frame.scores.count(self.grades, self.latest, adult=self.adult)
        return self._score

    @property
    def score_rise(self) -> float:
        """Rise of the day score over the day before; NaN when nothing was answered on one of the two."""
        if self._rise is None:
            self._rise = self._rise_at(self.t, self.score)
        return self._rise

    @property
    def score_rise_before(self) -> float:
        """The same at the log before this one; asked only where the score rises now."""
        if self._rise_before is None:
            self._rise_before = self._rise_of_log_before()
        return self._rise_before

    def _rise_of_log_before(self) -> float:
        if len(self.logs) < 2 or not self.score_rise > 0:
            return nan
        at = self.logs[-2].t
        today = [log for log in reversed(self.logs) if at - 24.0 <= log.t <= at]
        return self._rise_at(at, self._score_of(today))

    def _rise_at(self, at: float, now: DayScore) -> float:
        if not now.domains:
            return nan
        if not now.low:
            # Nothing is graded above none, so nothing can have risen.
            return 0.0
        earlier = self._between(at - 48.0, at - 24.0)
        if not earlier:
            return nan
        return self.frame.scores.rise_between(self._score_of(earlier), now)

    def _score_of(self, logs: Sequence[LogFacts]) -> DayScore:
        return self.frame.scores.of_logs(logs, self.frame.reader, adult=self.adult)

    def _between(self, first: float, last: float) -> tuple[LogFacts, ...]:
        """Logs of [first, last) from new to old."""
        return self.logs[bisect_left(self.times, first) : bisect_left(self.times, last)][::-1]

    @property
    def worst_sign(self) -> float:
        """Highest grade of a withdrawal item in 24 h; more may be there than was asked."""
        return max((grade for code, grade in self.best.items() if code in self.frame.withdrawal), default=0.0)

    @property
    def new_signs(self) -> tuple[float, float]:
        """How many withdrawal items rose by 2 or more, and the highest grade among them."""
        if self._new_signs is None:
            grades = [
                grade
                for code, grade in self.best.items()
                if grade >= 2 and code in self.frame.withdrawal and grade - self.base(code) >= 2
            ]
            self._new_signs = float(len(grades)), max(grades, default=0.0)
        return self._new_signs

    @property
    def baby(self) -> bool:
        return self.facts.person.population in ("newborn", "infant")

    @property
    def under_18(self) -> float:
        age, population = self.facts.person.age_years, self.facts.person.population
        return float(age < 18) if age is not None else float(population != "adult")

    @property
    def treated_in_womb(self) -> bool:
        return self.facts.person.population == "newborn" and any(
            change.kind == "birth" and change.t <= self.t for change in self.facts.changes
        )

    @property
    def use_days(self) -> float:
        plan = self.facts.plan
        return nan if plan is None or plan.use_days is None else float(plan.use_days)

    @property
    def taper_days(self) -> float:
        plan = self.facts.plan
        days = None if plan is None else plan.planned_total_days
        return nan if days is None else float(days)

    @property
    def new_avpu(self) -> float:
        """Consciousness (A 0 … U 3) if lower than the person's usual, else 0."""
        if self.avpu > 0 and self.avpu <= self.base("reduced_consciousness"):
            return 0.0
        return self.avpu

    @property
    def ck_times_limit(self) -> float:
        """Latest creatine kinase over its laboratory's upper limit; the default limit where none is told."""
        window = self.settings.reading.ck_window_hours
        ck = self.vital("creatine_kinase_iu_l", window, ())
        if isnan(ck):
            return nan
        limit = self.vital("creatine_kinase_upper_limit_iu_l", window, ())
        return ck / (limit if limit > 0 else self.settings.reading.ck_upper_limit_default)

    @property
    def out_of_range(self) -> tuple[float, float]:
        """How many of a child's pulse, breathing and systolic pressure lie out of range: least, most."""
        if self.adult:
            return 0.0, 0.0
        low = high = 0.0
        for sign, below, above in _RANGES:
            value = self.latest.get(sign, nan)
            bottom, top = self.limits[below], self.limits[above]
            if value < bottom or value > top:
                low += 1
                high += 1
            elif not bottom <= value <= top:
                high += 1
        return low, high

    def _hours_past(self, name: str) -> float:
        pump = self.facts.pump
        t = None if pump is None else getattr(pump, name)
        return nan if t is None else self.t - t

    @property
    def hours_to_refill(self) -> float:
        return -self._hours_past("refill_due_t")

    @property
    def hours_past_low_reservoir(self) -> float:
        return self._hours_past("low_reservoir_t")

    @property
    def hours_past_service(self) -> float:
        return self._hours_past("service_end_t")

    @property
    def refill_not_booked(self) -> float:
        pump = self.facts.pump
        booked = None if pump is None else pump.refill_booked
        return nan if booked is None else float(not booked)
