"""One patient as the ward sees them: plan, doses, logs, readings, alerts, risk factors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Q

from apps.alerts.models import Alert
from apps.assessments.models import Assessment, Latest
from apps.assessments.speaking import speaking_first
from apps.core.days import local_day
from apps.dashboards.wording import Answered, answers_of, catalogue_of, code_labels, pattern_label, reading_words
from apps.patients.models import Patient, RiskFactor
from apps.symptoms.models import SymptomLog
from apps.tapers.models import Dose, PumpEvent, SupplyEvent
from apps.tapers.selectors import PlanView, due_doses, plan_at

DOSES_SHOWN = timedelta(hours=72)
LOGS_SHOWN = timedelta(days=14)
EVENTS_SHOWN = timedelta(days=30)
PAST_ALERTS_SHOWN = 30
LATE = timedelta(hours=1)
READING_COLUMNS = (
    "temperature_c", "heart_rate_bpm", "respiratory_rate_bpm", "bp_systolic_mmhg", "bp_diastolic_mmhg",
    "spo2_percent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DoseLine:
    when: datetime
    """Due then; for a dose outside the plan, taken then."""
    route: str
    amount: Decimal | None
    dose: Dose | None
    """None: it was due, and nobody has said anything of it."""
    is_planned: bool
    client_id: UUID = field(default_factory=uuid4)
    """Of the report that somebody may make of it here."""

    @property
    def key(self) -> str:
        return self.when.isoformat()


@dataclass(frozen=True, slots=True)
class LogLine:
    log: SymptomLog
    assessment: Assessment | None
    there: tuple[Answered, ...]
    """What was said to be there, worst first."""
    not_there: int
    without_answer: tuple[Answered, ...]
    is_corrected: bool
    is_late: bool
    carried: tuple[str, ...]
    """Names of the answers said to be as in the report before."""


@dataclass(frozen=True, slots=True)
class ReadingLine:
    log: SymptomLog
    cells: tuple[str, ...]
    """In the order of the columns; empty: not measured."""
    others: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlertSummary:
    alert: Alert
    pattern: str
    because: str


@dataclass(frozen=True, slots=True)
class PatientPage:
    patient: Patient
    age_years: float
    plan: PlanView | None
    doses: tuple[DoseLine, ...]
    logs: tuple[LogLine, ...]
    """Newest first."""
    readings: tuple[ReadingLine, ...]
    reading_columns: tuple[str, ...]
    usual_seconds: tuple[float, int] | None
    """(median, reports) of how long filling in took in these days; None where no page measured it."""
    open_alerts: tuple[AlertSummary, ...]
    past_alerts: tuple[AlertSummary, ...]
    risk_factors: tuple[RiskFactor, ...]
    events: tuple[PumpEvent | SupplyEvent, ...]
    latest: Latest | None
    is_assessed: bool
    """The newest log has been looked at by the rules."""


def patient_page(patient: Patient, *, catalogue_version: str, at: datetime) -> PatientPage:
    """A fixed number of statements, whatever there is to show."""
    logs = _logs(patient, at)
    assessments = _assessments(logs)
    latest = Latest.objects.filter(patient=patient).select_related("assessment").first()
    alerts = _alerts(patient)
    catalogue = catalogue_of(catalogue_version)
    columns = tuple(
        catalogue.vital_signs[code].label if catalogue and code in catalogue.vital_signs else code
        for code in READING_COLUMNS
    )
    return PatientPage(
        patient=patient,
        age_years=patient.age_years(local_day(at, patient.time_zone)),
        plan=plan_at(patient, at),
        doses=_doses(patient, at),
        logs=tuple(_log_line(log, assessments) for log in logs),
        readings=tuple(_reading_line(log) for log in logs if log.vital_signs),
        reading_columns=columns,
        usual_seconds=_usual_seconds(logs),
        open_alerts=tuple(one for one in alerts if one.alert.status != Alert.Status.RESOLVED),
        past_alerts=tuple(one for one in alerts if one.alert.status == Alert.Status.RESOLVED)[:PAST_ALERTS_SHOWN],
        risk_factors=risk_factors_at(patient, at),
        events=_events(patient, at),
        latest=latest,
        is_assessed=bool(latest and latest.assessment and latest.assessment.log_id == latest.last_log_id),
    )


def _logs(patient: Patient, at: datetime) -> list[SymptomLog]:
    return list(
        SymptomLog.objects.filter(
            patient=patient, is_canary=False, observed_at__gt=at - LOGS_SHOWN, observed_at__lte=at + LATE
        )
        .select_related("recorded_by", "superseded_by", "carried_from")
        .order_by("-observed_at", "-recorded_at")
    )


def _assessments(logs: list[SymptomLog]) -> Mapping[Any, Assessment]:
    """The assessment that speaks for each log."""
    found: dict[Any, Assessment] = {}
    rows = Assessment.objects.filter(log__in=logs).defer("facts", "result")
    for row in speaking_first(rows):
        found.setdefault(row.log_id, row)
    return found


def _log_line(log: SymptomLog, assessments: Mapping[Any, Assessment]) -> LogLine:
    answers = answers_of(log)
    return LogLine(
        log=log,
        assessment=assessments.get(log.pk),
        there=tuple(answer for answer in answers if answer.has_answer and answer.is_there),
        not_there=sum(answer.has_answer and not answer.is_there for answer in answers),
        without_answer=tuple(answer for answer in answers if not answer.has_answer),
        is_corrected=hasattr(log, "superseded_by"),
        is_late=log.recorded_at - log.observed_at > LATE,
        carried=code_labels(log.carried, catalogue_of(log.catalogue_version)),
    )


def _usual_seconds(logs: list[SymptomLog]) -> tuple[float, int] | None:
    taken = [log.filled_in_seconds for log in logs if log.filled_in_seconds is not None]
    return (median(taken), len(taken)) if taken else None


def _reading_line(log: SymptomLog) -> ReadingLine:
    catalogue = catalogue_of(log.catalogue_version)
    signs = catalogue.vital_signs if catalogue else {}
    words = {code: reading_words(code, reading, catalogue) for code, reading in log.vital_signs.items()}
    return ReadingLine(
        log=log,
        cells=tuple(words.get(code, "") for code in READING_COLUMNS),
        others=tuple(
            (signs[code].label if code in signs else code, said)
            for code, said in words.items()
            if code not in READING_COLUMNS
        ),
    )


def _doses(patient: Patient, at: datetime) -> tuple[DoseLine, ...]:
    """Newest first: what was due in 72 hours with what was said of it, and what was taken beside the plan."""
    since = at - DOSES_SHOWN
    today = local_day(at, patient.time_zone)
    days = [today - timedelta(days=back) for back in range(DOSES_SHOWN.days + 1)]
    due = [one for day in days for one in due_doses(patient, day) if since < one.due_at <= at]
    lines = [DoseLine(one.due_at, one.route, one.amount, one.dose, True) for one in due]
    listed = {one.dose.pk for one in due if one.dose}
    others = (
        Dose.objects.in_force()
        .filter(patient=patient)
        .filter(Q(taken_at__gt=since, taken_at__lte=at) | Q(due_at__gt=since, due_at__lte=at))
        .exclude(pk__in=listed)
    )
    lines += [_unlisted_dose(dose) for dose in others]
    return tuple(sorted(lines, key=lambda line: line.when, reverse=True))


def _unlisted_dose(dose: Dose) -> DoseLine:
    """One that the plan in force does not name."""
    when = dose.due_at or dose.taken_at or dose.recorded_at
    return DoseLine(when, dose.route, dose.amount, dose, dose.due_at is not None)


def _alerts(patient: Patient) -> list[AlertSummary]:
    """Open ones by level, then those that are closed, newest first."""
    alerts = Alert.objects.filter(patient=patient).select_related("acknowledged_by", "resolved_by")
    closed = Alert.Status.RESOLVED
    ordered = sorted(alerts.order_by("-raised_at"), key=lambda one: 0 if one.status == closed else -one.level)
    return [
        AlertSummary(
            one,
            pattern_label(one.pattern, one.catalogue_version),
            one.hits[0]["because"] if one.hits else "",
        )
        for one in ordered
    ]


def risk_factors_at(patient: Patient, at: datetime) -> tuple[RiskFactor, ...]:
    known = RiskFactor.objects.filter(patient=patient, present_from__lte=at).order_by("-present_from")
    return tuple(factor for factor in known if factor.is_present(at))


def _events(patient: Patient, at: datetime) -> tuple[PumpEvent | SupplyEvent, ...]:
    since = at - EVENTS_SHOWN
    pump = PumpEvent.objects.filter(patient=patient, occurred_at__gt=since, occurred_at__lte=at)
    supply = SupplyEvent.objects.filter(patient=patient, occurred_at__gt=since, occurred_at__lte=at)
    return tuple(sorted((*pump, *supply), key=lambda event: event.occurred_at, reverse=True))
