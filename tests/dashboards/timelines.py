"""How the tests look at a timeline."""

from datetime import datetime, timedelta
from typing import Any

from apps.alerts.models import Alert, AlertEvent
from apps.dashboards.timeline.axis import Period
from apps.dashboards.timeline.page import TimelinePage, timeline_page
from apps.dashboards.timeline.shapes import Curves, Row, Rows
from apps.patients.models import Patient
from apps.tapers.selectors import plan_stretches
from apps.tapers.timeline import due_times
from tests.factories import (
    CATALOGUE,
    NOON,
    AlertFactory,
    BaselineFactory,
    DoseFactory,
    DutyFactory,
    PlanFactory,
    PumpDatesFactory,
    PumpEventFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
    make_version,
)


def look(patient: Patient, period: Period = Period.DAYS, known_at: datetime = NOON) -> TimelinePage:
    return timeline_page(patient, period=period, known_at=known_at, catalogue_version=CATALOGUE)


def panel(page: TimelinePage, key: str) -> Any:
    return next((one for one in page.panels if one.key == key), None)


def row(page: TimelinePage, key: str, label: str) -> Row:
    found: Rows = panel(page, key)
    return next(one for one in found.rows if one.label == label)


def curve(page: TimelinePage, key: str, label: str) -> Any:
    found: Curves = panel(page, key)
    return next(one for one in found.curves if one.label == label)


def printed(one: Row) -> list[str]:
    return [cell.text for cell in one.cells]


def words(page: TimelinePage, kind: str | None = None) -> list[str]:
    return [line.text for line in page.lines if kind is None or line.kind == kind]


def happened(alert: Alert, *steps: tuple[Any, ...]) -> None:
    """(kind, at, by, level, note) of each; what is left out is nobody, the alert's level, nothing."""
    for kind, at, *more in steps:
        by, level, note = [*more, *[None, None, ""][len(more) :]]
        AlertEvent.objects.create(
            alert=alert, kind=kind, at=at, by=by, level=level or alert.level, note=note or ""
        )


def an_alert(patient: Patient, opened_at: datetime, **given: Any) -> Alert:
    return AlertFactory(patient=patient, opened_at=opened_at, log=None, **given)


def eventful(patient: Patient, nurse: Any, now: datetime) -> Alert:
    """Two weeks of a taper that goes wrong: a reduction, a missed dose, confusion, an alert that climbs, baclofen
    given again, and a day in which nobody logged. Answers the alert about the mind."""
    plan = PlanFactory(patient=patient, steps=False, created_at=now - timedelta(days=12))
    make_version(plan, daily_doses=(60, 50, 40, 30), starts_at=now - timedelta(days=12), step_days=5)
    make_version(
        plan,
        number=2,
        kind="reinstate",
        daily_doses=(60,),
        starts_at=now - hours(22),
        recorded_at=now - hours(21.5),
    )
    _doses(patient, now)
    _logs(patient, nurse, now)
    BaselineFactory(
        patient=patient,
        answers={"tremor": 1, "muscle_spasms": 1},
        vital_signs={"temperature_c": 36.5},
        recorded_at=now - timedelta(days=13),
    )
    PumpEventFactory(
        patient=patient, kind="pump_alarm", tone="two_tone", occurred_at=now - hours(60), ended_at=now - hours(50)
    )
    PumpDatesFactory(patient=patient, refill_due_on=(now + timedelta(days=1)).date())
    SupplyEventFactory(patient=patient, kind="hospital_transfer", occurred_at=now - hours(100))
    return _alerts(patient, nurse, now)


def _doses(patient: Patient, now: datetime) -> None:
    said = {4: "missed", 9: "missed", 11: None}
    due = due_times(plan_stretches(patient), "Europe/London", now - timedelta(days=12), now - hours(1))
    for place, one in enumerate(due):
        status = said.get(len(due) - place, "taken")
        if status is not None:
            amount = one.amount if status == "taken" else None
            DoseFactory(patient=patient, due_at=one.due_at, status=status, amount=amount)


def _logs(patient: Patient, nurse: Any, now: datetime) -> None:
    for place, back in enumerate((280, 256, 232, 208, 184, 160, 136, 112, 88, 50, 38, 30, 26, 20, 14, 8, 3)):
        worse = max(0, min(4, place - 8)) if back > 20 else max(0, 4 - (20 - back) // 4)
        SymptomLogFactory(
            patient=patient,
            observed_at=now - hours(back),
            recorded_at=now - hours(back - (5 if back == 88 else 0)),
            reporter=("patient", "carer", "staff")[place % 3],
            recorded_by=nurse if place % 3 == 2 else None,
            answers={
                "confusion": max(0, worse - 1), "visual_hallucinations": worse, "agitation": worse, "insomnia": min(4, 1 + worse),
                "tremor": min(4, worse + place % 2), "muscle_spasms": 1 + place % 2, "sweating": worse // 2,
                "pruritus": place % 3, "anxiety": "refused" if place == 10 else min(3, worse), "nausea": 0,
                "seizure": False,
            },
            vital_signs={
                "temperature_c": {"value": 36.6 + worse * 0.5}, "heart_rate_bpm": {"value": 72 + worse * 11},
                "respiratory_rate_bpm": {"value": 14 + worse}, "bp_systolic_mmhg": {"value": 124 + worse * 9},
                "bp_diastolic_mmhg": {"value": 78 + worse * 4}, "spo2_percent": {"value": 98 - worse},
            } if place % 2 == 0 else {},
            note="Talks to people who are not there; the family is worried." if back == 26 else "",
        )  # fmt: skip


def _alerts(patient: Patient, nurse: Any, now: datetime) -> Alert:
    other = DutyFactory(ward=patient.stays.get().ward, user=UserFactory(display_name="Bo Lind")).user
    kind = AlertEvent.Kind
    supply = an_alert(patient, now - hours(60), pattern="pump_failure", level=2)
    happened(
        supply,
        (kind.OPENED, now - hours(60)),
        (kind.ACKNOWLEDGED, now - hours(59.9), other),
        (kind.RESOLVED, now - hours(49), other),
    )
    closed = {"status": "resolved", "resolved_by": other, "resolved_at": now - hours(49), "outcome": "reviewed"}
    Alert.objects.filter(pk=supply.pk).update(**closed)
    mind = an_alert(patient, now - hours(30), level=3)
    happened(
        mind,
        (kind.OPENED, now - hours(30), None, 2),
        (kind.ACKNOWLEDGED, now - hours(29.8), other, 2),
        (kind.PASSED_ON, now - hours(29), other, 2, "to Amina Yusuf: theatre"),
        (kind.ACKNOWLEDGED, now - hours(28.8), nurse, 2),
        (kind.WORSENED, now - hours(26), None, 3),
        (kind.ESCALATED, now - hours(25.9), None, 3),
        (kind.ACKNOWLEDGED, now - hours(25.8), nurse, 3),
        (kind.NOTED, now - hours(23), nurse, 3, "Doctor called; baclofen is given again."),
    )
    taken = {"status": "acknowledged", "acknowledged_by": nurse, "acknowledged_at": now, "acknowledged_level": 3}
    Alert.objects.filter(pk=mind.pk).update(**taken)
    return mind
