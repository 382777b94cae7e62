"""When the rules have to look again at a patient of whom nothing new is reported.

Each moment at which a rule could begin to fire by time alone is named here; and whatever was overlooked is caught
by looking once an hour in any case."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from apps.assessments.facts import Outlook
from apps.core.days import from_t, to_t
from apps.monitoring.recovery import next_checks
from apps.monitoring.silence import Hearing, doses_unsaid_from, steps_of
from apps.rules.catalogue import Catalogue
from apps.rules.types import Facts, PumpFacts

AT_LATEST = timedelta(hours=1)
DAY = 24.0


def next_look(
    outlook: Outlook,
    hearing: Hearing | None,
    catalogue: Catalogue,
    at: datetime,
    besides: Iterable[datetime] = (),
) -> datetime:
    """The first moment after `at`, an hour from then at the latest."""
    facts = outlook.facts
    ahead = [
        *_dosing(facts, catalogue),
        *_pump(facts.pump, catalogue),
        *(t for t, _level in (steps_of(hearing, catalogue) if hearing else ())),
    ]
    unsaid = doses_unsaid_from(facts)
    if unsaid is not None:
        ahead.append(unsaid)
    moments = [from_t(t) for t in ahead if t > to_t(at)]
    moments += besides
    moments += outlook.plan_changes_ahead[:1]
    if outlook.reinstated_at is not None:
        moments += next_checks(outlook.reinstated_at, at)
    return min([at + AT_LATEST, *(moment for moment in moments if moment > at)])


def _dosing(facts: Facts, catalogue: Catalogue) -> Iterator[float]:
    """Gaps since the last dose, what is to be charted after a transfer, and the beginning of each peak window."""
    taken = [dose.taken_t for dose in facts.doses if dose.taken_t is not None and dose.route == "oral"]
    if taken:
        for name in ("first_signs_hours", "no_dose_hours", "no_dose_hours_once_daily"):
            yield max(taken) + catalogue.value(name)
    for change in facts.changes:
        if change.kind in ("hospital_transfer", "surgery"):
            yield change.t + catalogue.value("chart_hours")
            yield change.t + DAY
        yield change.t + catalogue.value("peak_from_hours")


def _pump(pump: PumpFacts | None, catalogue: Catalogue) -> Iterator[float]:
    if pump is None:
        return
    if pump.refill_due_t is not None:
        yield pump.refill_due_t - catalogue.value("refill_soon_hours")
        yield pump.refill_due_t
        yield pump.refill_due_t - catalogue.value("refill_overdue")
    for t in (pump.low_reservoir_t, pump.service_end_t):
        if t is not None:
            yield t
