"""Who watched and who answered, on a patient's timeline: windows, checks, gaps, alerts, notes, and how it stood."""

from datetime import timedelta

import pytest

from apps.alerts.models import Alert, AlertEvent
from apps.dashboards.timeline.axis import Period
from apps.dashboards.timeline.shapes import Piece
from apps.tapers.models import Dose, TaperStep
from tests.dashboards.timelines import an_alert, curve, happened, look, panel, row, words
from tests.factories import (
    NOON,
    BaselineFactory,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    PumpDatesFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
)

pytestmark = pytest.mark.django_db
Kind = AlertEvent.Kind
DAY = timedelta(days=1)


@pytest.fixture
def patient():
    return PatientFactory(stay__admitted_at=NOON - hours(24))


@pytest.fixture
def tapered(patient):
    """60 mg a day from nine days before NOON, 50 from two days before."""
    PlanFactory(patient=patient)
    return patient


# --- Windows, checks, gaps -----------------------------------------------------------------------


def test_a_reduction_opens_72_hours_and_another_change_keeps_them_open(tapered):
    page = look(tapered)
    (window,) = page.windows
    assert (window.begins, window.ends) == (NOON - 2 * DAY, NOON + DAY)
    assert window.kinds == ("dose_reduced",)

    SupplyEventFactory(patient=tapered, kind="surgery", occurred_at=NOON - hours(6))

    (longer,) = look(tapered).windows
    assert (longer.begins, longer.ends) == (NOON - 2 * DAY, NOON + hours(66))
    assert longer.kinds == ("dose_reduced", "surgery")


def test_what_is_ahead_opens_no_window_yet(tapered):
    assert all(window.begins <= NOON for window in look(tapered, Period.TAPER).windows)


def test_a_missed_dose_opens_a_window(patient):
    DoseFactory(patient=patient, due_at=NOON - hours(12), status=Dose.Status.MISSED, amount=None)

    (window,) = look(patient).windows

    assert (window.begins, window.kinds) == (NOON - hours(12), ("missed_dose",))


def test_baclofen_given_again_is_asked_after_at_12_24_and_48_hours(patient):
    SupplyEventFactory(patient=patient, kind="baclofen_restarted", occurred_at=NOON - hours(20))

    (recovery,) = look(patient).recoveries

    assert [check - recovery.begins for check in recovery.checks] == [hours(12), hours(24), hours(48)]
    assert "12 hours after baclofen was given again: is it better?" in words(look(patient), "window")


def test_a_gap_begins_when_a_log_was_due_and_ends_with_the_next(patient):
    patient.stays.update(admitted_at=NOON - hours(100))
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(90))
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(40))
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(10))

    (gap,) = look(patient).gaps

    assert (gap.begins, gap.ends) == (NOON - hours(66), NOON - hours(40))
    assert "no log for 26 hours after one was due: nobody knows how it was" in words(look(patient), "gap")


def test_logs_are_due_more_often_in_a_window_and_while_an_alert_is_open(patient):
    patient.stays.update(admitted_at=NOON - hours(60))
    for back in (60, 36, 17, 9):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(back))
    SupplyEventFactory(patient=patient, kind="surgery", occurred_at=NOON - hours(37))
    an_alert(patient, NOON - hours(17))

    assert [(gap.begins, gap.ends) for gap in look(patient).gaps] == [
        (NOON - hours(24), NOON - hours(17)),
        (NOON - hours(13), NOON - hours(9)),
        (NOON - hours(5), NOON),
    ]


def test_nobody_is_waited_for_before_they_came_or_after_they_went(patient):
    patient.stays.update(admitted_at=NOON - hours(200), discharged_at=NOON - hours(150))
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(199))
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(160))

    assert all(gap.ends <= NOON - hours(150) for gap in look(patient).gaps)


# --- Alerts and notes ----------------------------------------------------------------------------


@pytest.fixture
def answered(patient):
    """Raised as urgent, taken, passed on, taken by another, worse, taken again, closed."""
    amina, bo = UserFactory(display_name="Amina Yusuf"), UserFactory(display_name="Bo Lind")
    alert = an_alert(patient, NOON - hours(10))
    happened(
        alert,
        (Kind.OPENED, NOON - hours(10), None, 2),
        (Kind.ACKNOWLEDGED, NOON - hours(9), amina, 2),
        (Kind.PASSED_ON, NOON - hours(8), amina, 2, "to Bo Lind: theatre"),
        (Kind.ACKNOWLEDGED, NOON - hours(7), bo, 2),
        (Kind.WORSENED, NOON - hours(5), None, 3),
        (Kind.ESCALATED, NOON - hours(4.5), None, 3),
        (Kind.ACKNOWLEDGED, NOON - hours(4), bo, 3),
        (Kind.NOTED, NOON - hours(3), bo, 3, "Saline given, calmer."),
        (Kind.RESOLVED, NOON - hours(2), bo, 3),
    )
    Alert.objects.update(
        status="resolved", resolved_by=bo, resolved_at=NOON - hours(2), outcome="reinstated", acknowledged_by=None
    )
    return patient


def test_an_alert_is_told_by_level_and_by_who_had_it(answered):
    delirium = row(look(answered), "alerts", "Delirium")

    assert [(span.begins, span.text, span.tone) for span in delirium.spans] == [
        (NOON - hours(10), "urgent: nobody", "urgent-open"),
        (NOON - hours(9), "urgent: Amina Yusuf", "urgent"),
        (NOON - hours(8), "urgent: nobody", "urgent-open"),
        (NOON - hours(7), "urgent: Bo Lind", "urgent"),
        (NOON - hours(5), "emergency: nobody", "emergency-open"),
        (NOON - hours(4), "emergency: Bo Lind", "emergency"),
    ]
    assert delirium.spans[-1].ends == NOON - hours(2)
    assert "".join(mark.glyph for mark in delirium.marks) == "▲✓→✓▲↑✓■"
    assert delirium.marks[-1].text == "baclofen reinstated"


def test_the_table_says_who_did_what_and_leads_to_the_alert(answered):
    lines = [line for line in look(answered).lines if line.kind == "alert"]

    assert (lines[2].text, lines[2].who, lines[2].note) == (
        "urgent, Delirium: passed on", "Amina Yusuf", "to Bo Lind: theatre",
    )  # fmt: skip
    assert lines[-1].text == "emergency, Delirium: closed: baclofen reinstated"
    assert {line.alert_id for line in lines} == {Alert.objects.get().pk}


def test_an_alert_that_is_silenced_says_so_and_one_that_is_open_goes_on_until_now(patient):
    amina = UserFactory(display_name="Amina Yusuf")
    alert = an_alert(patient, NOON - hours(10), level=2)
    happened(
        alert,
        (Kind.OPENED, NOON - hours(10)),
        (Kind.SILENCED, NOON - hours(8), amina),
        (Kind.FIRED_AGAIN, NOON - hours(7)),
    )

    delirium = row(look(patient), "alerts", "Delirium")

    assert [(span.begins, span.ends, span.text) for span in delirium.spans] == [
        (NOON - hours(10), NOON - hours(8), "urgent: nobody"),
        (NOON - hours(8), NOON, "urgent: silenced"),
    ]


def test_what_fires_again_after_closing_does_not_open_it_anew(answered):
    happened(Alert.objects.get(), (Kind.FIRED_AGAIN, NOON - hours(1), None, 3))

    assert row(look(answered), "alerts", "Delirium").spans[-1].ends == NOON - hours(2)


def test_notes_of_logs_and_of_alerts_have_a_lane(answered):
    SymptomLogFactory(patient=answered, observed_at=NOON - hours(6), note="Saw people\nat the window " + "x" * 60)

    page = look(answered)

    assert [mark.text for mark in row(page, "notes", "Of alerts").marks] == ["Saline given, calmer."]
    (note,) = row(page, "notes", "Of logs").marks
    assert note.text.startswith("Saw people at the window")
    assert len(note.text) == 40


def test_a_patient_of_whom_nothing_is_on_record_has_an_empty_timeline_and_a_gap():
    page = look(PatientFactory())

    assert page.panels == ()
    assert [line.kind for line in page.lines] == ["gap"]
    assert page.standing.doses == ()
    assert page.standing.next_change_at is None


def test_how_it_stood_is_said_as_of_that_moment(tapered):
    PumpDatesFactory(patient=tapered, recorded_at=NOON - hours(1))

    now, before = look(tapered).standing, look(tapered, known_at=NOON - 3 * DAY).standing

    assert (now.doses, before.doses) == (("50 mg a day by mouth",), ("60 mg a day by mouth",))
    assert now.version.number == 1
    assert (now.next_change_at, before.next_change_at) == (NOON + 5 * DAY, NOON - 2 * DAY)
    assert (now.watched_until, before.watched_until) == (NOON + DAY, None)
    assert (now.refill_due_on, before.refill_due_on) == ((NOON + 10 * DAY).date(), None)


@pytest.mark.parametrize(("back", "is_waiting"), [(3, False), (1, True)])
def test_a_locked_step_is_the_next_change(tapered, back, is_waiting):
    TaperStep.objects.filter(daily_dose__lt=60).update(is_locked=True)
    TaperStep.objects.filter(daily_dose=60).update(ends_at=None)

    standing = look(tapered, known_at=NOON - back * DAY).standing

    assert (standing.waits.daily_dose, standing.is_waiting) == (50, is_waiting)
    assert standing.doses == ("60 mg a day by mouth",)


def test_how_a_person_usually_is_stands_beside_what_was_found(patient):
    BaselineFactory(
        patient=patient, answers={"tremor": 1}, vital_signs={"temperature_c": 36.4, "spo2_percent": 95}
    )
    SymptomLogFactory(
        patient=patient, observed_at=NOON - hours(2), answers={"tremor": 3, "confusion": 1},
        vital_signs={"temperature_c": {"value": 38.4}},
    )  # fmt: skip

    page = look(patient)

    assert [one.label for one in panel(page, "symptoms").rows] == ["Logs", "Confusion", "Tremor, usual 1"]
    usual = curve(page, "vital-temperature", "Temperature, usual")
    assert usual.pieces == (Piece(page.axis.since, page.axis.until, 36.4),)
    assert panel(page, "vital-oxygen") is None
    assert look(patient, known_at=NOON - 21 * DAY).panels == ()
