"""What becomes true of a patient by time alone, with no log coming in: a gap in dosing that grows, a date of the
pump that passes, a log that does not come, baclofen given again that does not help.

One row per patient says when to look next. Looking, raising and writing the next moment are one transaction under
the patient's lock, so that any number of watches look once; and a watch that was down looks when it is back."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from apps.alerts.models import Alert, AlertEvent
from apps.alerts.patterns import DISAGREEMENT, NOT_ASSESSED, RECOVERY, SILENCE, SUPPLY
from apps.alerts.raising import EPISODE
from apps.alerts.services import raise_by_clock
from apps.assessments.active import active_catalogue, active_version
from apps.assessments.facts import Outlook, gather_outlooks
from apps.assessments.services import assess, store_assessment_by_clock
from apps.core.days import from_t, to_t
from apps.monitoring.disagreement import WITHIN_HOURS, find_disagreement
from apps.monitoring.models import AssessmentOwed, ClockCheck
from apps.monitoring.moments import next_look
from apps.monitoring.recovery import find_no_recovery, response_curve
from apps.monitoring.running_out import find_short_supply, supply_moments
from apps.monitoring.silence import Hearing, find_silence, find_unsaid_doses, hours_between_logs
from apps.monitoring.watch_windows import watch_window
from apps.patients.models import Patient, Stay
from apps.rules.catalogue import Catalogue
from apps.rules.supply import MOVES, derive_supply
from apps.rules.types import Facts, Hit, Level, Reporter
from apps.tapers.models import Route
from apps.tapers.stock import newest_count, runs_out_at

logger = logging.getLogger(__name__)
LONGEST_PAUSE = timedelta(minutes=5)
"""Between two tries of a patient who cannot be looked at."""
TRIES_BEFORE_REVIEW = 5
AFTER_ASSESSMENT = timedelta(seconds=5)
ASSESSED_BY_NOW = timedelta(seconds=60)
"""Well past what the queue and the watch need for a log; whoever waits longer is looked at without it."""
BATCH = 100
_OWN = frozenset({SILENCE, RECOVERY, SUPPLY, DISAGREEMENT})

# In the care of a ward, on a plan or with a pump; nobody else is watched by the clock.
_ENROL = """
insert into monitoring_clockcheck (patient_id, due_at, attempts, last_error)
select p.id, %(at)s, 0, '' from patients_patient p
where not exists (select from monitoring_clockcheck c where c.patient_id = p.id)
    and exists (select from patients_stay s where s.patient_id = p.id and s.discharged_at is null)
on conflict (patient_id) do nothing
"""
_LOOK = """
insert into monitoring_clockcheck as known (patient_id, due_at, attempts, last_error)
values (%(patient)s, %(at)s, 0, '')
on conflict (patient_id) do update set due_at = least(known.due_at, excluded.due_at)
"""


def look_again(patient_id: UUID, at: datetime) -> None:
    """Have the patient looked at now, within the caller's transaction, and wake a watch. One statement each."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"patient": patient_id, "at": at})
        cursor.execute("select pg_notify('taperwatch_due', '')")


def enrol(at: datetime) -> None:
    """Begin to watch whoever came into a ward's care since."""
    with connection.cursor() as cursor:
        cursor.execute(_ENROL, {"at": at})


def check_due(at: datetime, limit: int = BATCH) -> int:
    """Look at everybody whose moment has come; answers how many were. Each is a transaction of its own."""
    due = ClockCheck.objects.filter(due_at__lte=at).order_by("due_at").values_list("patient_id", flat=True)[:limit]
    return sum(_check(patient_id, at) for patient_id in list(due))


def _check(patient_id: UUID, at: datetime) -> bool:
    try:
        with transaction.atomic():
            return _look(patient_id, at)
    except Exception as error:
        logger.error(
            "a check by the clock failed",
            extra={"event": "clock_check_failed", "job_id": str(patient_id)},
            exc_info=(type(error), error, error.__traceback__),
        )
        _postpone(patient_id, at, type(error).__name__)
        return False


def _look(patient_id: UUID, at: datetime) -> bool:
    if not _lock_if_free(patient_id):
        return False
    # Held until the end: what is asked for meanwhile waits, and makes the row due again.
    row = ClockCheck.objects.select_for_update().filter(patient_id=patient_id, due_at__lte=at).first()
    if row is None:
        # Another watch was first.
        return False
    if _is_being_assessed(patient_id, at):
        row.due_at = at + AFTER_ASSESSMENT
        row.save(update_fields=["due_at"])
        return True
    catalogue = active_catalogue()
    outlook = gather_outlooks([patient_id], at)[patient_id]
    patient = Patient.objects.get(pk=patient_id)
    recent = Q(opened_at__gte=at - 10 * EPISODE) | ~Q(status=Alert.Status.RESOLVED)
    alerts = list(Alert.objects.filter(recent, patient=patient).order_by("opened_at"))
    hearing = _hearing(outlook, alerts, catalogue)
    _raise_rules(patient, outlook.facts, catalogue, at)
    _raise_own(patient, outlook, hearing, catalogue, at)
    if hearing is not None:
        _note_heard(alerts, hearing, at)
    if not Stay.objects.current().filter(patient=patient).exists():
        # Looked at once more because something was reported; watched again when a ward takes them in.
        row.delete()
        return True
    supply = supply_moments(runs_out_at(patient, at))
    row.due_at = next_look(outlook, hearing, catalogue, at, supply)
    row.checked_at, row.attempts, row.last_error = at, 0, ""
    row.save()
    return True


def _lock_if_free(patient_id: UUID) -> bool:
    """Not waited for: an assessment that is under way is soon done, and the row stays due."""
    with connection.cursor() as cursor:
        cursor.execute("select id from patients_patient where id = %s for no key update skip locked", [patient_id])
        return cursor.fetchone() is not None


def _is_being_assessed(patient_id: UUID, at: datetime) -> bool:
    """What a log shows is for its own assessment to tell, which names the log. Not waited for when it is late."""
    owed = AssessmentOwed.objects.filter(log__patient_id=patient_id, answered__lt=F("asked"))
    return owed.filter(owed_since__gt=at - ASSESSED_BY_NOW).exists()


def _raise_rules(patient: Patient, facts: Facts, catalogue: Catalogue, at: datetime) -> None:
    """Rules of the catalogue that fire now and did not within the last three days. What fired is told once."""
    evaluation = assess(facts, catalogue)
    told = _told(patient, at - EPISODE)
    fresh = [hit for hit in evaluation.hits if hit.level > told.get(hit.rule_id, 0)]
    again = [
        hit for hit in evaluation.hits if hit not in fresh and _is_of_another_occasion(patient, hit, facts, at)
    ]
    if not fresh and not again:
        return
    stored = store_assessment_by_clock(patient_id=patient.pk, facts=facts, evaluation=evaluation, at=at)
    for hits, is_new_occasion in ((fresh, False), (again, True)):
        raise_by_clock(
            patient=patient,
            hits=hits,
            at=at,
            catalogue_version=catalogue.version,
            assessment=stored.assessment,
            is_new_occasion=is_new_occasion,
        )


def _is_of_another_occasion(patient: Patient, hit: Hit, facts: Facts, at: datetime) -> bool:
    """Told before, but of something else: a dose was taken since that gap, the pump has sounded once more, the
    person was moved again. Whoever closed the alert of that knew nothing of this."""
    began = _occasion(hit, facts)
    return began is not None and hit.level > _told(patient, max(began, at - EPISODE), anew=True).get(
        hit.rule_id, 0
    )


_NEXT = timedelta(microseconds=1)


def _occasion(hit: Hit, facts: Facts) -> datetime | None:
    """From when on this rule, which no log has a part in, fires on what it fires on now; None where it fires on
    anything else."""
    codes = {match.code for match in hit.matched}
    if "hours_since_last_dose" in codes:
        # What fired at the very moment of the dose was of the gap before it.
        return _last_taken(facts) + _NEXT
    if any(match.log_id for match in hit.matched):
        return None
    if "uncharted_transfer" in codes:
        moments = [change.t for change in facts.changes if change.kind in MOVES and change.t <= facts.t]
    else:
        moments = [match.t for match in hit.matched if match.t is not None]
    return from_t(max(moments)) if moments else None


def _last_taken(facts: Facts) -> datetime:
    """Of a dose by mouth; long ago where none is known."""
    taken = [dose.taken_t for dose in facts.doses if dose.taken_t is not None and dose.route == Route.ORAL]
    return from_t(max(taken, default=0.0))


def _told(patient: Patient, since: datetime, *, anew: bool = False) -> dict[str, int]:
    """Rules that went into an alert of this patient since then, with the highest level. `anew`: without what was
    only written into an alert that somebody had closed."""
    found: dict[str, int] = {}
    events = AlertEvent.objects.filter(alert__patient=patient, fired_at__gte=since)
    if anew:
        events = events.exclude(kind=AlertEvent.Kind.FIRED_AGAIN, alert__status=Alert.Status.RESOLVED)
    for hits in events.values_list("hits", flat=True):
        for hit in hits:
            found[hit["rule_id"]] = max(found.get(hit["rule_id"], 0), hit["level"])
    return found


def _raise_own(
    patient: Patient, outlook: Outlook, hearing: Hearing | None, catalogue: Catalogue, at: datetime
) -> None:
    """Silence and a missing recovery: told once for each silence and each check; a disagreement once a day."""
    if hearing is not None:
        since = from_t(hearing.heard_t)
        _raise_once(patient, find_silence(hearing, outlook.facts, catalogue), since, catalogue, at)
        _raise_once(patient, find_unsaid_doses(outlook.facts), at - EPISODE, catalogue, at)
    differ = find_disagreement(outlook.facts, catalogue)
    _raise_once(patient, differ, at - timedelta(hours=WITHIN_HOURS), catalogue, at)
    counted = newest_count(patient)
    if counted is not None:
        hit = find_short_supply(runs_out_at(patient, at), at)
        _raise_once(patient, hit, counted.recorded_at, catalogue, at)
    if outlook.reinstated_at is not None:
        curve = response_curve(outlook.facts, outlook.reinstated_at, catalogue)
        hit = find_no_recovery(curve, outlook.reinstated_at, at)
        _raise_once(patient, hit, outlook.reinstated_at, catalogue, at)


def _raise_once(patient: Patient, hit: Hit | None, since: datetime, catalogue: Catalogue, at: datetime) -> None:
    if hit is None or _told(patient, since).get(hit.rule_id):
        return
    raise_by_clock(
        patient=patient,
        hits=[hit],
        at=at,
        catalogue_version=catalogue.version,
        is_new_occasion=True,
    )


@dataclass(frozen=True, slots=True)
class LogAsked:
    """When the next log is asked for, how often one is, and why that often."""

    due_at: datetime
    every_hours: int
    window_until: datetime | None
    """While a watch window is open."""


def log_asked(patient: Patient, at: datetime) -> LogAsked | None:
    """None: nobody waits for a log of this patient. Three statements."""
    outlook = gather_outlooks([patient.pk], at)[patient.pk]
    recent = Q(opened_at__gte=at - 10 * EPISODE) | ~Q(status=Alert.Status.RESOLVED)
    alerts = list(Alert.objects.filter(recent, patient=patient).order_by("opened_at"))
    hearing = _hearing(outlook, alerts, active_catalogue())
    if hearing is None:
        return None
    every = hours_between_logs(hearing)
    window = watch_window(outlook.facts)
    return LogAsked(from_t(hearing.heard_t + every), int(every), from_t(window.closes_t) if window else None)


def _note_heard(alerts: Sequence[Alert], hearing: Hearing, at: datetime) -> None:
    """A log came after all. The alert stays, since only a person closes one; it says so."""
    for alert in alerts:
        is_open = alert.pattern == SILENCE and alert.status != Alert.Status.RESOLVED
        if is_open and hearing.has_log and hearing.heard_t > to_t(alert.last_fired_at):
            noted = alert.events.filter(kind=AlertEvent.Kind.NOTED, by=None, at__gte=alert.last_fired_at)
            if not noted.exists():
                alert.events.create(
                    kind=AlertEvent.Kind.NOTED, at=at, level=alert.level, note=_("A log has come since.")
                )


def _hearing(outlook: Outlook, alerts: Sequence[Alert], catalogue: Catalogue) -> Hearing | None:
    """None: no log is expected, since there is neither a plan nor an open alert."""
    facts = outlook.facts
    open_level = max(
        (alert.level for alert in alerts if alert.status != Alert.Status.RESOLVED and not _is_own_or_quiet(alert)),
        default=0,
    )
    if outlook.plan_since is None and not open_level:
        return None
    # A machine that sends readings says nothing of whether anybody is there.
    heard = [log.t for log in facts.logs if log.reporter != Reporter.SYSTEM]
    has_log = bool(heard)
    heard += [
        to_t(alert.resolved_at) for alert in alerts if alert.pattern == SILENCE and alert.resolved_at is not None
    ]
    if outlook.plan_since is not None:
        heard.append(to_t(outlook.plan_since))
    return Hearing(
        heard_t=max(heard, default=facts.t),
        has_log=has_log,
        in_window=watch_window(facts) is not None,
        in_peak=derive_supply(facts, catalogue.settings.supply).peak == 1.0,
        open_level=open_level,
    )


def _is_own_or_quiet(alert: Alert) -> bool:
    return alert.pattern in _OWN or all(hit.get("quiet") for hit in alert.hits)


def _postpone(patient_id: UUID, at: datetime, error: str) -> None:
    """Tried again soon, for as long as it takes; after some tries a person is asked to look."""
    with transaction.atomic():
        row = ClockCheck.objects.select_for_update().get(patient_id=patient_id)
        row.attempts += 1
        row.due_at = at + min(timedelta(seconds=2 ** min(row.attempts, 8)), LONGEST_PAUSE)
        row.last_error = error
        row.save()
        if row.attempts == TRIES_BEFORE_REVIEW:
            _ask_for_review(Patient.objects.get(pk=patient_id), at)


def _ask_for_review(patient: Patient, at: datetime) -> None:
    hit = Hit(
        rule_id="NOT-CHECKED",
        pattern=NOT_ASSESSED,
        level=Level.URGENT,
        because=_("Gaps in dosing, dates of the pump and missing logs cannot be worked out. Review them by hand."),
        matched=(),
        missing=(),
        source=(),
        tag="project choice",
    )
    raise_by_clock(patient=patient, hits=[hit], at=at, catalogue_version=active_version(), is_new_occasion=True)
