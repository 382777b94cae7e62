"""What stands in each lane of a patient's timeline, held without a browser."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from apps.alerts.models import AlertEvent
from apps.dashboards.timeline.axis import Period, make_axis
from apps.dashboards.timeline.patterns_of_items import OTHER, PLACED, pattern_of
from apps.dashboards.timeline.shapes import Piece
from apps.rules.catalogue import load
from apps.tapers.models import Dose, PumpEvent, TaperStep
from tests.dashboards.timelines import curve, look, panel, printed, row, words
from tests.factories import (
    CATALOGUE,
    NOON,
    DoseFactory,
    PatientFactory,
    PlanFactory,
    PumpDatesFactory,
    PumpEventFactory,
    SupplyEventFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
    make_version,
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


# --- Axis ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "length"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 6, 1), 24)]
)
def test_a_day_has_as_many_hours_as_the_patient_s_clock_gives_it(day, length):
    at = datetime.combine(day + DAY, time(12), UTC)

    axis = make_axis(Period.TAPER, "Europe/London", at, (at - 5 * DAY, at))

    of_day = [one for one in axis.bins if one.ends - one.begins != hours(24)]
    assert [(one.ends - one.begins) // hours(1) for one in of_day] == ([length] if length != 24 else [])
    assert len(axis.clock_changes) == (length != 24)


def test_the_moment_at_which_the_clocks_go_back_stands_on_the_axis():
    axis = make_axis(Period.HOURS, "Europe/London", datetime(2026, 10, 25, 12, tzinfo=UTC))

    (change,) = axis.clock_changes
    assert change.at == datetime(2026, 10, 25, 1, tzinfo=UTC)
    assert "25 hours" in change.label
    assert [tick.label for tick in axis.ticks if tick.at.date() == date(2026, 10, 25)] == ["06:00", "12:00"]


@pytest.mark.parametrize("period", list(Period))
def test_cells_follow_each_other_without_a_hole_and_fill_the_axis(period):
    at = datetime(2026, 10, 26, 9, 30, tzinfo=UTC)
    axis = make_axis(period, "Europe/London", at, (at - 40 * DAY, at + 40 * DAY))

    assert axis.bins[0].begins == axis.since
    assert axis.bins[-1].ends == axis.until
    assert all(one.ends == next_one.begins for one, next_one in zip(axis.bins, axis.bins[1:], strict=False))
    assert axis.since < at < axis.until
    assert all(axis.holds(tick.at) for tick in axis.ticks)
    assert len(axis.ticks) <= 17


def test_a_taper_of_a_year_has_cells_of_a_week():
    axis = make_axis(Period.TAPER, "Europe/London", NOON, (NOON - 300 * DAY, NOON + 60 * DAY))

    assert len(axis.bins) < 60
    assert axis.bin_words == "a week"


# --- Doses, plan, pump ---------------------------------------------------------------------------


def test_the_prescribed_dose_is_a_stair_cut_at_the_edges_of_the_axis(tapered):
    page = look(tapered)

    stair = curve(page, "dose-oral", "prescribed").pieces
    assert [piece.value for piece in stair] == [60, 50]
    assert stair[0] == Piece(NOON - 9 * DAY, NOON - 2 * DAY, 60.0)
    assert stair[-1].ends == page.axis.until
    assert "50 mg a day by mouth" in words(page, "plan")


def test_where_doses_end_as_planned_the_table_says_so(patient):
    plan = PlanFactory(patient=patient, steps=False)
    make_version(plan, daily_doses=(20,))
    TaperStep.objects.update(ends_at=NOON - hours(3))

    assert words(look(patient), "plan")[-1] == "no dose is prescribed any more"


def test_a_step_that_waits_is_foreseen_and_begins_now_at_the_earliest(tapered):
    TaperStep.objects.filter(daily_dose__lt=60).update(is_locked=True)
    TaperStep.objects.filter(daily_dose=60).update(ends_at=None)

    page = look(tapered, Period.TAPER)

    assert [piece.value for piece in curve(page, "dose-oral", "prescribed").pieces] == [60]
    waits = curve(page, "dose-oral", "foreseen, waits to be released").pieces
    assert waits[0].begins == NOON
    assert waits[0].value == 50


def test_each_dose_says_what_was_told_of_it_and_the_day_its_sum(tapered):
    due = NOON.replace(hour=8)
    DoseFactory(patient=tapered, due_at=due, amount=Decimal("16.667"))
    DoseFactory(patient=tapered, due_at=due - hours(12), status=Dose.Status.MISSED, amount=None)

    page = look(tapered, Period.HOURS)
    of_days = look(tapered)

    told = {mark.at: mark.glyph for mark in row(page, "supply", "Doses by mouth").marks}
    assert told[due - hours(12)] == "✕"
    assert told[due - hours(18)] == "?"
    assert NOON.replace(hour=14) not in told
    bars = curve(of_days, "dose-oral", "told to be taken that day").pieces
    assert bars[-1].value == pytest.approx(16.667)
    assert bars[-2].value == 0
    assert printed(row(of_days, "supply", "Doses by mouth"))[-2:] == ["✕", "✓"]


def test_a_dose_on_top_of_one_that_was_taken_is_a_dose_taken_twice(tapered):
    DoseFactory(patient=tapered, due_at=NOON.replace(hour=8), amount=None)
    DoseFactory(patient=tapered, due_at=None, taken_at=NOON - hours(2))
    DoseFactory(patient=tapered, due_at=None, taken_at=NOON.replace(hour=2))

    marks = {mark.at: mark.glyph for mark in row(look(tapered, Period.HOURS), "supply", "Doses by mouth").marks}

    assert marks[NOON.replace(hour=8)] == "✓"
    assert marks[NOON - hours(2)] == "2×"
    assert marks[NOON.replace(hour=2)] == "+"


def test_a_pump_has_its_rate_its_alarm_until_it_was_mended_and_its_refill():
    patient = PatientFactory(has_pump=True)
    plan = PlanFactory(patient=patient, steps=False)
    make_version(plan, daily_doses=(300, 250), route="intrathecal")
    PumpEventFactory(
        patient=patient,
        kind=PumpEvent.Kind.ALARM,
        tone="two_tone",
        occurred_at=NOON - hours(20),
        ended_at=NOON - hours(6),
    )
    PumpEventFactory(patient=patient, kind=PumpEvent.Kind.REFILLED, occurred_at=NOON - hours(5), reservoir_ml=20)
    PumpDatesFactory(patient=patient, refill_due_on=(NOON + DAY).date())

    page = look(patient)

    assert [piece.value for piece in curve(page, "dose-intrathecal", "prescribed").pieces] == [300, 250]
    assert panel(page, "dose-intrathecal").unit == "microgram a day"
    pump = row(page, "supply", "Pump")
    (alarm,) = pump.spans
    assert (alarm.begins, alarm.ends) == (NOON - hours(20), NOON - hours(6))
    assert alarm.text == "pump alarm, two tones"
    assert [(mark.glyph, mark.text) for mark in pump.marks] == [
        ("▲", "pump alarm, two tones"),
        ("●", "refilled, 20 mL"),
        ("◇", "refill due"),
    ]


def test_versions_and_reports_of_supply_stand_with_who_wrote_them(tapered):
    author = UserFactory(display_name="Dr Wanjiru")
    version = tapered.plans.get().versions.get()
    version.__class__.objects.create(
        plan=version.plan, number=2, kind="hold", reason="Shivering.", author=author,
        effective_at=NOON - hours(3), recorded_at=NOON - hours(2),
    )  # fmt: skip
    SupplyEventFactory(patient=tapered, kind="hospital_transfer", occurred_at=NOON - hours(30))

    page = look(tapered)

    assert [mark.text for mark in row(page, "supply", "Plan").marks] == ["plan started", "held"]
    (held,) = [line for line in page.lines if line.text == "version 2: held"]
    assert (held.who, held.note, held.known_at) == ("Dr Wanjiru", "Shivering.", NOON - hours(2))
    assert "admitted or transferred" in words(page, "supply")


# --- Symptoms and vital signs --------------------------------------------------------------------


def test_symptoms_stand_by_pattern_and_print_the_worst_grade_of_each_cell(patient):
    for back, answers in (
        (30, {"tremor": 1, "confusion": 0, "insomnia": 2}),
        (4, {"tremor": 3, "confusion": 2, "nausea": "refused", "seizure": True}),
        (3, {"tremor": 2, "confusion": 4}),
    ):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(back), answers=answers)

    page = look(patient)

    heat = panel(page, "symptoms")
    assert [(one.group, one.label) for one in heat.rows] == [
        ("", "Logs"),
        ("Delirium", "Confusion"),
        ("Delirium", "Insomnia"),
        ("Fits", "Seizure"),
        ("Fits", "Tremor"),
    ]
    assert printed(row(page, "symptoms", "Tremor")) == ["1", "3"]
    assert printed(row(page, "symptoms", "Confusion")) == ["0", "4"]
    assert [cell.tone for cell in row(page, "symptoms", "Confusion").cells] == ["0", "4"]
    assert printed(row(page, "symptoms", "Seizure")) == ["Y"]


def test_what_was_asked_and_not_answered_is_no_grade(patient):
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(30), answers={"tremor": 2})
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(4), answers={"tremor": "refused", "nausea": 0})

    page = look(patient)

    assert printed(row(page, "symptoms", "Tremor")) == ["2", "–"]
    assert page.never_there == ("Nausea",)
    assert words(page, "log")[-1] == "Tremor: refused · 1 asked and not there"


def test_who_logged_is_marked_and_what_came_in_late_has_a_clock(patient):
    nurse = UserFactory(display_name="Amina Yusuf")
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(9), reporter="carer", recorded_at=NOON - hours(2))
    SymptomLogFactory(patient=patient, observed_at=NOON - hours(6), reporter="staff", recorded_by=nurse)

    page = look(patient)

    assert [mark.glyph for mark in row(page, "symptoms", "Logs").marks] == ["C◷", "S"]
    late, bedside = [line for line in page.lines if line.kind == "log"]
    assert (late.who, late.known_at) == ("carer", NOON - hours(2))
    assert (bedside.who, bedside.known_at) == ("Amina Yusuf", None)


def test_over_a_whole_taper_logs_are_counted_by_the_day(tapered):
    for back in (9, 8, 30):
        SymptomLogFactory(patient=tapered, observed_at=NOON - hours(back), recorded_at=NOON - hours(7.5))

    logs = row(look(tapered, Period.TAPER), "symptoms", "Logs")

    assert printed(logs) == ["1◷", "2◷"]
    assert logs.cells[-1].ends - logs.cells[-1].begins == DAY


def test_vital_signs_are_lines_with_their_units_and_are_broken_where_nobody_looked(patient):
    for back, value in ((60, 36.8), (59, 37.0), (2, 38.4)):
        SymptomLogFactory(
            patient=patient, observed_at=NOON - hours(back), answers={}, vital_signs={
                "temperature_c": {"value": value}, "bp_systolic_mmhg": {"value": 120 + back}, "gcs": {"value": 15},
            },
        )  # fmt: skip
    patient.stays.update(admitted_at=NOON - hours(70))

    page = look(patient)

    assert [(one.key, one.unit) for one in page.panels if one.kind == "curves"] == [
        ("vital-temperature", "°C"),
        ("vital-pressure", "mmHg"),
        ("vital-gcs", ""),
    ]
    (warmth,) = panel(page, "vital-temperature").curves
    assert [point.value for point in warmth.points] == [36.8, 37.0, None, 38.4]
    assert panel(page, "vital-temperature").low < 36.8
    assert panel(page, "vital-temperature").high > 38.4


def test_every_symptom_that_is_put_under_a_pattern_is_in_the_catalogue():
    catalogue = load(CATALOGUE)

    assert set(PLACED) <= set(catalogue.symptoms)
    assert set(PLACED.values()) <= set(catalogue.patterns)
    assert pattern_of("somnolence", catalogue) == "toxicity"
    assert (
        pattern_of("nausea", catalogue)
        == pattern_of("not there", catalogue)
        == pattern_of("tremor", None)
        == OTHER
    )
