"""Has the real rules assess what was written, each log as of its moment, and has the demo's staff answer.

No alert is made up here: each comes from the engine, and those that lie back are answered through the services
that a person uses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.alerts.models import Alert, Level
from apps.alerts.services import acknowledge_alert, resolve_alert
from apps.assessments.facts import gather_facts
from apps.assessments.services import refresh_latest
from apps.monitoring.pipeline import assess_and_alert
from apps.patients.models import Patient
from apps.rules.catalogue import Catalogue
from apps.rules.types import Facts
from apps.symptoms.models import SymptomLog
from apps.tapers.models import PumpEvent, SupplyEvent
from apps.tapers.services import end_event

ANSWERED_IF_OLDER_THAN = timedelta(hours=4)
"""What fired within the last hours is left for whoever tries the demo."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who reports and who answers."""

    nurse: User
    patient: User | None = None
    carer: User | None = None

    def who(self, reporter: str) -> User | None:
        return {"patient": self.patient, "carer": self.carer, "staff": self.nurse}.get(reporter)


@dataclass(frozen=True, slots=True)
class SupplyReport:
    """A moment at which something was reported of the supply, beside the logs."""

    at: datetime
    ends: PumpEvent | SupplyEvent | None = None
    """What was mended or taken back then."""

    def forget_end(self) -> None:
        if self.ends is not None:
            type(self.ends)._default_manager.filter(pk=self.ends.pk).update(ended_at=None)


def assess_all(
    logs: Sequence[SymptomLog],
    *,
    patient: Patient,
    catalogue: Catalogue,
    ends_at: datetime,
    cast: Cast,
    reports: Sequence[SupplyReport] = (),
    outcome: Alert.Outcome = Alert.Outcome.REINSTATED,
) -> None:
    """Store the logs and assess each as of the moment it came in, oldest first, by the product's own pipeline;
    and, as the product does, the newest log again when something was reported of the supply.

    `outcome`: what became of the emergencies that lie back."""
    SymptomLog.objects.bulk_create(logs)
    ordered = sorted(logs, key=lambda log: log.observed_at)
    for at, log, facts in _turns(ordered, reports, cast):
        _, alerts = assess_and_alert(log, catalogue, at, facts=facts)
        if at < ends_at - ANSWERED_IF_OLDER_THAN:
            _answer(alerts, cast.nurse, at, outcome)
    refresh_latest(patient.pk)


def _turns(
    logs: Sequence[SymptomLog], reports: Sequence[SupplyReport], cast: Cast
) -> Iterator[tuple[datetime, SymptomLog, Facts]]:
    """Everything that is assessed, in its order, each with what was known then."""
    as_logged = gather_facts(logs)
    # Nobody knows yet that it will be mended: a row says when it ended, not since when that is known.
    for report in reports:
        report.forget_end()
    waiting = sorted(reports, key=lambda report: report.at)
    for index, log in enumerate(logs):
        while waiting and waiting[0].at < log.recorded_at:
            yield from _reported(waiting.pop(0), logs[:index], cast)
        yield log.recorded_at, log, as_logged[log.pk]
    for report in waiting:
        yield from _reported(report, logs, cast)


def _reported(
    report: SupplyReport, logs: Sequence[SymptomLog], cast: Cast
) -> Iterator[tuple[datetime, SymptomLog, Facts]]:
    """The newest log, looked at again."""
    if report.ends is not None:
        end_event(event=report.ends, by=cast.nurse, at=report.at, ended_at=report.at)
    if logs:
        newest = logs[-1]
        yield report.at, newest, gather_facts([newest], known_at=report.at)[newest.pk]


def _answer(alerts: Iterable[Alert], nurse: User, at: datetime, outcome: Alert.Outcome) -> None:
    for alert in alerts:
        if alert.status != Alert.Status.OPEN:
            continue
        if alert.level >= Level.URGENT:
            acknowledge_alert(alert=alert, by=nurse, at=at + timedelta(minutes=4))
        resolve_alert(
            alert=alert,
            by=nurse,
            at=at + timedelta(minutes=35),
            outcome=outcome if alert.level == Level.EMERGENCY else Alert.Outcome.REVIEWED,
            note="Seen and examined.",
        )
