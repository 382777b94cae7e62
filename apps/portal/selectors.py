"""What the patient's pages show: frozen rows, read with a fixed number of queries."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Prefetch, QuerySet

from apps.alerts.models import Alert, Delivery, DeliveryAttempt, Level
from apps.assessments.active import active_version
from apps.core.days import day_bounds, local_day
from apps.patients.models import Patient
from apps.portal.translations import SpokenCatalogue, spoken
from apps.portal.wording import ReportedItem, reading_item, reported_items, unanswered_count
from apps.rules.definitions import Advice
from apps.symptoms.models import SymptomLog

HISTORY_DAYS = 14


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """What a patient is told of an open alert: what to do, who was told, whether a person has taken it."""

    level: int
    pattern: str
    advice: tuple[Advice, ...]
    on_board_since: datetime
    people_told: int
    """People to whom a message is known to have been sent, besides the board."""
    taken_by: str
    """First name; empty while nobody has taken it."""
    taken_at: datetime | None

    @property
    def is_emergency(self) -> bool:
        return self.level == Level.EMERGENCY

    @property
    def is_about_safety(self) -> bool:
        return self.pattern == "mood_safety"

    @property
    def is_serious(self) -> bool:
        return self.level >= Level.URGENT


def open_alerts(patient: Patient, catalogue: SpokenCatalogue) -> tuple[AlertStatus, ...]:
    """Worst first."""
    alerts = (
        Alert.objects.open()
        .filter(patient=patient)
        .select_related("acknowledged_by")
        .prefetch_related(
            Prefetch(
                "deliveries__attempts",
                queryset=DeliveryAttempt.objects.filter(outcome=DeliveryAttempt.Outcome.SENT),
            )
        )
        .order_by("-level", "opened_at")
    )
    return tuple(_status(alert, tuple(advice_for(alert, catalogue))) for alert in alerts)


def alert_status(patient: Patient) -> dict[str, Any]:
    """What templates/portal/_status.html shows."""
    alerts = open_alerts(patient, spoken(active_version()))
    return {"alerts": alerts, "status_digest": digest(alerts)}


def advice_for(alert: Alert, catalogue: SpokenCatalogue) -> list[Advice]:
    """The most urgent advice on this pattern that its level calls for: one thing to do, not a list."""
    fitting = [
        advice
        for advice in catalogue.advice.values()
        if alert.pattern in advice.patterns and alert.level >= advice.level
    ]
    most_urgent = max((advice.level for advice in fitting), default=None)
    return [advice for advice in fitting if advice.level == most_urgent]


def digest(alerts: tuple[AlertStatus, ...]) -> str:
    """Tells whether anything has changed since the page was shown, so that an unchanged piece is not read out
    again every ten seconds."""
    told = [(a.pattern, a.level, a.people_told, a.taken_by, a.on_board_since.isoformat()) for a in alerts]
    return sha256(repr(told).encode()).hexdigest()[:16]


def _status(alert: Alert, advice: tuple[Advice, ...]) -> AlertStatus:
    taken = alert.acknowledged_by if alert.status == Alert.Status.ACKNOWLEDGED else None
    return AlertStatus(
        level=alert.level,
        pattern=alert.pattern,
        advice=advice,
        on_board_since=alert.raised_at,
        people_told=len(
            {
                delivery.recipient_id
                for delivery in alert.deliveries.all()
                if delivery.channel != Delivery.Channel.BOARD and delivery.attempts.all()
            }
        ),
        taken_by=taken.get_short_name() if taken else "",
        taken_at=alert.acknowledged_at if taken else None,
    )


@dataclass(frozen=True, slots=True)
class LogRow:
    id: uuid.UUID
    observed_at: datetime
    recorded_at: datetime
    reporter: str
    items: tuple[ReportedItem, ...]
    """What was said to be there; "none" answers are counted, not listed."""
    answered: int
    unanswered: int
    note: str
    is_replaced: bool
    may_be_corrected: bool


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    logs: tuple[LogRow, ...]
    """Empty: nobody logged. That is a gap, never "no symptoms"."""


def history(patient: Patient, *, viewer_id: uuid.UUID, at: datetime) -> tuple[DayRow, ...]:
    """The last 14 of the patient's own days, newest first, every day listed."""
    today = local_day(at, patient.time_zone)
    days = [today - timedelta(days=back) for back in range(HISTORY_DAYS)]
    start, _end = day_bounds(days[-1], patient.time_zone)
    by_day: dict[date, list[LogRow]] = {day: [] for day in days}
    for log in logs_of(patient).filter(observed_at__gte=start).order_by("-observed_at"):
        day = local_day(log.observed_at, patient.time_zone)
        if day in by_day:
            by_day[day].append(log_row(log, viewer_id))
    return tuple(DayRow(day, tuple(rows)) for day, rows in by_day.items())


def logs_of(patient: Patient) -> QuerySet[SymptomLog]:
    return SymptomLog.objects.filter(patient=patient, is_canary=False).select_related("superseded_by")


def log_row(log: SymptomLog, viewer_id: uuid.UUID) -> LogRow:
    is_replaced = hasattr(log, "superseded_by")
    unanswered = unanswered_count(log)
    return LogRow(
        id=log.pk,
        observed_at=log.observed_at,
        recorded_at=log.recorded_at,
        reporter=log.reporter,
        items=reported_items(log),
        answered=len(log.answers) + len(log.vital_signs) - unanswered,
        unanswered=unanswered,
        note=log.note,
        is_replaced=is_replaced,
        may_be_corrected=not is_replaced and log.recorded_by_id == viewer_id,
    )


def questioned_readings(log: SymptomLog) -> tuple[ReportedItem, ...]:
    """Readings that can be true but seldom are. They are stored and acted on; the person is only asked to
    look again, since a report that waits for an answer may never come."""
    catalogue = spoken(log.catalogue_version)
    doubtful = [
        code
        for code, reading in log.vital_signs.items()
        if (known := catalogue.vital_signs.get(code))
        and not known.questioned[0] <= reading["value"] <= known.questioned[1]
    ]
    return tuple(reading_item(log, code, catalogue) for code in doubtful)


def advice_on_answers(log: SymptomLog, catalogue: SpokenCatalogue) -> tuple[Advice, ...]:
    """Advice that hangs on what was said rather than on an alert: trouble with speech may be a stroke."""
    said = log.answers.get("speech_disturbance")
    is_there = isinstance(said, int) and said > 0
    return (catalogue.advice["stroke"],) if is_there and "stroke" in catalogue.advice else ()


def last_log(patient: Patient) -> SymptomLog | None:
    """The newest report the ward has, by when it came."""
    return logs_of(patient).order_by("-recorded_at").first()
