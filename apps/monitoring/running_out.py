"""What is in hand runs out: told before the gap, since a gap is an abrupt stop that nobody planned."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.alerts.patterns import SUPPLY
from apps.rules.types import Hit, Level, Matched

WARNED_BEFORE = ((timedelta(days=7), Level.WATCH), (timedelta(days=2), Level.URGENT))
"""Time for a prescription, and time for a pharmacy: project choices, no source was found."""


def supply_moments(runs_out_at: datetime | None) -> list[datetime]:
    """When a warning is due."""
    return [] if runs_out_at is None else [runs_out_at - before for before, _level in WARNED_BEFORE]


def find_short_supply(runs_out_at: datetime | None, at: datetime) -> Hit | None:
    """The warning that is due at `at`, or None. `runs_out_at`: the first planned dose that nothing is left for."""
    if runs_out_at is None:
        return None
    due = [level for before, level in WARNED_BEFORE if at >= runs_out_at - before]
    if not due:
        return None
    level = max(due)
    days = max(0, (runs_out_at - at).days)
    has_run_out = at >= runs_out_at
    because = (
        _("By the last count nothing is left for the planned doses. Get a supply now: a gap is an abrupt stop.")
        if has_run_out
        else _(
            "By the last count the supply of baclofen lasts %(days)d more days. Renew it before there is a gap."
        )
        % {"days": days}
    )
    return Hit(
        rule_id=f"SUPPLY-{level.name}",
        pattern=SUPPLY,
        level=level,
        because=because,
        matched=(
            Matched(
                "supply_runs_out",
                _("first dose that nothing is left for"),
                date_format(runs_out_at, "j M Y, H:i"),
                _("7 days ahead, urgent 2 days ahead"),
                t=runs_out_at.timestamp() / 3600,
            ),
        ),
        missing=(),
        source=("PROJECT",),
        tag="project choice",
    )
