"""An alert as the API tells it: in brief for lists, with every reason and every step of its answer for one."""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from apps.accounts.models import User
from apps.alerts.models import Alert, AlertEvent, Delivery, EscalationStep, Level

from .base import Person
from .etags import etag_of
from .fields import FlagInQuery, Id, Instant, WholeInQuery, one_of, text
from .pagination import PageQuery
from .shapes import Answer, Given


class AlertQuery(PageQuery):
    patient: Id | None = None
    ward: Id | None = None
    """Where the patient is now."""
    status: Annotated[str, one_of(Alert.Status.values)] | None = None
    open: FlagInQuery | None = None
    """true: all that nobody has closed."""
    pattern: Annotated[str, text(30, one_line=True)] | None = None
    min_level: WholeInQuery | None = None
    raised_from: Instant | None = None
    raised_before: Instant | None = None

    lookups: ClassVar = {
        "patient": "patient",
        "status": "status",
        "pattern": "pattern",
        "min_level": "level__gte",
        "raised_from": "raised_at__gte",
        "raised_before": "raised_at__lt",
    }


class NoteGiven(Given):
    note: Annotated[str, text(4000, required=True)]


class ReleaseGiven(Given):
    note: Annotated[str, text(4000, required=True)]
    """Why: not to act needs a reason."""


class DeclineGiven(Given):
    note: Annotated[str, text(4000, required=True)]


class PassOnGiven(Given):
    to: Id
    """Somebody who works on the patient's ward; never a connected system."""
    note: Annotated[str, text(4000, required=True)]


class SilenceGiven(Given):
    until: Instant
    note: Annotated[str, text(4000, required=True)]


class ResolveGiven(Given):
    outcome: Annotated[str, one_of(Alert.Outcome.values)]
    note: Annotated[str, text(4000)] = ""
    """Needed where the alarm was false, needed nothing, or had another cause."""


class AlertAnswer(Answer):
    id: UUID
    patient: UUID
    ward: UUID | None
    pattern: str
    level: int
    """1 watch, 2 urgent, 3 emergency."""
    level_code: str
    status: str
    opened_at: datetime
    raised_at: datetime
    """When it came to this level."""
    last_fired_at: datetime
    because: list[str]
    catalogue_version: str
    log: UUID | None
    """Null where it was raised by time alone, with no log coming in."""
    assessment: UUID | None
    """Null while only the emergency floor has spoken."""
    continues: UUID | None
    acknowledged_by: Person | None
    acknowledged_at: datetime | None
    acknowledged_level: int | None
    resolved_by: Person | None
    resolved_at: datetime | None
    outcome: str | None
    outcome_note: str
    silenced_until: datetime | None
    """Nobody is called for it until then. Never of an emergency."""
    silenced_by: Person | None
    silence_reason: str


class AlertEventAnswer(Answer):
    id: UUID
    kind: str
    at: datetime
    by: Person | None
    """Null for the system itself."""
    level: int
    log: UUID | None
    note: str
    hits: list[dict[str, Any]]


class EscalationAnswer(Answer):
    episode: int
    number: int
    purpose: str
    """call, while nobody has taken it; remind, for whoever has."""
    job: str | None
    person: Person | None
    """Somebody by name, instead of a job."""
    due_at: datetime
    done_at: datetime | None
    cancelled_at: datetime | None


class DeliveryAnswer(Answer):
    recipient: Person
    channel: str
    due_at: datetime
    done_at: datetime | None
    cancelled_at: datetime | None


class FullAlert(AlertAnswer):
    hits: list[dict[str, Any]]
    """Each rule that fired: id, level, because, matched (code, value, threshold), missing, source, tag."""
    events: list[AlertEventAnswer]
    escalation: list[EscalationAnswer]
    deliveries: list[DeliveryAnswer]


def alert_etag(alert: Alert) -> str:
    """Changes with whatever a person must have seen before answering; not when the same level fires again."""
    return etag_of(
        (
            alert.pk,
            alert.status,
            alert.level,
            alert.raised_at.isoformat(),
            alert.acknowledged_at,
            alert.acknowledged_by_id,
            alert.resolved_at,
            alert.silenced_until,
        )
    )


def alert_answer(alert: Alert) -> AlertAnswer:
    return AlertAnswer.model_construct(**_fields(alert))


def full_alert(alert: Alert) -> FullAlert:
    return FullAlert.model_construct(
        **_fields(alert),
        hits=alert.hits,
        events=[_event(event) for event in alert.events.select_related("by")],
        escalation=[_step(step) for step in alert.escalation_steps.select_related("person")],
        deliveries=[
            _delivery(delivery)
            for delivery in alert.deliveries.select_related("recipient").order_by("due_at", "id")
        ],
    )


def _fields(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.pk,
        "patient": alert.patient_id,
        "ward": alert.ward_id,
        "pattern": alert.pattern,
        "level": alert.level,
        "level_code": Level(alert.level).name.lower(),
        "status": alert.status,
        "opened_at": alert.opened_at,
        "raised_at": alert.raised_at,
        "last_fired_at": alert.last_fired_at,
        "because": list(dict.fromkeys(hit["because"] for hit in alert.hits)),
        "catalogue_version": alert.catalogue_version,
        "log": alert.log_id,
        "assessment": alert.assessment_id,
        "continues": alert.continues_id,
        "acknowledged_by": maybe_person(alert.acknowledged_by),
        "acknowledged_at": alert.acknowledged_at,
        "acknowledged_level": alert.acknowledged_level,
        "resolved_by": maybe_person(alert.resolved_by),
        "resolved_at": alert.resolved_at,
        "outcome": alert.outcome or None,
        "outcome_note": alert.outcome_note,
        "silenced_until": alert.silenced_until,
        "silenced_by": maybe_person(alert.silenced_by),
        "silence_reason": alert.silence_reason,
    }


def person(user: User) -> Person:
    return Person.model_construct(id=user.pk, name=user.display_name)


def maybe_person(user: User | None) -> Person | None:
    return None if user is None else person(user)


def _event(event: AlertEvent) -> AlertEventAnswer:
    return AlertEventAnswer.model_construct(
        id=event.pk,
        kind=event.kind,
        at=event.at,
        by=maybe_person(event.by),
        level=event.level,
        log=event.log_id,
        note=event.note,
        hits=event.hits,
    )


def _step(step: EscalationStep) -> EscalationAnswer:
    return EscalationAnswer.model_construct(
        episode=step.episode,
        number=step.number,
        purpose=step.purpose,
        job=step.job or None,
        person=maybe_person(step.person),
        due_at=step.due_at,
        done_at=step.done_at,
        cancelled_at=step.cancelled_at,
    )


def _delivery(delivery: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer.model_construct(
        recipient=person(delivery.recipient),
        channel=delivery.channel,
        due_at=delivery.due_at,
        done_at=delivery.done_at,
        cancelled_at=delivery.cancelled_at,
    )
