from datetime import timedelta
from decimal import Decimal

import pytest

from apps.alerts.models import Alert
from apps.dashboards.board.need import Need
from apps.dashboards.selectors import ward_board
from apps.tapers.models import Dose, PlanVersion, Route
from apps.tapers.selectors import last_taken, plan_at
from tests.dashboards.rows import logged
from tests.factories import (
    NOON,
    AlertFactory,
    DoseFactory,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    PumpEventFactory,
    SupplyEventFactory,
    UserFactory,
    WardFactory,
    a_hit,
    hours,
    make_version,
)
from tests.tapers.plans import lock_from

pytestmark = pytest.mark.django_db


@pytest.fixture
def board(ward, nurse, live):
    return lambda at=NOON: ward_board(ward, user=nurse, at=at)


@pytest.fixture
def row(board):
    """The row of the only patient."""

    def one(at=NOON):
        (only,) = board(at).rows
        return only

    return one


def fill(ward, count):
    for number in range(count):
        patient = PatientFactory(stay=ward, stay__bed=str(number + 1), has_pump=number % 3 == 0)
        PlanFactory(patient=patient)
        logged(patient)
        DoseFactory(patient=patient)
        for pattern in ("delirium", "seizure_risk")[: number % 3]:
            AlertFactory(patient=patient, pattern=pattern)


@pytest.mark.parametrize("patients", [0, 1, 60])
def test_a_ward_board_takes_four_statements_however_many_patients(
    board, ward, patients, django_assert_num_queries
):
    fill(ward, patients)

    with django_assert_num_queries(4):  # alerts, patients, duties, pipeline
        shown = board()

    assert len(shown.rows) == patients


def test_those_in_need_come_first_and_the_rest_by_bed(board, ward):
    quiet = {bed: PatientFactory(stay=ward, stay__bed=bed) for bed in ("10", "2", "B1", "")}
    for patient in quiet.values():
        logged(patient)
    watched = PatientFactory(stay=ward, stay__bed="30")
    logged(watched)
    AlertFactory(patient=watched, level=1)
    urgent = PatientFactory(stay=ward, stay__bed="20")
    logged(urgent)
    AlertFactory(patient=urgent, level=2)

    assert [row.bed for row in board().rows] == ["20", "30", "2", "10", "B1", ""]


def test_only_who_is_on_the_ward_now_is_on_its_board(board, ward):
    here = PatientFactory(stay=ward)
    PatientFactory(stay=WardFactory())
    PatientFactory(stay=ward, stay__discharged_at=NOON - hours(1), stay__bed="7")
    PatientFactory(stay=ward, is_synthetic=True)

    assert [row.patient_id for row in board().rows] == [here.pk]


def test_a_row_tells_why_since_when_and_who_has_it(row, ward, nurse):
    patient = PatientFactory(stay=ward)
    log = logged(patient)
    matched = [
        {"code": "exposed", "text": "After a change", "value": "yes", "threshold": "yes"},
        {
            "code": "confusion", "text": "Confusion", "value": "3 (lost), by carer", "threshold": "at least 3",
            "log_id": str(log.pk), "t": 1.0,
        },
        {
            "code": "temperature_c", "text": "Temperature", "value": "38.4 degC", "threshold": "at least 38",
            "log_id": str(log.pk), "t": 1.0,
        },
    ]  # fmt: skip
    AlertFactory(
        patient=patient,
        status=Alert.Status.ACKNOWLEDGED,
        opened_at=NOON - hours(2),
        acknowledged_by=nurse,
        acknowledged_at=NOON - timedelta(minutes=4),
        acknowledged_level=3,
        hits=[a_hit(because="New confusion during a taper.", matched=matched)],
    )

    alert = row().alert

    assert alert.pattern == "Delirium"
    assert alert.because == "New confusion during a taper."
    assert alert.reasons == ("Confusion: 3 (lost), by carer", "Temperature: 38.4 °C")
    assert alert.reasons_left == 1
    assert alert.raised_at == NOON - hours(2)
    assert (alert.owner, alert.is_mine, alert.is_past_time) == ("Amina Yusuf", True, False)


def test_the_alert_that_needs_somebody_leads_and_the_others_are_named(row, ward):
    patient = PatientFactory(stay=ward)
    logged(patient)
    AlertFactory(
        patient=patient,
        pattern="delirium",
        status=Alert.Status.ACKNOWLEDGED,
        acknowledged_by=UserFactory(),
        acknowledged_at=NOON - timedelta(minutes=1),
        acknowledged_level=3,
    )
    AlertFactory(patient=patient, pattern="seizure_risk", level=2)

    shown = row()

    assert (shown.alert.level, shown.need) == (2, Need.URGENT_UNOWNED)
    assert [other.level for other in shown.others] == [3]
    assert shown.level == 3  # the colour is that of the worst


def test_what_else_is_urgent_is_named_and_what_is_to_be_watched_is_counted(row, ward):
    patient = PatientFactory(stay=ward)
    for pattern, level in (("delirium", 3), ("autonomic", 2), ("seizure_risk", 1), ("day_score", 1)):
        AlertFactory(patient=patient, pattern=pattern, level=level)

    shown = row()

    assert [other.pattern for other in shown.others_to_name] == ["Unstable vital signs"]
    assert shown.others_to_watch == 2


def test_a_closed_alert_is_not_on_the_board(row, ward):
    patient = PatientFactory(stay=ward)
    logged(patient)
    AlertFactory(
        patient=patient,
        status=Alert.Status.RESOLVED,
        resolved_by=UserFactory(),
        resolved_at=NOON,
        outcome="reviewed",
    )

    assert row().alert is None
    assert row().need is Need.NO_OPEN_ALERT


def test_a_log_without_an_assessment_is_said_to_have_none(row, ward):
    patient = PatientFactory(stay=ward)
    first = logged(patient, at=NOON - hours(5))
    logged(patient, at=NOON - timedelta(seconds=30), assessed=False, assessment=first.assessments.get())

    assert not row().is_assessed
    assert not row().log_is_unread
    assert row(at=NOON + timedelta(seconds=31)).need is Need.UNREAD_LOG


@pytest.mark.parametrize(
    ("score", "before", "trend"), [(9, 4, "up"), (4, 9, "down"), (4, 4, "same"), (4, None, ""), (None, 4, "")]
)
def test_the_trend_is_only_told_of_two_known_scores(row, ward, score, before, trend):
    whole = {"score_complete": True, "previous_complete": True}
    logged(PatientFactory(stay=ward), score=score, previous_score=before, **whole)

    assert row().trend == trend


@pytest.mark.parametrize("partial", ["score_complete", "previous_complete"])
def test_a_score_of_half_the_questions_is_compared_with_nothing(row, ward, partial):
    whole = {"score_complete": True, "previous_complete": True} | {partial: False}
    logged(PatientFactory(stay=ward), score=6, previous_score=16, **whole)

    assert row().trend == ""


def test_a_log_by_the_ward_names_who_wrote_it(row, ward, nurse):
    logged(PatientFactory(stay=ward), log_fields={"reporter": "staff", "recorded_by": nurse})

    assert row().last_log_by == "Amina Yusuf"


def test_a_log_by_the_patient_names_nobody(row, ward, nurse):
    logged(PatientFactory(stay=ward), log_fields={"recorded_by": nurse})

    assert row().last_log_by == "patient"


def test_the_last_dose_is_the_one_that_the_tapers_know(row, ward):
    patient = PatientFactory(stay=ward)
    DoseFactory(patient=patient, due_at=NOON - hours(28))
    wrong = DoseFactory(patient=patient, due_at=NOON - hours(4))
    DoseFactory(
        patient=patient, due_at=NOON - hours(4), status=Dose.Status.MISSED, supersedes=wrong, recorded_at=NOON
    )

    assert row().last_dose_at == last_taken(patient, NOON).taken_at == NOON - hours(28)
    assert row().missed_doses == 1


def test_a_dose_of_long_ago_is_not_the_last_dose(row, ward):
    DoseFactory(patient=PatientFactory(stay=ward), due_at=NOON - timedelta(days=15))

    assert row().last_dose_at is None


PLANS = {
    "by mouth": make_version,
    "before it begins": lambda plan: make_version(plan, starts_at=NOON + hours(24)),
    "after its last step": lambda plan: make_version(
        plan, daily_doses=(30, 20, 10, 0), starts_at=NOON - timedelta(days=90)
    ),
    "by pump": lambda plan: make_version(plan, route=Route.INTRATHECAL, daily_doses=("180.5", "150")),
    "revised": lambda plan: (
        make_version(plan),
        make_version(plan, number=2, kind=PlanVersion.Kind.HOLD, starts_at=NOON - hours(20), daily_doses=(50,)),
    ),
    "revised for later": lambda plan: (
        make_version(plan),
        make_version(plan, number=2, starts_at=NOON + hours(20), daily_doses=(5, 4), recorded_at=NOON - hours(1)),
    ),
    "waiting to be released": lambda plan: lock_from(make_version(plan), 2),
}


@pytest.mark.parametrize("name", PLANS)
def test_the_board_reads_a_plan_as_the_tapers_do(row, ward, name):
    patient = PatientFactory(stay=ward)
    PLANS[name](PlanFactory(patient=patient, steps=False))
    known = plan_at(patient, NOON)

    shown = row()

    if known.step_number:
        assert shown.plan == f"step {known.step_number} of {known.step_count}"
    else:
        assert shown.plan == f"no step now, of {known.step_count}"
    told = sorted(Decimal(dose.split(" ")[0]) for dose in shown.doses)
    assert told == sorted(known.daily_doses.values())


def test_somebody_without_a_plan_has_none_on_the_board(row, ward):
    PlanFactory(patient=PatientFactory(stay=ward), closed_at=NOON - hours(1))

    assert (row().plan, row().doses) == ("no plan", ())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda patient: PlanFactory(patient=patient), "step of the plan"),
        (
            lambda patient: DoseFactory(patient=patient, due_at=NOON - hours(4), status=Dose.Status.MISSED),
            "dose missed",
        ),
        (lambda patient: SupplyEventFactory(patient=patient), "baclofen stopped"),
        (lambda patient: PumpEventFactory(patient=patient), "pump stopped or stalled"),
    ],
)
def test_a_change_of_supply_opens_three_days_of_closer_watch(row, ward, change, words):
    patient = PatientFactory(stay=ward, has_pump=True)
    logged(patient)
    change(patient)

    assert row().changed == words
    assert row().watched_until == row().changed_at + hours(72)


def test_the_first_step_of_a_plan_changes_nothing(row, ward):
    plan = PlanFactory(patient=PatientFactory(stay=ward), steps=False)
    make_version(plan, starts_at=NOON - hours(5))

    assert row().watched_until is None


def test_the_counts_are_of_alerts_that_somebody_has_to_take(board, ward):
    first, second = PatientFactory(stay=ward), PatientFactory(stay=ward)
    AlertFactory(patient=first, pattern="delirium")
    AlertFactory(patient=first, pattern="seizure_risk", level=2)
    AlertFactory(patient=second, pattern="day_score", level=1)

    shown = board()

    assert (shown.emergencies_unowned, shown.urgent_unowned, shown.unowned) == (1, 1, 2)
    assert shown.logs_overdue == 2


def test_who_is_on_duty_is_who_would_be_called(board, ward):
    DutyFactory(ward=ward, user=UserFactory(display_name="Ben Okafor"), job="doctor")
    DutyFactory(ward=ward, user=UserFactory(is_active=False))
    DutyFactory(ward=ward, ends_at=NOON)
    DutyFactory(ward=ward, membership=False)
    DutyFactory(ward=WardFactory())

    assert [(person.name, person.job) for person in board().on_duty] == [
        ("Ben Okafor", "doctor"),
        ("Amina Yusuf", "nurse"),
    ]


def test_nothing_changes_while_only_time_goes_by(board, ward):
    fill(ward, 3)

    assert board().version == board(NOON + timedelta(seconds=9)).version


@pytest.mark.parametrize(
    "event",
    [
        lambda patient: logged(patient, at=NOON),
        lambda patient: AlertFactory(patient=patient, pattern="autonomic"),
        lambda patient: Alert.objects.update(
            status=Alert.Status.ACKNOWLEDGED,
            acknowledged_by=UserFactory(),
            acknowledged_at=NOON,
            acknowledged_level=3,
        ),
        lambda patient: DoseFactory(patient=patient, due_at=NOON - hours(1)),
        lambda patient: PatientFactory(stay=patient.stays.get().ward),
        lambda patient: patient.stays.update(bed="99"),
        lambda patient: PlanFactory(patient=patient),
        lambda patient: DutyFactory(ward=patient.stays.get().ward),
    ],
)
def test_whatever_the_board_shows_changes_its_version(board, ward, event):
    patient = PatientFactory(stay=ward)
    logged(patient)
    AlertFactory(patient=patient)
    before = board().version

    event(patient)

    assert board().version != before


def test_a_time_that_runs_out_changes_the_version_by_itself(board, ward):
    logged(PatientFactory(stay=ward), at=NOON - hours(25.99))

    assert board().version != board(NOON + timedelta(minutes=1)).version


def test_a_step_whose_time_has_come_and_that_nobody_released_is_counted_and_named(row, board, ward):
    patient = PatientFactory(stay=ward)
    plan = PlanFactory(patient=patient, is_gated=True, steps=False)
    version = make_version(plan, starts_at=NOON - hours(24 * 20))
    lock_from(version, 2)

    assert (row().step_waits, board().steps_waiting) == (True, 1)
    early = board(version.steps.order_by("starts_at")[1].starts_at - hours(1))
    assert early.steps_waiting == 0
