"""Was everybody called who should have been? Looked at afterwards, from what is on record and from the ladders
alone: it shares no code with what does the calling, so a fault there does not hide here. Changes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.alerts.ladders import LADDERS
from apps.alerts.models import Alert, AlertEvent, Delivery, EscalationStep
from apps.patients.models import Stay
from apps.wards.models import Duty, Job, Ward

GRACE = timedelta(seconds=60)
"""A call within a minute of its time is in time (project choice)."""
SENT_WITHIN = timedelta(minutes=5)
"""A message that is neither sent nor needed no more after this was not sent (project choice)."""
Kind = AlertEvent.Kind
_BEGINS = frozenset({Kind.OPENED, Kind.WORSENED, Kind.RELEASED, Kind.PASSED_ON, Kind.UNSILENCED})
_ENDS = frozenset({Kind.ACKNOWLEDGED, Kind.SILENCED, Kind.RESOLVED})


@dataclass(frozen=True, slots=True)
class Missed:
    """What should have happened and did not."""

    alert_id: UUID
    what: str
    """nobody_called, not_called_again, charge_not_called, nobody_told, message_not_sent"""
    owed_at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class _Waiting:
    """One stretch of time in which nobody had it and it was not silent."""

    since: datetime
    until: datetime
    level: int


def find_missed(since: datetime, until: datetime, ward: Ward | None = None) -> list[Missed]:
    """Everything that was owed in [since, until) and not done in time, earliest first. Five statements."""
    alerts = (
        Alert.objects.filter(Q(resolved_at=None) | Q(resolved_at__gte=since), opened_at__lt=until)
        .filter(level__in=list(LADDERS))
        .select_related("ward")
        .prefetch_related("events", "escalation_steps", "deliveries__attempts")
    )
    if ward is not None:
        alerts = alerts.filter(ward=ward)
    found = [missed for alert in alerts for missed in _of_alert(alert, until)]
    return sorted((one for one in found if since <= one.owed_at < until), key=lambda one: one.owed_at)


def _of_alert(alert: Alert, until: datetime) -> Iterator[Missed]:
    calls = sorted(
        (step for step in alert.escalation_steps.all() if step.done_at and step.purpose == "call"),
        key=lambda step: step.done_at or until,
    )
    for waiting in _waits(alert, until):
        inside = [step for step in calls if step.done_at and waiting.since <= step.done_at <= waiting.until]
        yield from _calls_missed(alert, waiting, inside)
        yield from _charge_missed(alert, waiting, inside)
    yield from _told_nobody(alert, calls)
    yield from _not_sent(alert, until)


def _waits(alert: Alert, until: datetime) -> Iterator[_Waiting]:
    """A rise while somebody of that level is being called already goes on from there."""
    began: datetime | None = None
    level = 0
    events = sorted(alert.events.all(), key=lambda event: (event.at, event.written_at))
    for event in events:
        if event.at >= until:
            break
        goes_on = event.kind == Kind.WORSENED and began is not None and event.level == level
        if goes_on or event.kind not in _BEGINS | _ENDS:
            continue
        if began is not None and level in LADDERS:
            yield _Waiting(began, event.at, level)
        began, level = (event.at, event.level) if event.kind in _BEGINS else (None, 0)
    if began is not None and level in LADDERS:
        yield _Waiting(began, until, level)


def _calls_missed(alert: Alert, waiting: _Waiting, calls: list[EscalationStep]) -> Iterator[Missed]:
    """Each rung at its time at the latest; after the last, again and again."""
    ladder = LADDERS[waiting.level]
    afters = [after for after, _job in ladder.rungs]
    last = waiting.since
    done = [step.done_at for step in calls if step.done_at]
    for number in range(len(done) + 1):
        owed = waiting.since + afters[number] if number < len(afters) else last + ladder.repeat_last_every
        came = done[number] if number < len(done) else None
        if (came or waiting.until) > owed + GRACE:
            yield Missed(
                alert.pk,
                "not_called_again" if number else "nobody_called",
                owed,
                _("Call %(number)d was owed at %(clock)s.") % {"number": number + 1, "clock": f"{owed:%H:%M:%S}"},
            )
        if came:
            last = came


def _charge_missed(alert: Alert, waiting: _Waiting, calls: list[EscalationStep]) -> Iterator[Missed]:
    after, job = LADDERS[waiting.level].rungs[-1]
    owed = waiting.since + after
    if waiting.until > owed + GRACE and not any(step.job == job for step in calls):
        words = _("The last of the ladder, %(job)s, was never called.") % {"job": Job(job).label}
        yield Missed(alert.pk, "charge_not_called", owed, words)


def _told_nobody(alert: Alert, calls: Iterable[EscalationStep]) -> Iterator[Missed]:
    """A call that reached nobody although somebody of that job was on duty who had not declined."""
    told = {delivery.step_id for delivery in alert.deliveries.all()}
    for step in calls:
        if step.pk in told or not step.job or step.done_at is None:
            continue
        if _on_duty(alert, step.job, step.done_at) - _declined(alert, step.done_at):
            words = _("A call for %(job)s told nobody, though somebody was on duty.") % {
                "job": Job(step.job).label
            }
            yield Missed(alert.pk, "nobody_told", step.done_at, words)


def _on_duty(alert: Alert, job: str, at: datetime) -> set[object]:
    stay = Stay.objects.filter(Q(discharged_at=None) | Q(discharged_at__gt=at), patient=alert.patient_id)
    ward = stay.filter(admitted_at__lte=at).values_list("ward", flat=True).first() or alert.ward_id
    duties = Duty.objects.current(at).filter(ward=ward, job=job, user__is_active=True)
    working = duties.filter(user__memberships__ward=ward, user__memberships__ended_at=None)
    return set(working.values_list("user", flat=True))


def _declined(alert: Alert, at: datetime) -> set[object]:
    """Since the calling last began."""
    events = sorted(
        (event for event in alert.events.all() if event.at <= at), key=lambda one: (one.at, one.written_at)
    )
    found: set[object] = set()
    for event in events:
        if event.kind in _BEGINS:
            found = set()
        elif event.kind == Kind.DECLINED:
            found.add(event.by_id)
    return found


def _not_sent(alert: Alert, until: datetime) -> Iterator[Missed]:
    told_at = {step.pk: step.done_at for step in alert.escalation_steps.all()}
    for delivery in alert.deliveries.all():
        if delivery.channel == Delivery.Channel.BOARD or delivery.cancelled_at or delivery.done_at:
            continue
        owed = told_at.get(delivery.step_id)
        if owed is not None and owed + SENT_WITHIN < until:
            attempts = len(delivery.attempts.all())
            words = _("A message by %(channel)s was not sent; tried %(count)d times.") % {
                "channel": delivery.get_channel_display(),
                "count": attempts,
            }
            yield Missed(alert.pk, "message_not_sent", owed, words)
