"""The timeline as it was known at a moment: what came later is not there."""

from datetime import timedelta

import pytest

from apps.alerts.models import Alert, AlertEvent
from apps.dashboards.timeline.axis import Period
from apps.dashboards.timeline.moments import known_moments
from apps.patients.models import ZoneChange
from apps.tapers.models import Dose
from apps.tapers.services import end_event
from tests.dashboards.timelines import an_alert, curve, happened, look, panel, printed, row, words
from tests.factories import (
    NOON,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    PumpEventFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
    make_version,
)

pytestmark = pytest.mark.django_db
Kind = AlertEvent.Kind
THREE = NOON - hours(9)
"""03:00"""


@pytest.fixture
def patient():
    return PatientFactory(stay__admitted_at=NOON - hours(24))


def test_a_log_is_not_known_before_it_came_in(patient):
    SymptomLogFactory(patient=patient, observed_at=THREE - hours(2), recorded_at=NOON - hours(1))

    assert words(look(patient, known_at=THREE), "log") == []
    assert words(look(patient), "log") == ["Anxiety 1"]


def test_a_log_counts_until_its_correction_came_in(patient):
    first = SymptomLogFactory(patient=patient, observed_at=THREE - hours(2), answers={"tremor": 4})
    SymptomLogFactory(
        patient=patient, observed_at=THREE - hours(2), recorded_at=NOON - hours(1), answers={"tremor": 1}, supersedes=first
    )  # fmt: skip

    then, now = look(patient, known_at=THREE), look(patient)

    assert printed(row(then, "symptoms", "Tremor")) == ["4"]
    assert printed(row(now, "symptoms", "Tremor")) == ["1"]
    assert [line.is_struck for line in then.lines if line.kind == "log"] == [False]
    assert [(line.is_struck, line.text) for line in now.lines if line.kind == "log"] == [
        (True, "corrected since · Tremor 4"),
        (False, "Tremor 1"),
    ]


def test_so_does_a_dose(patient):
    due = THREE - hours(7)
    PlanFactory(patient=patient)
    missed = DoseFactory(patient=patient, due_at=due, status=Dose.Status.MISSED, amount=None, recorded_at=due)
    DoseFactory(patient=patient, due_at=due, supersedes=missed, recorded_at=NOON - hours(1))

    def glyph(known_at):
        marks = row(look(patient, Period.HOURS, known_at), "supply", "Doses by mouth").marks
        return {mark.at: mark.glyph for mark in marks}[due]

    assert glyph(THREE) == "✕"
    assert glyph(NOON) == "≠"


def test_a_dose_told_late_was_of_nobody_s_saying_before(patient):
    due = THREE - hours(7)
    PlanFactory(patient=patient)
    DoseFactory(patient=patient, due_at=due, amount=None, recorded_at=NOON - hours(1))

    marks = row(look(patient, Period.HOURS, THREE), "supply", "Doses by mouth").marks

    assert {mark.at: mark.glyph for mark in marks}[due] == "?"


def test_a_version_of_the_plan_is_not_known_before_it_was_entered(patient):
    plan = PlanFactory(patient=patient)
    make_version(
        plan, number=2, kind="hold", daily_doses=(60,), starts_at=NOON - hours(50), recorded_at=NOON - hours(1)
    )

    then, now = look(patient, known_at=THREE), look(patient)

    assert [piece.value for piece in curve(then, "dose-oral", "prescribed").pieces][:2] == [60, 50]
    assert {piece.value for piece in curve(now, "dose-oral", "prescribed").pieces} == {60}
    assert "version 2: held" not in words(then)
    assert then.windows
    assert not now.windows


def test_a_plan_that_was_closed_later_went_on(patient):
    plan = PlanFactory(patient=patient)
    plan.closed_at = NOON - hours(1)
    plan.save()

    assert curve(look(patient, known_at=THREE), "dose-oral", "prescribed").pieces[-1].ends > NOON
    assert curve(look(patient), "dose-oral", "prescribed").pieces[-1].ends == NOON - hours(1)
    assert words(look(patient), "plan")[-1] == "the plan was closed"


def test_an_alert_stands_as_it_stood(patient):
    amina = UserFactory(display_name="Amina Yusuf")
    alert = an_alert(patient, THREE - hours(2))
    happened(
        alert,
        (Kind.OPENED, THREE - hours(2), None, 2),
        (Kind.WORSENED, THREE + hours(1), None, 3),
        (Kind.ACKNOWLEDGED, THREE + hours(2), amina, 3),
        (Kind.RESOLVED, THREE + hours(3), amina, 3),
    )
    Alert.objects.update(status="resolved", resolved_by=amina, resolved_at=THREE + hours(3), outcome="reviewed")

    (span,) = row(look(patient, known_at=THREE), "alerts", "Delirium").spans

    assert (span.text, span.ends) == ("urgent: nobody", THREE)
    assert words(look(patient, known_at=THREE), "alert") == ["urgent, Delirium: raised"]
    assert words(look(patient), "alert")[-1] == "emergency, Delirium: closed: reviewed, watched further"


def test_an_alert_is_not_known_before_it_was_raised(patient):
    an_alert(patient, NOON - hours(1))

    assert panel(look(patient, known_at=THREE), "alerts") is None


def test_a_pump_event_goes_on_until_somebody_told_its_end(patient):
    event = PumpEventFactory(patient=patient, occurred_at=THREE - hours(3))
    end_event(event=event, by=UserFactory(), at=NOON - hours(1), ended_at=THREE - hours(1))

    (then,) = row(look(patient, known_at=THREE), "supply", "Pump").spans
    (now,) = row(look(patient), "supply", "Pump").spans

    assert then.ends == THREE
    assert now.ends == THREE - hours(1)


def test_the_clock_is_the_one_that_was_known_of(patient):
    ZoneChange.objects.create(
        patient=patient, from_at=NOON - hours(30), zone_before="Europe/London", zone="Asia/Tokyo", recorded_at=NOON
    )
    patient.time_zone = "Asia/Tokyo"
    patient.save()

    assert look(patient, known_at=THREE).axis.zone == "Europe/London"
    assert look(patient).axis.zone == "Asia/Tokyo"
    assert "lives by the clock of Asia/Tokyo" in words(look(patient))


def test_somebody_who_had_not_been_discharged_yet_was_waited_for(patient):
    patient.stays.update(discharged_at=NOON - hours(1))
    patient.stays.update(admitted_at=NOON - hours(100))

    assert look(patient, known_at=THREE).gaps[-1].ends == THREE
    assert look(patient).gaps[-1].ends == NOON - hours(1)


def test_the_stops_are_the_minutes_after_which_more_was_known(patient):
    PlanFactory(patient=patient)
    SymptomLogFactory(
        patient=patient, observed_at=NOON - hours(30), recorded_at=NOON - hours(5) + timedelta(seconds=1)
    )
    DoseFactory(patient=patient, recorded_at=NOON - hours(4))
    PumpEventFactory(patient=patient, recorded_at=NOON - hours(3))
    happened(an_alert(patient, NOON - hours(2)), (Kind.OPENED, NOON - hours(2)), (Kind.REMINDED, NOON + hours(1)))
    SymptomLogFactory(observed_at=NOON - hours(1))

    assert known_moments(patient, NOON - hours(48), NOON) == [
        NOON - hours(5) + timedelta(minutes=1),
        NOON - hours(4),
        NOON - hours(3),
        NOON - hours(2),
    ]
