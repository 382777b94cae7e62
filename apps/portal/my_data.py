"""All that is kept about one person, as rows that can be written down one after another.

A part is one file. Its rows come from one query, each bound to this patient by the query itself, so that nobody
else's can be among them. People of the ward are named as on the receipts: role and first name. Left out are what
the rules worked out and what staff wrote to each other; the ward tells of those (the README says so)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.messaging.models import PushSubscription
from apps.patients.models import CalendarLink, Carer, Patient, RiskFactor, Stay, ZoneChange
from apps.reminders.models import CarerReminders, Reminder, ReminderChoice
from apps.symptoms.models import Baseline, SymptomLog
from apps.tapers.models import Dose, PlanVersion, PumpDates, PumpEvent, SupplyCount, SupplyEvent, TaperStep

CHUNK = 500
"""Rows held at a time."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One file: its name without ending, and its rows."""

    name: str
    rows: Iterator[Row]


def parts(patient: Patient) -> Iterator[Part]:
    """Every file in order. A part's rows are read only as they are written."""
    for name, (query, as_row) in SOURCES.items():
        yield Part(name, _rows(query(patient), as_row))


def _rows(found: QuerySet[Any], as_row: Callable[[Any], Row]) -> Iterator[Row]:
    return (as_row(one) for one in found.iterator(chunk_size=CHUNK))


def fields(one: Model, *names: str) -> Row:
    return {name: getattr(one, name) for name in names}


def who(user: User | None) -> Row | None:
    """None: the system itself, or not known."""
    return {"role": user.role, "first_name": user.get_short_name()} if user else None


def logs_to_tell(patient: Patient) -> QuerySet[SymptomLog]:
    """Every report, those put right since and those of carers and staff too."""
    found = SymptomLog.objects.filter(patient=patient, is_canary=False)
    return found.select_related("recorded_by", "superseded_by").order_by("observed_at", "recorded_at")


def replaced_by(log: SymptomLog | Dose) -> UUID | None:
    return log.superseded_by.pk if hasattr(log, "superseded_by") else None


def _person(patient: Patient) -> Row:
    own = ("record_number", "given_name", "family_name", "birth_date", "time_zone", "language", "has_pump")
    account = patient.user
    return fields(patient, "id", *own, "registered_at") | {
        "account": fields(account, "username", "email", "display_name", "date_joined") if account else None
    }


def _log(log: SymptomLog) -> Row:
    told = ("answers", "vital_signs", "note", "catalogue_version", "channel", "carried", "filled_in_seconds")
    return fields(log, "id", "client_id", "observed_at", "recorded_at", "reporter", *told) | {
        "recorded_by": who(log.recorded_by),
        "puts_right": log.supersedes_id,
        "put_right_by": replaced_by(log),
        "carried_from": log.carried_from_id,
    }


def _dose(dose: Dose) -> Row:
    told = ("route", "due_at", "status", "taken_at", "amount", "reporter", "recorded_at", "reason")
    return fields(dose, "id", *told) | {
        "unit": "mg" if dose.route == "oral" else "microgram",
        "recorded_by": who(dose.recorded_by),
        "puts_right": dose.supersedes_id,
        "put_right_by": replaced_by(dose),
    }


def _recorded(*names: str) -> Callable[[Any], Row]:
    """A row of which it is only told what it says and who recorded it."""
    return lambda one: fields(one, "id", *names) | {"recorded_by": who(one.recorded_by)}


def _plan_version(version: PlanVersion) -> Row:
    plan = version.plan
    return fields(version, "id", "number", "kind", "reason", "effective_at", "recorded_at") | {
        "author": who(version.author),
        "plan": fields(plan, "id", "indication", "use_started_on", "created_at", "closed_at", "is_gated"),
        "steps": [_step(step) for step in version.steps.all()],
    }


def _step(step: TaperStep) -> Row:
    asked = ("route", "starts_at", "ends_at", "daily_dose", "unit", "times_of_day", "amounts", "is_locked")
    return fields(step, "number", *asked)


def _alert(alert: Alert) -> Row:
    when = ("opened_at", "raised_at", "acknowledged_at", "resolved_at")
    return fields(alert, "id", "pattern", "status", *when) | {
        "level": alert.get_level_display(),
        "taken_by": who(alert.acknowledged_by),
    }


def _carer(carer: Carer) -> Row:
    reminders: CarerReminders | None = getattr(carer, "reminders", None)
    return fields(carer, "id", "relationship", "consented_at", "withdrawn_at") | {
        "name": carer.user.get_full_name(),
        "is_reminded": reminders is not None and reminders.stopped_at is None,
    }


def _look(event: AuditEvent) -> Row:
    detail: Mapping[str, Any] = event.detail
    return {"at": event.at, "what": event.type, "role": event.actor_role, "door": detail.get("door", "")}


def _of(model: Any, *, order: str, related: tuple[str, ...] = ()) -> Callable[[Patient], QuerySet[Any]]:
    return lambda patient: model.objects.filter(patient=patient).select_related(*related).order_by(order, "pk")


BY = ("recorded_by",)
SUPPLY = ("kind", "occurred_at", "recorded_at", "ended_at", "note")
PUMP = ("refill_due_on", "low_reservoir_on", "refill_booked", "service_ends_on", "alarm_volume_ml")

SOURCES: dict[str, tuple[Callable[[Patient], QuerySet[Any]], Callable[[Any], Row]]] = {
    "person": (lambda patient: Patient.objects.filter(pk=patient.pk).select_related("user"), _person),
    "reports": (logs_to_tell, _log),
    "before_the_taper": (
        _of(Baseline, order="recorded_at", related=BY),
        _recorded("answers", "vital_signs", "recorded_at"),
    ),
    "doses": (_of(Dose, order="recorded_at", related=("recorded_by", "superseded_by")), _dose),
    "pump_events": (
        _of(PumpEvent, order="occurred_at", related=BY),
        _recorded(*SUPPLY, "tone", "reservoir_ml"),
    ),
    "pump_dates": (_of(PumpDates, order="recorded_at", related=BY), _recorded(*PUMP, "recorded_at")),
    "supply_events": (
        _of(SupplyEvent, order="occurred_at", related=BY),
        _recorded(*SUPPLY, "route", "fraction", "planned", "count"),
    ),
    "supply_counts": (
        _of(SupplyCount, order="counted_at", related=BY),
        _recorded("counted_at", "amount", "counts", "recorded_at"),
    ),
    "plan_versions": (
        lambda patient: (
            PlanVersion.objects.filter(plan__patient=patient)
            .select_related("plan", "author")
            .prefetch_related("steps")
            .order_by("recorded_at", "number")
        ),
        _plan_version,
    ),
    "alerts": (_of(Alert, order="opened_at", related=("acknowledged_by",)), _alert),
    "risk_factors": (
        _of(RiskFactor, order="present_from", related=BY),
        _recorded("code", "present_from", "present_until"),
    ),
    "stays": (
        _of(Stay, order="admitted_at", related=("ward",)),
        lambda stay: fields(stay, "bed", "admitted_at", "discharged_at") | {"ward": stay.ward.name},
    ),
    "time_zones": (
        _of(ZoneChange, order="from_at", related=BY),
        _recorded("from_at", "zone_before", "zone", "recorded_at"),
    ),
    "carers": (_of(Carer, order="consented_at", related=("user", "reminders")), _carer),
    "who_looked": (
        lambda patient: AuditEvent.objects.filter(
            patient_id=patient.pk, type__in=(AuditEvent.Type.PATIENT_VIEWED, AuditEvent.Type.DATA_DOWNLOADED)
        ).order_by("at"),
        _look,
    ),
    "reminder_choice": (
        lambda patient: ReminderChoice.objects.filter(user=patient.user_id),
        lambda one: fields(one, "by_email", "morning", "quiet_from", "quiet_until", "language"),
    ),
    "reminders": (
        lambda patient: Reminder.objects.filter(patient=patient, recipient=patient.user_id).order_by("created_at"),
        lambda one: fields(one, "kind", "due_at", "created_at", "done_at", "outcome"),
    ),
    "phones": (
        lambda patient: PushSubscription.objects.filter(user=patient.user_id).order_by("created_at"),
        lambda one: fields(one, "label", "language", "created_at", "last_success_at", "gone_at", "gone_because"),
    ),
    "calendar_addresses": (
        lambda patient: CalendarLink.objects.filter(patient=patient).order_by("created_at"),
        lambda one: fields(one, "shows_doses", "language", "created_at", "revoked_at"),
    ),
}
