"""Facts that rules may ask for by name: the closed list, in words and as expressions.

`low` and `high` are read from one evaluation's Context `c` (see context.py) and its Supply.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class KnownFact:
    label: str
    low: str
    high: str
    unit: str = ""
    yes_no: bool = False
    missing: tuple[str, ...] = ()
    """What to name as missing when it is unknown."""
    asked_late: bool = False
    """Costly: worked out only where a condition comes to it, not at the start of every evaluation."""
    never_above: str | None = None
    """Another fact that it cannot exceed; a cheap first test."""


def _number(label: str, expression: str, unit: str = "", missing: str = "") -> KnownFact:
    return KnownFact(label, expression, expression, unit, missing=(missing,) if missing else ())


def _truth(label: str, expression: str, missing: str = "") -> KnownFact:
    return KnownFact(label, expression, expression, yes_no=True, missing=(missing,) if missing else ())


def _pair(label: str, name: str, unit: str, *missing: str) -> KnownFact:
    return KnownFact(label, f"c.supply.{name}_low", f"c.supply.{name}_high", unit, missing=missing)


NEWS2_INPUTS = (
    "respiratory_rate_bpm",
    "spo2_percent",
    "oxygen_given",
    "bp_systolic_mmhg",
    "heart_rate_bpm",
    "reduced_consciousness",
    "temperature_c",
)
_FACTS: dict[str, KnownFact] = {
    "exposed_by_supply": _truth("within the window after a change of supply", "c.supply.exposed", "plan"),
    "unrousable": _truth("P or U on AVPU", "float(c.avpu >= 2)"),
    "peak": _truth("within the hours when withdrawal begins", "c.supply.peak", "plan"),
    "oral_planned": _truth("an oral dose is planned", "c.supply.oral_planned", "plan"),
    "hours_since_last_dose": _number(
        "Hours since the last dose taken by mouth",
        "c.supply.hours_since_last_dose",
        "h",
        "last_dose",
    ),
    "overdue": KnownFact(
        "A dose due since the last one taken was missed",
        "c.supply.overdue_low",
        "c.supply.overdue_high",
        yes_no=True,
        missing=("doses",),
    ),
    "missed_run": _pair("Doses missed one after another", "missed_run", "doses", "doses"),
    "missed_today": _pair("Doses missed within 24 hours", "missed_today", "doses", "doses"),
    "short": _pair("Part of the day's dose not taken", "short", "of 1", "doses"),
    "planned_step": KnownFact(
        "Planned cut of the daily dose",
        "c.supply.planned_step",
        "c.supply.planned_step_high",
        "of 1",
        missing=("size_of_step",),
    ),
    "unplanned_step": KnownFact(
        "Unplanned cut of the daily dose",
        "c.supply.unplanned_step",
        "c.supply.unplanned_step_high",
        "of 1",
        missing=("size_of_step",),
    ),
    "stopped_outright": _truth("baclofen stopped outright", "c.supply.stopped_outright"),
    "oral_bridge": _truth("doses by mouth stand in for a pump", "c.supply.oral_bridge"),
    "uncharted_transfer": _truth(
        "moved to hospital or operated on, and no oral dose charted since",
        "c.supply.uncharted_transfer",
    ),
    "has_pump": _truth("has a baclofen pump", "float(c.facts.person.has_pump)"),
    "adult": _truth("16 years or older", "float(c.adult)"),
    "under_18": _truth("under 18 years", "c.under_18", "age"),
    "baby": _truth("newborn or infant", "float(c.baby)"),
    "treated_in_womb": _truth("newborn of a treated mother", "float(c.treated_in_womb)"),
    "use_days": _number("Days of use", "c.use_days", "days", "duration_of_use"),
    "use_unknown": _truth("length of use not known", "float(c.use_days != c.use_days)"),
    "worst_sign": KnownFact(
        "Highest grade of any withdrawal item",
        "c.worst_sign",
        "4.0",
        "of 4",
        missing=("other_withdrawal_items",),
    ),
    "new_signs": KnownFact(
        "Withdrawal items that rose by 2 or more",
        "c.new_signs[0]",
        "99.0",
        "items",
        missing=("other_withdrawal_items",),
    ),
    "worst_new_sign": KnownFact(
        "Highest grade of a withdrawal item that rose by 2 or more",
        "c.new_signs[1]",
        "4.0",
        "of 4",
        missing=("other_withdrawal_items",),
    ),
    "taper_days": _number("Planned length of the taper", "c.taper_days", "days", "length_of_taper"),
    "avpu": _number("Consciousness (A 0, V 1, P 2, U 3)", "c.avpu", missing="reduced_consciousness"),
    "new_avpu": _number(
        "Consciousness lower than usual (A 0, V 1, P 2, U 3)",
        "c.new_avpu",
        missing="reduced_consciousness",
    ),
    "ck_times_limit": _number(
        "Creatine kinase over its upper limit", "c.ck_times_limit", "times", "creatine_kinase_iu_l"
    ),
    "news2": KnownFact("NEWS2", "c.news2.low", "c.news2.high", "points", missing=NEWS2_INPUTS),
    "news2_worst": KnownFact(
        "Highest NEWS2 points of one parameter",
        "c.news2.worst_low",
        "c.news2.worst_high",
        "points",
        missing=NEWS2_INPUTS,
    ),
    "news2_rise": _number("Rise of NEWS2 over the day before", "c.news2_rise", "points", "earlier_news2"),
    "bwds": KnownFact("Day score (BWDS)", "c.score.low", "c.score.high", "points", missing=("domains",)),
    "bwds_rise": _number("Rise of the day score over the day before", "c.score_rise", "points", "earlier_answers"),
    "bwds_rise_before": _number(
        "Rise of the day score at the log before",
        "c.score_rise_before",
        "points",
        "earlier_answers",
    ),
    "out_of_range": KnownFact(
        "Pulse, breathing rate and systolic pressure out of the range for the age",
        "c.out_of_range[0]",
        "c.out_of_range[1]",
        "signs",
        missing=("heart_rate_bpm", "respiratory_rate_bpm", "bp_systolic_mmhg"),
    ),
    "hours_to_refill": _number("Hours until the refill is due", "c.hours_to_refill", "h", "refill_date"),
    "refill_not_booked": _truth("no visit is booked for the refill", "c.refill_not_booked", "refill_booking"),
    "hours_past_low_reservoir": _number(
        "Hours past the reckoned low-reservoir date",
        "c.hours_past_low_reservoir",
        "h",
        "low_reservoir_date",
    ),
    "hours_past_service": _number(
        "Hours past the end of the pump's service life", "c.hours_past_service", "h", "service_end"
    ),
}
_ASKED_LATE = frozenset({"worst_sign", "new_signs", "worst_new_sign", "out_of_range", "bwds_rise_before"})
_NEVER_ABOVE = {"news2_rise": "news2", "bwds_rise": "bwds"}
KNOWN_FACTS: dict[str, KnownFact] = {
    name: replace(
        fact,
        asked_late=name in _ASKED_LATE or name in _NEVER_ABOVE,
        never_above=_NEVER_ABOVE.get(name),
    )
    for name, fact in _FACTS.items()
}
