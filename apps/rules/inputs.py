"""What is known of one evaluation besides its answers and readings, by the names that rules give it."""

from math import isnan

from apps.rules.derived import Derived
from apps.rules.types import PumpFacts

_NO_PUMP = PumpFacts()
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
    "usual_bp_systolic_mmhg",
    "usual_bp_diastolic_mmhg",
    "usual_heart_rate_bpm",
    "usual_respiratory_rate_bpm",
)
"""Inputs besides answers and readings, by the names that known_facts.py and explaining.py give them."""


class Inputs(Derived):
    """The part of a Context that tells what it knows."""

    __slots__ = ()

    def known_inputs(self) -> frozenset[str]:
        """Names, as known_facts.py and explaining.py use them, of inputs besides answers and readings."""
        return frozenset(name for name, known in zip(OTHER_INPUTS, self.known_flags(), strict=True) if known)

    def known_flags(self) -> tuple[bool, ...]:
        """Which of OTHER_INPUTS are known; cheap, because every evaluation asks."""
        facts, supply, latest, has_usual = self.facts, self.supply, self.latest, self._has_usual
        plan, pump = facts.plan, facts.pump or _NO_PUMP
        return (
            supply.exposed == supply.exposed and supply.oral_planned == supply.oral_planned,
            supply.hours_since_last_dose == supply.hours_since_last_dose,
            supply.overdue_low == supply.overdue_high and supply.short_low == supply.short_high,
            supply.unplanned_step == supply.unplanned_step_high,
            plan is not None and plan.use_days is not None,
            plan is not None and plan.planned_total_days is not None,
            self.adult or facts.person.age_years is not None,
            self.avpu == self.avpu,
            pump.refill_due_t is not None,
            pump.low_reservoir_t is not None,
            pump.refill_booked is not None,
            pump.service_end_t is not None,
            len(self.day) > 1,
            "bp_systolic_mmhg" in latest and has_usual("bp_systolic_mmhg"),
            "bp_diastolic_mmhg" in latest and has_usual("bp_diastolic_mmhg"),
            "heart_rate_bpm" in latest and has_usual("heart_rate_bpm"),
            "respiratory_rate_bpm" in latest and has_usual("respiratory_rate_bpm"),
        )

    def _has_usual(self, sign: str) -> bool:
        return not isnan(self.vital_base(sign))
