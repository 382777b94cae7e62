"""Nothing was heard: neither well nor ill. When a log was due, how late it is, and when that concerns a person.

Patterns.md section 0 makes a missing log a task; open point 6 tells the levels; how often to log and how long to
wait are named in product.md (row 10 and 12). All of them are project choices."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.alerts.patterns import SILENCE
from apps.rules.catalogue import Catalogue
from apps.rules.types import DoseFacts, Facts, Hit, Level, Matched

DAILY, TWICE_DAILY, FOUR_HOURLY = 24.0, 12.0, 4.0
"""Hours between logs: usually; in a watch window; while an urgent alert or an emergency is open."""
GRACE_STEADY, GRACE_WATCHED = 12.0, 2.0
"""Hours that a log may be late: usually; in a watch window or with an alert open."""
DOSES_UNSAID_HOURS = 24.0
SOURCE = ("PROJECT",)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What bears on how long a silence may be. Instants in hours since the epoch."""

    heard_t: float
    """The last log; or when the watching began; or when somebody last closed an alert about silence."""
    has_log: bool
    in_window: bool
    in_peak: bool
    open_level: int
    """The highest level of an open alert about the patient, 0 when none is."""


def hours_between_logs(hearing: Hearing) -> float:
    if hearing.open_level >= Level.URGENT:
        return FOUR_HOURLY
    return TWICE_DAILY if hearing.in_window or hearing.open_level else DAILY


def steps_of(hearing: Hearing, catalogue: Catalogue) -> tuple[tuple[float, Level], ...]:
    """(t, level): from when on the silence concerns a person, and how much."""
    due = hearing.heard_t + hours_between_logs(hearing)
    if hearing.open_level:
        return ((due + GRACE_WATCHED, Level.URGENT),)
    if hearing.in_peak:
        return (
            (due + catalogue.value("missing_log_watch_hours"), Level.WATCH),
            (due + catalogue.value("missing_log_urgent_hours"), Level.URGENT),
        )
    return ((due + (GRACE_WATCHED if hearing.in_window else GRACE_STEADY), Level.WATCH),)


def find_silence(hearing: Hearing, facts: Facts, catalogue: Catalogue) -> Hit | None:
    """The task to contact the person, at the highest level that the silence has come to."""
    passed = [level for t, level in steps_of(hearing, catalogue) if facts.t >= t]
    if not passed:
        return None
    hours = facts.t - hearing.heard_t
    level = max(passed)
    return Hit(
        rule_id=f"SILENCE-{level.name}",
        pattern=SILENCE,
        level=level,
        because=_("No log has come for %(hours)d hours. Silence is not a sign of health: contact the person.")
        % {"hours": int(hours)},
        matched=(
            Matched(
                "hours_since_last_log",
                _("hours since the last log") if hearing.has_log else _("hours without any log"),
                f"{hours:.0f} h",
                _("one every %(hours)d h") % {"hours": int(hours_between_logs(hearing))},
                t=hearing.heard_t,
            ),
        ),
        missing=(),
        source=SOURCE,
        tag="project choice",
    )


def doses_unsaid_from(facts: Facts) -> float | None:
    """When it will have been a day since anybody said of a due dose whether it was taken; None: doses of this
    person are not charted, or none is waited for."""
    due = [dose for dose in facts.doses if dose.due_t is not None]
    last_said = max((_moment(dose) for dose in due if dose.status != "unknown"), default=None)
    if last_said is None:
        return None
    unsaid = [dose.due_t for dose in due if dose.due_t is not None and dose.due_t > last_said]
    return min(unsaid) + DOSES_UNSAID_HOURS if unsaid else None


def _moment(dose: DoseFacts) -> float:
    return max(t for t in (dose.due_t, dose.taken_t, float("-inf")) if t is not None)


def find_unsaid_doses(facts: Facts) -> Hit | None:
    """Doses were charted and no longer are: neither taken nor missed, so that no rule about gaps can decide."""
    since = doses_unsaid_from(facts)
    if since is None or facts.t < since:
        return None
    unsaid = sum(
        dose.status == "unknown" and (dose.due_t or 0.0) >= since - DOSES_UNSAID_HOURS for dose in facts.doses
    )
    return Hit(
        rule_id="SILENCE-DOSES",
        pattern=SILENCE,
        level=Level.WATCH,
        because=_("For a day nobody has said whether baclofen was taken. Ask: taken, missed or not known."),
        matched=(
            Matched(
                "doses_unsaid",
                _("doses of which nobody has said anything"),
                str(unsaid),
                _("%(hours)d h") % {"hours": int(DOSES_UNSAID_HOURS)},
                t=since - DOSES_UNSAID_HOURS,
            ),
        ),
        missing=(),
        source=SOURCE,
        tag="project choice",
    )
