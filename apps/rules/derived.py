"""Facts worked out from others when a rule asks: age groups, dates of the pump, CK, scores, events."""

from collections.abc import Mapping
from math import isnan, nan

from apps.rules.frame import Frame
from apps.rules.news2 import News2Points, count_news2, news2_rise
from apps.rules.readings import Readings
from apps.rules.score import DayScore, count_score, score_rise
from apps.rules.settings import Settings
from apps.rules.supply import Supply, ends_at

_RANGES = (
    ("heart_rate_bpm", "child_hr_low", "child_hr_high"),
    ("respiratory_rate_bpm", "child_rr_low", "child_rr_high"),
    ("bp_systolic_mmhg", "child_sbp_low", "child_sbp_high"),
)


class Derived(Readings):
    """The part of a Context that known_facts.py names."""

    __slots__ = ("_new_signs", "_news2", "_rise", "_score")

    # Filled by Context, which has the slots.
    adult: bool
    avpu: float
    best: Mapping[str, float]
    frame: Frame
    grades: tuple[int, int, int, int, int]
    limits: Mapping[str, float]
    risks: frozenset[str]
    settings: Settings
    supply: Supply
    _news2: News2Points | None
    _score: DayScore | None
    _rise: float | None
    _new_signs: tuple[float, float] | None

    def base(self, code: str) -> float:
        raise NotImplementedError

    def rise(self, code: str) -> float:
        raise NotImplementedError

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
            self._news2 = count_news2(self)
        return self._news2

    @property
    def news2_rise(self) -> float:
        return news2_rise(self)

    @property
    def score(self) -> DayScore:
        if self._score is None:
            self._score = count_score(self)
        return self._score

    @property
    def score_rise(self) -> float:
        if self._rise is None:
            self._rise = score_rise(self, self.t)
        return self._rise

    @property
    def score_rise_before(self) -> float:
        """The same at the log before this one; asked only where the score rises now."""
        if len(self.logs) < 2 or not self.score_rise > 0:
            return nan
        return score_rise(self, self.logs[-2].t)

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
