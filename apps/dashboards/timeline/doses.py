"""Lanes of what was prescribed and what was taken of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core.days import day_bounds, local_day
from apps.dashboards.taken_page import AS_KEPT, Deviation, deviation_of
from apps.dashboards.timeline.axis import Axis, Bin, Period
from apps.dashboards.timeline.reading import TimelineFacts
from apps.dashboards.timeline.shapes import Cell, Curve, Curves, Mark, Panel, Piece, Row, Rows
from apps.dashboards.timeline.supply import supply_rows
from apps.tapers.models import Dose, Route
from apps.tapers.selectors import MG, DueDose

TICK = timedelta(microseconds=1)
UNITS = {Route.ORAL: gettext_lazy("mg a day"), Route.INTRATHECAL: gettext_lazy("microgram a day")}
TITLES = {Route.ORAL: gettext_lazy("Dose by mouth"), Route.INTRATHECAL: gettext_lazy("Dose by pump")}
WORST_FIRST = (
    Deviation.MISSED, Deviation.DOUBLE, Deviation.UNTOLD, Deviation.UNKNOWN, Deviation.OTHER_AMOUNT,
    Deviation.LATE, Deviation.EARLY, Deviation.OUTSIDE,
)  # fmt: skip
LETTERS = {
    Deviation.MISSED: "✕", Deviation.DOUBLE: "2×", Deviation.UNTOLD: "?", Deviation.UNKNOWN: "?",
    Deviation.OTHER_AMOUNT: "≠", Deviation.LATE: "L", Deviation.EARLY: "E", Deviation.OUTSIDE: "+",
}  # fmt: skip
WORDS = {
    Deviation.MISSED: gettext_lazy("missed"),
    Deviation.DOUBLE: gettext_lazy("taken twice, or double"),
    Deviation.UNTOLD: gettext_lazy("nobody has said"),
    Deviation.UNKNOWN: gettext_lazy("not known"),
    Deviation.OTHER_AMOUNT: gettext_lazy("another amount"),
    Deviation.LATE: gettext_lazy("late"),
    Deviation.EARLY: gettext_lazy("early"),
    Deviation.OUTSIDE: gettext_lazy("outside the plan"),
}
BAD = frozenset({Deviation.MISSED, Deviation.DOUBLE})
AS_PLANNED = "✓"


@dataclass(frozen=True, slots=True)
class Told:
    """One dose, due or outside the plan, with what was said of it."""

    when: datetime
    planned: Decimal | None
    dose: Dose | None
    deviation: Deviation | None
    """None: as planned."""

    @property
    def taken(self) -> Decimal:
        """mg; what was taken without an amount told counts as planned."""
        if self.dose is None or self.dose.status != Dose.Status.TAKEN:
            return Decimal(0)
        return self.dose.amount or self.planned or Decimal(0)


def told_doses(facts: TimelineFacts) -> list[Told]:
    """Oral doses on the axis, oldest first. A dose that may still be told in time is not listed yet."""
    oral = [dose for dose in facts.doses if dose.route == Route.ORAL]
    by_due = {dose.due_at: dose for dose in oral if dose.due_at is not None}
    due = [DueDose(one.due_at, Route.ORAL, one.amount, MG, by_due.get(one.due_at)) for one in facts.due]
    planned = [one for one in (_told(each, facts) for each in due) if one is not None]
    listed = {one.dose.pk for one in planned if one.dose is not None}
    beside = [dose for dose in oral if dose.pk not in listed and facts.axis.holds(_moment(dose))]
    extra = [Told(_moment(dose), None, dose, _outside(dose, planned, facts.axis.zone)) for dose in beside]
    return sorted([*planned, *extra], key=lambda one: one.when)


def _told(due: DueDose, facts: TimelineFacts) -> Told | None:
    deviation = deviation_of(due, facts.known_at)
    if due.dose is None and deviation is None:
        return None
    return Told(due.due_at, due.amount, due.dose, deviation)


def _outside(dose: Dose, planned: Sequence[Told], zone: str) -> Deviation:
    """Of the plan as it was known. On top of the dose before it that day, which was taken too, it is a dose taken
    twice; a missed one that the plan does not name was of an earlier version."""
    if dose.status == Dose.Status.MISSED:
        return Deviation.MISSED
    moment = _moment(dose)
    before = [
        one for one in planned if one.when <= moment and local_day(one.when, zone) == local_day(moment, zone)
    ]
    is_double = bool(before) and before[-1].taken > 0
    return Deviation.DOUBLE if is_double else Deviation.OUTSIDE


def _moment(dose: Dose) -> datetime:
    return dose.due_at or dose.taken_at or dose.recorded_at


def dose_panels(facts: TimelineFacts, told: Sequence[Told]) -> list[Panel]:
    routes = [route for route in Route if any(one.route == route and one.daily_dose for one in facts.stretches)]
    panels: list[Panel] = [_curves(route, facts, told) for route in routes]
    row = _dose_row(facts, told)
    rows = (row, *supply_rows(facts)) if row is not None else supply_rows(facts)
    return [*panels, Rows("supply", _("Doses, plan, pump"), tuple(rows))] if rows else panels


def _curves(route: Route, facts: TimelineFacts, told: Sequence[Told]) -> Curves:
    stair = _stair(route, facts)
    foreseen = _foreseen(route, facts)
    bars = _taken_by_day(facts, told) if route == Route.ORAL else ()
    curves = [Curve(_("prescribed"), "stair", pieces=stair)]
    if foreseen:
        curves.append(Curve(_("foreseen, waits to be released"), "dashed", pieces=foreseen))
    if bars:
        curves.insert(0, Curve(_("told to be taken that day"), "bar", pieces=bars))
    highest = max((piece.value for curve in curves for piece in curve.pieces), default=0.0)
    return Curves(f"dose-{route}", str(TITLES[route]), str(UNITS[route]), 0.0, highest, tuple(curves))


def _stair(route: Route, facts: TimelineFacts) -> tuple[Piece, ...]:
    found = []
    for one in facts.stretches:
        begins, ends = max(one.starts_at, facts.axis.since), min(one.ends_at or facts.axis.until, facts.axis.until)
        if one.route == route and begins < ends:
            found.append(Piece(begins, ends, float(one.daily_dose)))
    return tuple(found)


def _foreseen(route: Route, facts: TimelineFacts) -> tuple[Piece, ...]:
    """Begins at the moment looked at, at the earliest: until then it waits."""
    waiting = [step for step in facts.foreseen if step.route == route]
    late = max(facts.known_at - waiting[0].starts_at, timedelta()) if waiting else timedelta()
    found = []
    for place, step in enumerate(waiting):
        following = waiting[place + 1].starts_at + late if place + 1 < len(waiting) else facts.axis.until
        begins = max(step.starts_at + late, facts.axis.since)
        ends = min(step.ends_at + late if step.ends_at else following, following, facts.axis.until)
        if begins < ends:
            found.append(Piece(begins, ends, float(step.daily_dose)))
    return tuple(found)


def _taken_by_day(facts: TimelineFacts, told: Sequence[Told]) -> tuple[Piece, ...]:
    """mg by the patient's own day; of a day that is not over, so far."""
    if facts.axis.period == Period.HOURS:
        return ()
    totals: dict[datetime, Decimal] = {}
    ends: dict[datetime, datetime] = {}
    for one in told:
        starts, over = day_bounds(local_day(one.when, facts.axis.zone), facts.axis.zone)
        totals[starts] = totals.get(starts, Decimal(0)) + one.taken
        ends[starts] = over
    if not any(totals.values()):
        return ()
    return tuple(Piece(starts, ends[starts], float(totals[starts])) for starts in sorted(totals))


def _dose_row(facts: TimelineFacts, told: Sequence[Told]) -> Row | None:
    if not told:
        return None
    if facts.axis.period == Period.HOURS:
        marks = tuple(
            Mark(one.when, _letter(one.deviation), _told_words(one), _tone(one.deviation)) for one in told
        )
        return Row(_("Doses by mouth"), marks=marks)
    cells = (_dose_cell(column, inside) for column, inside in _by_bin(facts.axis, told))
    return Row(_("Doses by mouth"), cells=tuple(cells))


def _by_bin(axis: Axis, told: Iterable[Told]) -> Iterable[tuple[Bin, list[Told]]]:
    rest = list(told)
    for column in axis.bins:
        inside = [one for one in rest if column.begins <= one.when < column.ends]
        if inside:
            yield column, inside


def _dose_cell(column: Bin, inside: Sequence[Told]) -> Cell:
    """The worst of what was said."""
    said = {one.deviation for one in inside}
    worst = next((one for one in WORST_FIRST if one in said), None)
    return Cell(column.begins, column.ends, _letter(worst), _tone(worst))


def _letter(deviation: Deviation | None) -> str:
    return AS_PLANNED if deviation is None else LETTERS[deviation]


def _tone(deviation: Deviation | None) -> str:
    if deviation is None:
        return "done"
    return "bad" if deviation in BAD else "odd"


def _told_words(one: Told) -> str:
    amount = one.dose.amount if one.dose and one.dose.amount is not None else one.planned
    return f"{amount_words(amount)} {MG}" if amount is not None else ""


def amount_words(amount: Decimal) -> str:
    """As many decimals as are kept, and no empty ones."""
    return number_format(amount.quantize(AS_KEPT).normalize())


def dose_words(route: str, daily_dose: Decimal) -> str:
    if route == Route.ORAL:
        return _("%(dose)s mg a day by mouth") % {"dose": amount_words(daily_dose)}
    return _("%(dose)s microgram a day by pump") % {"dose": amount_words(daily_dose)}


def dose_story(one: Told) -> str:
    """For the table: what was due, and what was said."""
    planned = "" if one.planned is None else _("%(amount)s mg due") % {"amount": amount_words(one.planned)}
    said = str(WORDS[one.deviation]) if one.deviation else _("taken as planned")
    dose = one.dose
    amount = f"{amount_words(dose.amount)} {MG}" if dose and dose.amount is not None else ""
    reason = dose.reason if dose else ""
    return ", ".join(part for part in (planned, said, amount, reason) if part)
