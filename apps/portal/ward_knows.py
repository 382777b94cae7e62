"""What the ward knows of one person: which reports it has, which of them somebody has seen, who may look."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from apps.accounts.models import User
from apps.core.days import day_bounds, local_day
from apps.patients.models import Carer, Patient
from apps.portal.receipts import Seen, looks, takings
from apps.portal.selectors import HISTORY_DAYS, logs_of
from apps.symptoms.models import SymptomLog

MOST_REPORTS = 60
"""Shown at once; about four a day."""


@dataclass(frozen=True, slots=True)
class KnownReport:
    id: uuid.UUID
    observed_at: datetime
    recorded_at: datetime
    reporter: str
    is_replaced: bool
    seen_at: datetime | None
    """None: nobody has told us that they have seen it, which is not "nobody has"."""
    seen_by: str
    """First name; empty where it is not known whose."""


@dataclass(frozen=True, slots=True)
class Reports:
    shown: tuple[KnownReport, ...]
    """Newest first, by when they came in."""
    has_more: bool


def reports_known(patient: Patient, at: datetime) -> Reports:
    """Reports that came in on the last 14 of the patient's own days. Two statements."""
    first = local_day(at, patient.time_zone) - timedelta(days=HISTORY_DAYS - 1)
    since, _end = day_bounds(first, patient.time_zone)
    newest = logs_of(patient).filter(recorded_at__gte=since, recorded_at__lte=at).order_by("-recorded_at")
    logs = list(_with_first_look(newest)[: MOST_REPORTS + 1])
    seen = {log.pk: _first_seen(log) for log in logs}
    lookers = User.objects.in_bulk({one.by for one in seen.values() if one and one.by})
    found = tuple(_known(log, seen[log.pk], lookers) for log in logs[:MOST_REPORTS])
    return Reports(found, has_more=len(logs) > MOST_REPORTS)


def carers_with_access(patient: Patient, viewer: User) -> QuerySet[Carer]:
    """To the patient all of them; to a carer only themself: whom else somebody trusts is theirs to tell."""
    found = patient.carers.filter(withdrawn_at=None).select_related("user").order_by("consented_at")
    return found if viewer.pk == patient.user_id else found.filter(user=viewer)


def _with_first_look(logs: QuerySet[SymptomLog]) -> QuerySet[SymptomLog]:
    """The same question as `receipts.first_seen` asks of one log, asked of all in one statement."""
    looked = looks().filter(patient_id=OuterRef("patient_id"), at__gte=OuterRef("recorded_at"))
    took = takings().filter(alert__events__log=OuterRef("pk"), at__gte=OuterRef("recorded_at"))
    return logs.annotate(
        looked_at=Subquery(looked.values("at")[:1]),
        looked_by=Subquery(looked.values("actor_id")[:1]),
        taken_at=Subquery(took.values("at")[:1]),
        taken_by=Subquery(took.annotate(who=F("by_id")).values("who")[:1]),
    )


def _first_seen(log: SymptomLog) -> Seen | None:
    pairs = ((log.looked_at, log.looked_by), (log.taken_at, log.taken_by))  # type: ignore[attr-defined]
    return min((Seen(at, by) for at, by in pairs if at), key=lambda one: one.at, default=None)


def _known(log: SymptomLog, seen: Seen | None, lookers: dict[UUID, User]) -> KnownReport:
    looker = lookers.get(seen.by) if seen and seen.by else None
    return KnownReport(
        id=log.pk,
        observed_at=log.observed_at,
        recorded_at=log.recorded_at,
        reporter=log.reporter,
        is_replaced=hasattr(log, "superseded_by"),
        seen_at=seen.at if seen else None,
        seen_by=looker.get_short_name() if looker else "",
    )
