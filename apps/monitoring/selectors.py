"""Is the way from a log to an alert alive? Read from the database when asked for, by no job that may be dead."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

STALE = timedelta(seconds=25)
"""No canary out for this long: the boards say that the worker is silent, or that nothing is watched. A board asks
once a second and is to say so within thirty. Project choice."""
SILENT = timedelta(seconds=30)
"""A part that has not been heard of for this long is taken for dead."""
LATE = timedelta(seconds=30)
"""A log not assessed after this long: three times what the queue is given."""


@dataclass(frozen=True, slots=True)
class PipelineState:
    """Ages in seconds at the moment asked for; None: never."""

    canary_age_s: float | None
    """Since the last canary that came out, by whichever way, had been put in."""
    queue_canary_age_s: float | None
    """… through the queue and a worker."""
    sweep_canary_age_s: float | None
    """… through the watch's own process, because the queue did not answer."""
    owed_count: int
    oldest_owed_s: float | None
    failing_count: int
    """Logs that could not be assessed when tried; part of `owed_count`."""
    watches_alive: int
    worker_age_s: float | None
    live: bool
    """Logs that come in now are being assessed."""
    messages: tuple[str, ...]
    """For ward staff, worst first; empty when all is well."""


_STATE = """
select
    (select extract(epoch from %(at)s::timestamptz - at) from monitoring_heartbeat where part = 'canary'),
    (select extract(epoch from %(at)s::timestamptz - at) from monitoring_heartbeat where part = 'canary:sweep'),
    (select extract(epoch from %(at)s::timestamptz - max(at)) from monitoring_heartbeat
        where part like 'worker:%%'),
    (select count(*) from monitoring_heartbeat where part like 'watch:%%' and at > %(alive)s),
    count(o.*),
    extract(epoch from %(at)s::timestamptz - min(o.owed_since)),
    count(*) filter (where o.last_error <> '')
from monitoring_assessmentowed o join symptoms_symptomlog l on l.id = o.log_id
where o.answered < o.asked and not l.is_canary
"""


def pipeline_state(at: datetime) -> PipelineState:
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE, {"at": at, "alive": at - SILENT})
        by_queue, by_sweep, worker, watches, owed, oldest, failing = cursor.fetchone()
    ages = [float(age) for age in (by_queue, by_sweep) if age is not None]
    canary = min(ages, default=None)
    live = canary is not None and canary <= STALE.total_seconds()
    state = PipelineState(
        canary_age_s=canary,
        queue_canary_age_s=_number(by_queue),
        sweep_canary_age_s=_number(by_sweep),
        owed_count=owed,
        oldest_owed_s=_number(oldest),
        failing_count=failing,
        watches_alive=watches,
        worker_age_s=_number(worker),
        live=live,
        messages=(),
    )
    return _with_messages(state)


def _with_messages(state: PipelineState) -> PipelineState:
    messages = []
    if not state.live:
        messages.append(_("Logs are not being assessed. Only emergencies in a single log still come up here."))
    elif not _within(state.queue_canary_age_s, STALE):
        messages.append(_("The worker is silent. Logs are assessed on backup, a few seconds later than usual."))
    if state.oldest_owed_s is not None and state.oldest_owed_s > LATE.total_seconds():
        messages.append(
            _("%(count)d logs wait to be assessed, the oldest for %(seconds)d s.")
            % {"count": state.owed_count, "seconds": int(state.oldest_owed_s)}
        )
    if state.failing_count:
        messages.append(
            _("%(count)d logs could not be assessed: review them by hand.") % {"count": state.failing_count}
        )
    if state.live and not state.watches_alive:
        messages.append(_("Nobody is called: the watch is not running."))
    fields = {name: getattr(state, name) for name in PipelineState.__dataclass_fields__}
    return PipelineState(**fields | {"messages": tuple(messages)})


def _within(age: float | None, limit: timedelta) -> bool:
    return age is not None and age <= limit.total_seconds()


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
