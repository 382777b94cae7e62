"""The record of a person as a phone may hold it: the few facts that turn "a high grade" into "a new one".

Only what the exported rules look at is handed over, and only to the person's own page.
"""

from collections.abc import Collection, Mapping
from math import isnan
from typing import Any

from apps.rules.contents import Catalogue
from apps.rules.context import Context
from apps.rules.engine import context_of
from apps.rules.types import Facts


def held_record(catalogue: Catalogue, facts: Facts) -> dict[str, Any]:
    """What export.py's reader calls the record, taken at `facts.t`. Usual answers and readings are those the
    engine would compare with: of the days before, else of before the taper. Truths are true, false or null."""
    context = context_of(catalogue, facts)
    person = facts.person
    return {
        "person": {
            "population": person.population,
            "age_years": person.age_years,
            "has_pump": person.has_pump,
            "risk_factors": sorted(person.risk_factors),
            "confounders": sorted(person.confounders),
        },
        "exposed_by_supply": _truth(context.supply.exposed),
        "peak": _truth(context.supply.peak),
        "usual": _usual(context, catalogue.symptoms),
        "usual_readings": _usual_readings(context, catalogue.vital_signs),
        "readings_before_taper": dict(sorted(facts.baseline_vital_signs.items())),
    }


def _usual(context: Context, codes: Collection[str]) -> dict[str, float]:
    """Usual grades that are not 0; consciousness as a step, A 0 to U 3."""
    return {code: base for code in codes if (base := context.base(code)) > 0}


def _usual_readings(context: Context, codes: Mapping[str, object]) -> dict[str, float]:
    return {code: usual for code in codes if not isnan(usual := context.vital_base(code))}


def _truth(value: float) -> bool | None:
    return None if isnan(value) else value >= 1.0
