"""Whom to tell next while nobody has taken an alert: rows with a time, made with the alert, so that a process that
dies forgets nobody. Doing the last one writes the next, and so on, until a person takes the alert."""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.alerts.callees import names, people_to_tell, who_declined, why_nobody
from apps.alerts.callees import people_who_can_take as people_who_can_take
from apps.alerts.ladders import LADDERS, Ladder
from apps.alerts.models import Alert, AlertEvent, Delivery, EscalationStep

logger = logging.getLogger(__name__)
PUT_OFF = timedelta(seconds=10)
"""Before a step that failed is tried again."""


def start_ladder(alert: Alert, *, at: datetime) -> None:
    """Write the rungs for the alert's level. A level without a ladder stays on the board alone."""
    ladder = LADDERS.get(alert.level)
    if ladder is not None:
        EscalationStep.objects.bulk_create(_rungs(alert, ladder, _next_episode(alert), at))


def call_first(alert: Alert, person: User, *, at: datetime) -> None:
    """One person by name at once, instead of the first rung; the others at their times."""
    episode = _next_episode(alert)
    first = EscalationStep(alert=alert, episode=episode, number=1, person=person, due_at=at)
    ladder = LADDERS.get(alert.level)
    others = _rungs(alert, ladder, episode, at)[1:] if ladder else []
    EscalationStep.objects.bulk_create([first, *others])


def _rungs(alert: Alert, ladder: Ladder, episode: int, at: datetime) -> list[EscalationStep]:
    return [
        EscalationStep(alert=alert, episode=episode, number=number, job=job, due_at=at + after)
        for number, (after, job) in enumerate(ladder.rungs, start=1)
    ]


def _next_episode(alert: Alert) -> int:
    return (alert.escalation_steps.aggregate(last=Max("episode"))["last"] or 0) + 1


def stop_ladder(alert: Alert, *, at: datetime) -> None:
    """Somebody has taken it: nobody else needs calling."""
    alert.escalation_steps.filter(done_at=None, cancelled_at=None).update(cancelled_at=at)
    alert.deliveries.filter(done_at=None, cancelled_at=None).update(cancelled_at=at)


@transaction.atomic
def do_due_steps(at: datetime, limit: int = 50) -> int:
    """Do what is due in this one transaction and by this one process: the rows stay locked, and others skip them.
    One that cannot be done is put off by seconds and keeps nobody else from being called. Answers how many were
    done."""
    steps = list(
        EscalationStep.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(done_at=None, cancelled_at=None, due_at__lte=at)
        .select_related("alert", "person")
        .order_by("due_at", "number")[:limit]
    )
    return sum(_done(step, at) for step in steps)


def _done(step: EscalationStep, at: datetime) -> bool:
    try:
        with transaction.atomic():
            _do(step, at)
    except (DatabaseError, InterfaceError) as error:
        if connection.needs_rollback or connection.connection is None or connection.connection.closed:
            raise
        return _put_off(step, at, error)
    except Exception as error:
        return _put_off(step, at, error)
    return True


def _put_off(step: EscalationStep, at: datetime, error: Exception) -> bool:
    logger.error(
        "an escalation step failed",
        extra={"event": "escalation_failed", "alert_id": str(step.alert_id)},
        exc_info=(type(error), error, error.__traceback__),
    )
    EscalationStep.objects.filter(pk=step.pk).update(due_at=at + PUT_OFF)
    return False


def start_missing_ladders(at: datetime, limit: int = 50) -> int:
    """Whatever the reason: no open alert waits with nobody left to be called. Answers how many did."""
    waiting = Alert.objects.unacknowledged().filter(
        ~Exists(EscalationStep.objects.filter(alert=OuterRef("pk"), done_at=None, cancelled_at=None)),
        level__in=list(LADDERS),
        silenced_until=None,
    )
    return sum(_start_missing(alert_id, at) for alert_id in waiting.values_list("pk", flat=True)[:limit])


@transaction.atomic
def _start_missing(alert_id: UUID, at: datetime) -> bool:
    alert = Alert.objects.select_for_update(no_key=True).get(pk=alert_id)
    is_called = alert.escalation_steps.filter(done_at=None, cancelled_at=None).exists()
    if alert.status != Alert.Status.OPEN or alert.silenced_until or is_called:
        return False
    logger.error(
        "an open alert had nobody to be called", extra={"event": "ladder_missing", "alert_id": str(alert_id)}
    )
    start_ladder(alert, at=at)
    return True


def _do(step: EscalationStep, at: datetime) -> None:
    alert = Alert.objects.get(pk=step.alert_id)
    if not step.is_wanted_by(alert):
        # Taken between the look and the lock, or handed back.
        EscalationStep.objects.filter(pk=step.pk).update(cancelled_at=at)
        return
    EscalationStep.objects.filter(pk=step.pk).update(done_at=at)
    if step.purpose == EscalationStep.Purpose.REMIND:
        _remind(step, alert, at)
        return
    people = people_to_tell(step, alert, at, is_last=not _pending(step).exists())
    if people:
        _tell(step, alert, people, AlertEvent.Kind.ESCALATED, at)
    else:
        _skip(step, alert, at)
    _write_next_when_last(step, alert, at)


def _remind(step: EscalationStep, alert: Alert, at: datetime) -> None:
    """Whoever has it, before it is taken from them: a person who has left the ward is not told, it falls back."""
    people = [step.person] if step.person is not None and step.person.is_active else []
    if people:
        _tell(step, alert, people, AlertEvent.Kind.REMINDED, at)


def _tell(step: EscalationStep, alert: Alert, people: list[User], kind: AlertEvent.Kind, at: datetime) -> None:
    # Told again of the same alert, nobody needs the message that did not get through earlier.
    alert.deliveries.filter(recipient__in=people, done_at=None, cancelled_at=None).update(cancelled_at=at)
    wanted = [
        Delivery(alert=alert, recipient=person, channel=channel, step=step, due_at=at)
        for person in people
        for channel in _channels(person)
    ]
    Delivery.objects.bulk_create(wanted, ignore_conflicts=True)
    _note(step, alert, kind, names(people), at)


def _channels(person: User) -> list[str]:
    channels: list[str] = [Delivery.Channel.BOARD]
    if person.email:
        channels.append(Delivery.Channel.EMAIL)
    return channels


def _skip(step: EscalationStep, alert: Alert, at: datetime) -> None:
    """Nobody has this job now, or can go: the next rung's turn is at once."""
    following = _pending(step).first()
    if following is not None:
        EscalationStep.objects.filter(pk=following.pk, due_at__gt=at).update(due_at=at)
    elif _said_so_already(step):
        # The last rung, again and again with nobody there: said once, not every few minutes.
        return
    _note(step, alert, AlertEvent.Kind.SKIPPED, why_nobody(step, alert, at), at)


def _said_so_already(step: EscalationStep) -> bool:
    newest = (
        AlertEvent.objects.filter(
            alert_id=step.alert_id, kind__in=(AlertEvent.Kind.ESCALATED, AlertEvent.Kind.SKIPPED)
        )
        .order_by("-at", "-written_at")
        .first()
    )
    rungs = LADDERS[step.alert.level].rungs if step.alert.level in LADDERS else ()
    is_repeat = step.number > len(rungs)
    return is_repeat and newest is not None and newest.kind == AlertEvent.Kind.SKIPPED


def _note(step: EscalationStep, alert: Alert, kind: AlertEvent.Kind, note: str, at: datetime) -> None:
    AlertEvent.objects.create(alert=alert, kind=kind, at=at, level=alert.level, note=note)


def _pending(step: EscalationStep) -> QuerySet[EscalationStep]:
    return EscalationStep.objects.filter(
        alert_id=step.alert_id,
        episode=step.episode,
        number__gt=step.number,
        purpose=EscalationStep.Purpose.CALL,
        done_at=None,
        cancelled_at=None,
    ).order_by("number")


def _write_next_when_last(step: EscalationStep, alert: Alert, at: datetime) -> None:
    ladder = LADDERS.get(alert.level)
    if ladder is None or _pending(step).exists():
        return
    EscalationStep.objects.get_or_create(
        alert_id=step.alert_id,
        episode=step.episode,
        number=step.number + 1,
        defaults={"job": step.job, "due_at": at + ladder.repeat_last_every},
    )


def hurry_next_step(step: EscalationStep, at: datetime) -> None:
    """No message of this step reached anybody: whoever comes next is told now. The last rung's repeats keep their
    time: hurried, each would write the next."""
    following = _pending(step).first()
    rungs = LADDERS[step.alert.level].rungs if step.alert.level in LADDERS else ()
    if following is not None and following.number <= len(rungs):
        EscalationStep.objects.filter(pk=following.pk, due_at__gt=at).update(due_at=at)


def hurry_when_all_decline(alert: Alert, at: datetime) -> None:
    """Everybody whom the newest call reached has said that they cannot go: whoever comes next is told now."""
    called = alert.escalation_steps.filter(purpose=EscalationStep.Purpose.CALL, done_at__isnull=False)
    newest = called.select_related("alert").order_by("-episode", "-number").first()
    if newest is None:
        return
    told = set(newest.deliveries.values_list("recipient", flat=True))
    if told <= who_declined(alert):
        hurry_next_step(newest, at)


def release_unfinished(at: datetime, limit: int = 50) -> int:
    """Alerts that somebody took and brought to no outcome in time are nobody's again. Answers how many."""
    count = 0
    for level, ladder in LADDERS.items():
        overdue = Alert.objects.filter(
            status=Alert.Status.ACKNOWLEDGED,
            level=level,
            acknowledged_at__lte=at - ladder.acknowledgement_holds,
        ).values_list("pk", flat=True)[:limit]
        count += sum(_release(pk, at, ladder.acknowledgement_holds) for pk in overdue)
    return count


@transaction.atomic
def _release(alert_id: UUID, at: datetime, after: timedelta) -> bool:
    released = Alert.objects.filter(
        pk=alert_id, status=Alert.Status.ACKNOWLEDGED, acknowledged_at__lte=at - after
    ).update(status=Alert.Status.OPEN, acknowledged_by=None, acknowledged_at=None, acknowledged_level=None)
    if not released:
        return False
    alert = Alert.objects.get(pk=alert_id)
    minutes = int(after.total_seconds() // 60)
    note = _("Taken, but without an outcome for %(minutes)d minutes.") % {"minutes": minutes}
    AlertEvent.objects.create(alert=alert, kind=AlertEvent.Kind.RELEASED, at=at, level=alert.level, note=note)
    stop_ladder(alert, at=at)
    start_ladder(alert, at=at)
    return True
