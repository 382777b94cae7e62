"""What is known of the supply of baclofen: exposure, doses taken and missed, steps and stops.

`low` and `high` of a pair are the least and the most that it can be: a due dose of which nobody has
said whether it was taken is neither taken nor missed.
"""

from dataclasses import dataclass
from math import nan

from apps.rules.settings import SupplySettings
from apps.rules.types import Change, DoseFacts, Facts

ORAL = "oral"
INTRATHECAL = "intrathecal"
MANY = 99.0
PUMP_LOSS = frozenset(
    [
        "pump_stopped",
        "pump_delivery_lost",
        "pump_removed",
        "pump_alarm",
        "catheter_fault",
        "reservoir_low",
        "refill_missed",
        "refill_failed",
    ]
)
MOVES = ("hospital_transfer", "surgery")
EXPOSING = PUMP_LOSS | {"dose_reduced", "stopped", "missed_dose", "birth"}
_WORKING_AGAIN = frozenset({"pump_checked", "baclofen_restarted"})
_REFILLED = frozenset({"refill_done"})
MENDED_BY = {
    "reservoir_low": _REFILLED,
    "refill_missed": _REFILLED,
    "refill_failed": _REFILLED,
    "pump_alarm": _WORKING_AGAIN,
    "pump_stopped": _WORKING_AGAIN,
    "pump_delivery_lost": _WORKING_AGAIN,
    "pump_removed": _WORKING_AGAIN,
    "catheter_fault": _WORKING_AGAIN,
    "stopped": frozenset({"baclofen_restarted"}),
}


SETTLED_BY_STANDING = (
    "exposed_by_supply",
    "peak",
    "oral_planned",
    "overdue",
    "stopped_outright",
    "oral_bridge",
    "uncharted_transfer",
)
"""Known facts (known_facts.py) that `Supply.standing` tells whole."""
NOTHING_BY_STANDING = ("missed_run", "missed_today", "short", "planned_step", "unplanned_step")
"""Those of which it tells whether they are surely 0."""


@dataclass(slots=True)
class Supply:
    """Derived facts; truth values are 1, 0 or NaN."""

    exposed: float = nan
    peak: float = nan
    first_change_t: float | None = None
    """The earliest change that makes the person exposed now."""
    oral_planned: float = nan
    hours_since_last_dose: float = nan
    overdue_low: float = 0.0
    overdue_high: float = 0.0
    missed_run_low: float = 0.0
    missed_run_high: float = 0.0
    missed_today_low: float = 0.0
    missed_today_high: float = 0.0
    short_low: float = nan
    short_high: float = nan
    planned_step: float = 0.0
    unplanned_step: float = 0.0
    unplanned_step_high: float = 0.0
    planned_step_high: float = 0.0
    stopped_outright: float = 0.0
    oral_bridge: float = 0.0
    uncharted_transfer: float = 0.0

    def standing(self) -> tuple[float | bool | None, ...]:
        """What many people's supply has in common: every truth (None: unknown), and whether each amount is surely
        nothing. In the order of SETTLED_BY_STANDING and NOTHING_BY_STANDING."""
        exposed, peak, planned, since = self.exposed, self.peak, self.oral_planned, self.hours_since_last_dose
        return (
            exposed if exposed == exposed else None,
            peak if peak == peak else None,
            planned if planned == planned else None,
            self.overdue_low,
            self.overdue_high,
            self.stopped_outright,
            self.oral_bridge,
            self.uncharted_transfer,
            since == since,
            self.missed_run_high == 0.0,
            self.missed_today_high == 0.0,
            self.short_high == 0.0,
            self.planned_step_high == 0.0,
            self.unplanned_step_high == 0.0,
        )


def ends_at(change: Change, facts: Facts) -> float | None:
    """When a change was mended; None while it is not."""
    if change.ended_t is not None and change.ended_t <= facts.t:
        return change.ended_t
    menders = MENDED_BY.get(change.kind)
    if menders is None:
        return None
    route = change.route or (INTRATHECAL if change.kind != "stopped" else None)
    found = [
        other.t
        for other in facts.changes
        if other.kind in menders
        and change.t <= other.t <= facts.t
        and (other.kind != "baclofen_restarted" or route is None or other.route in (None, route))
    ]
    return min(found, default=None)


def is_outright_stop(change: Change) -> bool:
    """A stop that is not the planned last step of a taper."""
    return change.kind == "stopped" and not (change.last_step_of_plan and change.planned is not False)


def derive_supply(facts: Facts, settings: SupplySettings) -> Supply:
    found = Supply()
    plan = facts.plan
    if plan is not None:
        dose = plan.daily_dose_oral_mg
        found.oral_planned = float(ORAL in plan.routes and (dose is None or dose > 0))
    missed_spans: list[tuple[float, float]] = []
    if not facts.doses and found.oral_planned != 0.0:
        # Nobody charts doses: none is known to be taken and none to be missed.
        found.overdue_high = 1.0
        found.missed_run_high = found.missed_today_high = MANY
    elif facts.doses:
        missed_spans = _doses(facts, found, settings)
    if facts.changes or missed_spans:
        _changes(facts, found, settings, missed_spans)
    elif plan is not None:
        found.exposed = found.peak = 0.0
    return found


def _spans(facts: Facts, missed: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """(start, end) of each change of supply; one that goes on ends now."""
    spans = list(missed)
    now = facts.t
    for change in facts.changes:
        if change.kind not in EXPOSING or change.t > now:
            continue
        end = change.t
        if not change.planned if change.kind in PUMP_LOSS else is_outright_stop(change):
            ended = ends_at(change, facts)
            end = now if ended is None else ended
        spans.append((change.t, end))
    return spans


def _changes(facts: Facts, found: Supply, settings: SupplySettings, missed: list[tuple[float, float]]) -> None:
    now = facts.t
    if facts.plan is not None:
        found.exposed = found.peak = 0.0
    for start, end in _spans(facts, missed):
        if now - end <= settings.exposed_hours:
            found.exposed = 1.0
            first = found.first_change_t
            found.first_change_t = start if first is None or start < first else first
        if now - start >= settings.peak_from_hours and now - end <= settings.peak_until_hours:
            found.peak = 1.0
    for change in facts.changes:
        if change.t <= now:
            _one_change(change, facts, found, settings)
    if found.oral_planned == 1.0:
        found.uncharted_transfer = float(_uncharted_transfer(facts, settings))


def _one_change(change: Change, facts: Facts, found: Supply, settings: SupplySettings) -> None:
    kind, recent = change.kind, facts.t - change.t <= settings.step_hours
    if kind == "dose_reduced":
        if not recent:
            return
        # A fraction that nobody told could be anything up to the whole dose.
        low = 0.0 if change.fraction is None else change.fraction
        high = 1.0 if change.fraction is None else change.fraction
        if change.planned:
            if change.route == INTRATHECAL:
                # A documented wean of a pump follows its recorded plan and is no abrupt step.
                return
            found.planned_step = max(found.planned_step, low)
            found.planned_step_high = max(found.planned_step_high, high)
        else:
            found.unplanned_step = max(found.unplanned_step, low)
            found.unplanned_step_high = max(found.unplanned_step_high, high)
    elif is_outright_stop(change) and ends_at(change, facts) is None:
        if recent:
            found.stopped_outright = 1.0
        if change.route in (None, ORAL):
            # After a stop that was no part of the taper the plan is still owed.
            found.oral_planned = 1.0
    elif kind == "missed_dose" and facts.t - change.t <= settings.missed_run_hours:
        found.missed_run_low = max(found.missed_run_low, change.count)
        found.missed_run_high = max(found.missed_run_high, change.count)
        found.overdue_low = found.overdue_high = 1.0
    elif kind == "oral_bridge_started" and ends_at(change, facts) is None:
        found.oral_bridge = 1.0
        found.oral_planned = 1.0


def _uncharted_transfer(facts: Facts, settings: SupplySettings) -> bool:
    """Moved to hospital or operated on, and no oral dose charted since."""
    moves = [change for change in facts.changes if change.kind in MOVES]
    return bool(moves) and any(_is_uncharted(move, facts, settings) for move in moves)


def _is_uncharted(move: Change, facts: Facts, settings: SupplySettings) -> bool:
    once_daily = facts.plan is not None and facts.plan.doses_per_day == 1
    wait = 24.0 if once_daily else settings.chart_hours
    if not wait <= facts.t - move.t <= settings.step_hours:
        return False
    return not any(
        dose.route == ORAL and dose.taken_t is not None and move.t <= dose.taken_t <= facts.t
        for dose in facts.doses
    )


def _doses(facts: Facts, found: Supply, settings: SupplySettings) -> list[tuple[float, float]]:
    """Fill the dose facts; answer the spans of missed runs that count as changes."""
    now = facts.t
    last_taken = nan
    day_from = now - 24.0
    due: list[DoseFacts] = []
    all_taken = True
    # They mostly run from old to new: begun at the end, the last one taken is met first.
    for dose in reversed(facts.doses):
        if dose.route != ORAL:
            continue
        taken = dose.taken_t
        if taken is not None and not taken <= last_taken and taken <= now:
            last_taken = taken
        due_t = dose.due_t
        if due_t is None or due_t > now:
            continue
        if due_t > day_from:
            due.append(dose)
        if dose.status != "taken":
            all_taken = False
    due.reverse()
    found.hours_since_last_dose = now - last_taken
    if all_taken:
        if due:
            found.short_low = found.short_high = 0.0
        return []
    if due:
        _short(due, found)
    return _missed_runs(facts, found, settings, last_taken)


def _short(due: list[DoseFacts], found: Supply) -> None:
    found.missed_today_low = sum(dose.status == "missed" for dose in due)
    found.missed_today_high = sum(dose.status != "taken" for dose in due)
    amounts = [dose.amount for dose in due]
    known = [amount for amount in amounts if amount is not None]
    # Without every amount, doses of one day are taken as alike.
    whole = sum(known) if len(known) == len(due) else float(len(due))
    if not whole:
        return
    weights = known if len(known) == len(due) else [1.0] * len(due)
    missed = sum(w for w, dose in zip(weights, due, strict=True) if dose.status == "missed")
    unsaid = sum(w for w, dose in zip(weights, due, strict=True) if dose.status == "unknown")
    found.short_low = missed / whole
    found.short_high = (missed + unsaid) / whole


def _missed_runs(
    facts: Facts, found: Supply, settings: SupplySettings, last_taken: float
) -> list[tuple[float, float]]:
    now = facts.t
    past = sorted(
        (dose.due_t, dose.status)
        for dose in facts.doses
        if dose.route == ORAL and dose.due_t is not None and dose.due_t <= now
    )
    spans: list[tuple[float, float]] = []
    run_low = run_high = 0
    start = 0.0
    for due_t, status in past:
        if status == "taken":
            run_low = run_high = 0
            continue
        run_high += 1
        if status == "missed":
            run_low += 1
            if run_low == 1:
                start = due_t
                spans.append((due_t, due_t))
            else:
                spans[-1] = (start, due_t)
        else:
            run_low = 0
        if now - due_t <= settings.missed_run_hours:
            found.missed_run_low = max(found.missed_run_low, run_low)
            found.missed_run_high = max(found.missed_run_high, run_high)
        if not due_t <= last_taken:
            found.overdue_high = 1.0
            if status == "missed":
                found.overdue_low = 1.0
    # "The first dose of a run" is the change: a run that goes on does not renew the exposure, each
    # missed dose of it still does while the run lasts.
    return spans
