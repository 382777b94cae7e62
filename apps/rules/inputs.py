"""What is known of one evaluation besides its answers and readings, by the names that rules give it."""

from math import isnan

from apps.rules.derived import Derived
from apps.rules.types import PumpFacts

_NO_PUMP = PumpFacts()
_USUAL_SIGNS = ("bp_systolic_mmhg", "bp_diastolic_mmhg", "heart_rate_bpm", "respiratory_rate_bpm")
_NONE_USUAL = (False,) * len(_USUAL_SIGNS)
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


class Inputs(Derived):
    """The part of a Context that tells what it knows."""

    __slots__ = ()

    def known_inputs(self) -> frozenset[str]:
        """Names, as known_facts.py and explaining.py use them, of inputs besides answers and readings."""
        return frozenset(name for name, known in zip(OTHER_INPUTS, self.known_flags(), strict=True) if known)

    def known_flags(self) -> tuple[bool, ...]:
        """Which of OTHER_INPUTS are known; cheap, because every evaluation asks."""
        facts, supply, latest, usual = self.facts, self.supply, self.latest, self.vital_base
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
            *([sign in latest and not isnan(usual(sign)) for sign in _USUAL_SIGNS] if latest else _NONE_USUAL),
        )
