"""What becomes true of a patient by time alone. The clock is moved by hand; no log comes in unless a test says so."""

import uuid
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from apps.alerts.models import Alert, AlertEvent, Level
from apps.alerts.services import resolve_alert
from apps.assessments.models import Assessment
from apps.monitoring import clock
from apps.monitoring.clock import LogAsked, check_due, enrol, log_asked, look_again
from apps.monitoring.models import ClockCheck
from apps.monitoring.supply_intake import (
    submit_dose,
    submit_pump_dates,
    submit_pump_event,
    submit_supply_event,
)
from apps.monitoring.watch import Watch
from apps.tapers.models import PlanVersion, Product, PumpEvent, SupplyEvent
from apps.tapers.stock import record_supply_count
from tests.factories import (
    NOON,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    SymptomLogFactory,
    UserFactory,
    hours,
    make_version,
)
from tests.journeys.reports import report

pytestmark = pytest.mark.django_db
CALM = {"anxiety": 0}


def run_clock(until, since=NOON, every=timedelta(minutes=10)):
    """Look at whatever is due, as a watch would, from one moment to another."""
    at = since
    while at <= until:
        enrol(at)
        while check_due(at):
            pass
        at += every


def levels(patient, pattern):
    return {(alert.pattern, alert.level) for alert in Alert.objects.filter(patient=patient, pattern=pattern)}


def fired(patient):
    """rule -> when it was first told."""
    found = {}
    for event in AlertEvent.objects.filter(alert__patient=patient).order_by("fired_at"):
        for hit in event.hits:
            found.setdefault(hit["rule_id"], event.fired_at)
    return found


@pytest.fixture
def patient():
    """On three doses a day for months, no step near, and a calm log at NOON."""
    plan = PlanFactory(
        steps__daily_doses=(60,), steps__starts_at=NOON - timedelta(days=60), created_at=NOON - timedelta(days=60)
    )
    DutyFactory(ward=plan.patient.stays.get().ward)
    SymptomLogFactory(patient=plan.patient, answers=CALM)
    return plan.patient


def say(patient, due_at, status, at=None):
    taken = due_at if status == "taken" else None
    return submit_dose(
        patient=patient, by=None, at=at or due_at + hours(0.5), route="oral", status=status,
        client_id=uuid.uuid4(), due_at=due_at, taken_at=taken,
    )  # fmt: skip


def test_a_gap_in_dosing_is_told_at_12_hours_and_at_24_with_no_log_coming_in(patient):
    last = NOON - hours(4)
    say(patient, last, "taken")
    say(patient, last + hours(6), "missed")

    run_clock(last + hours(25), since=NOON + hours(3))

    told = fired(patient)
    assert told["AST-W-gap"] == last + hours(12)
    assert told["AST-U-gap"] == last + hours(24)
    assert not any(
        "AST" in rule for event in AlertEvent.objects.filter(log__isnull=False) for rule in _rules(event)
    )


def _rules(event):
    return [hit["rule_id"] for hit in event.hits]


def test_a_gap_under_12_hours_is_not_told(patient):
    last = NOON - hours(4)
    say(patient, last, "taken")
    say(patient, last + hours(6), "missed")

    run_clock(last + hours(12) - timedelta(minutes=1), since=NOON + hours(3))

    assert "AST-W-gap" not in fired(patient)


def test_new_signs_in_an_earlier_log_become_an_emergency_when_the_gap_comes_to_a_day(patient):
    last = NOON - hours(4)
    say(patient, last, "taken")
    say(patient, last + hours(6), "missed")
    report(patient, last + hours(18), answers={"anxiety": 3, "tremor": 2})

    run_clock(last + hours(25), since=last + hours(18))

    assert fired(patient)["AST-E-gap-signs"] == last + hours(24)
    alert = Alert.objects.get(patient=patient, pattern="abrupt_stop")
    assert (alert.level, alert.log, alert.assessment.log) == (Level.EMERGENCY, None, None)
    assert alert.escalation_steps.exists()


def test_another_gap_after_a_dose_is_told_anew_though_the_first_was_closed_within_three_days(patient):
    first = NOON - hours(4)
    say(patient, first, "taken")
    say(patient, first + hours(6), "missed")
    run_clock(first + hours(24), since=NOON + hours(3))
    for alert in Alert.objects.filter(patient=patient).exclude(status="resolved"):
        resolve_alert(alert=alert, by=UserFactory(), at=first + hours(24), outcome="reviewed")
    second = first + hours(24)
    say(patient, second, "taken")
    say(patient, second + hours(6), "missed")
    report(patient, second + hours(7), answers=CALM)

    run_clock(second + hours(25), since=second + hours(7))

    again = Alert.objects.get(patient=patient, pattern="abrupt_stop", status="open")
    assert "AST-U-gap" in {hit["rule_id"] for hit in again.hits}
    assert AlertEvent.objects.filter(
        alert=again, kind__in=("opened", "worsened"), fired_at=second + hours(24)
    ).exists()


def test_nobody_saying_whether_doses_were_taken_is_asked_after_and_never_taken_for_a_gap(patient):
    last = NOON - hours(4)
    say(patient, last, "taken")

    run_clock(last + hours(31), since=NOON)

    told = fired(patient)
    assert not any(rule.startswith("AST") for rule in told)
    assert told["SILENCE-DOSES"] == last + hours(6 + 24)


def test_a_pump_that_stops_is_an_emergency_for_somebody_who_has_never_logged():
    patient = PatientFactory(has_pump=True)

    submit_pump_event(
        patient=patient,
        by=None,
        at=NOON,
        kind=PumpEvent.Kind.STOPPED,
        occurred_at=NOON - hours(1),
        client_id=uuid.uuid4(),
    )
    check_due(NOON)

    alert = Alert.objects.get(patient=patient, pattern="pump_failure")
    assert (alert.level, alert.log) == (Level.EMERGENCY, None)


def test_a_transfer_with_no_dose_charted_within_8_hours_is_told(patient):
    submit_supply_event(
        patient=patient, by=None, at=NOON, kind=SupplyEvent.Kind.TRANSFER, occurred_at=NOON, client_id=uuid.uuid4()
    )

    run_clock(NOON + hours(9))

    assert fired(patient)["AST-U-transfer"] == NOON + hours(8)


def close_all(patient, at):
    for alert in Alert.objects.filter(patient=patient).exclude(status="resolved"):
        resolve_alert(alert=alert, by=UserFactory(), at=at, outcome="reviewed")


def tell_of_pump(patient, kind, at):
    submit_pump_event(patient=patient, by=None, at=at, kind=kind, occurred_at=at, client_id=uuid.uuid4())


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (PumpEvent.Kind.STOPPED, "PMP-E-stopped"),
        (PumpEvent.Kind.ALARM, "PMP-U-alarm"),
        (PumpEvent.Kind.REFILL_MISSED, "PMP-U-refill"),
        (PumpEvent.Kind.TRAUMA, "PMP-U-trauma"),
    ],
)
def test_what_befalls_the_pump_again_is_told_anew_though_the_first_was_closed_within_three_days(kind, rule):
    patient = PatientFactory(has_pump=True)
    tell_of_pump(patient, kind, NOON)
    run_clock(NOON + hours(1))
    close_all(patient, NOON + hours(2))
    run_clock(NOON + hours(20), since=NOON + hours(2), every=hours(1))
    assert not Alert.objects.filter(patient=patient, pattern="pump_failure", status="open").exists()

    tell_of_pump(patient, kind, NOON + hours(20))
    run_clock(NOON + hours(30), since=NOON + hours(20), every=hours(1))

    again = Alert.objects.get(patient=patient, pattern="pump_failure", status="open")
    assert (rule in {hit["rule_id"] for hit in again.hits}, again.opened_at) == (True, NOON + hours(20))


def test_a_second_transfer_with_no_dose_charted_is_told_anew_and_only_once(patient):
    for moved in (NOON, NOON + hours(24)):
        submit_supply_event(
            patient=patient, by=None, at=moved, kind=SupplyEvent.Kind.TRANSFER, occurred_at=moved,
            client_id=uuid.uuid4(),
        )  # fmt: skip
        run_clock(moved + hours(9), since=moved)
        close_all(patient, moved + hours(10))

    run_clock(NOON + hours(50), since=NOON + hours(34), every=hours(1))

    opened = AlertEvent.objects.filter(alert__patient=patient, kind__in=("opened", "worsened"))
    moments = {event.fired_at for event in opened if "AST-U-transfer" in {hit["rule_id"] for hit in event.hits}}
    # At the second move no dose has been charted since the first: nothing is to be waited for.
    assert moments == {NOON + hours(8), NOON + hours(24)}


def test_dates_of_a_pump_are_told_when_they_come_by_the_patients_own_clock():
    patient = PatientFactory(has_pump=True, time_zone="Asia/Kathmandu")
    due_on = NOON.date() + timedelta(days=10)
    submit_pump_dates(
        patient=patient, by=None, at=NOON, client_id=uuid.uuid4(), refill_due_on=due_on,
        low_reservoir_on=due_on + timedelta(days=2), refill_booked=False,
    )  # fmt: skip

    run_clock(NOON + timedelta(days=13), every=timedelta(minutes=15))

    told = fired(patient)
    midnight = datetime.combine(due_on, time(0), ZoneInfo("Asia/Kathmandu")).astimezone(UTC)
    assert told["PMP-W-refill"] == midnight - timedelta(days=7)
    assert told["PMP-U-refill"] == midnight + timedelta(days=1)
    assert told["PMP-E-dates"] == midnight + timedelta(days=2)


def test_a_refill_ends_what_was_reckoned_before_it():
    patient = PatientFactory(has_pump=True)
    submit_pump_dates(
        patient=patient, by=None, at=NOON, client_id=uuid.uuid4(), refill_due_on=NOON.date() + timedelta(days=1),
        refill_booked=True,
    )  # fmt: skip
    submit_pump_event(
        patient=patient, by=None, at=NOON + hours(20), kind=PumpEvent.Kind.REFILLED, occurred_at=NOON + hours(20),
        client_id=uuid.uuid4(),
    )  # fmt: skip

    run_clock(NOON + timedelta(days=5), since=NOON + hours(20), every=hours(1))

    assert "PMP-U-refill" not in fired(patient)


def test_a_planned_step_is_noted_when_its_hour_comes():
    plan = PlanFactory(steps=False)
    make_version(plan, daily_doses=(60, 30), starts_at=NOON - timedelta(days=6, hours=20), step_days=7)
    SymptomLogFactory(patient=plan.patient, answers=CALM)

    run_clock(NOON + hours(5))

    assert fired(plan.patient)["AST-W-step"] == NOON + hours(4)


def test_what_fires_on_is_told_once_and_not_at_every_look(patient):
    submit_supply_event(
        patient=patient, by=None, at=NOON, kind=SupplyEvent.Kind.STOPPED, occurred_at=NOON, route="oral",
        client_id=uuid.uuid4(),
    )  # fmt: skip

    run_clock(NOON + hours(8))

    events = AlertEvent.objects.filter(alert__patient=patient, alert__pattern="abrupt_stop")
    assert [event.kind for event in events] == ["opened"]
    assert Assessment.objects.filter(patient=patient, log=None).count() == 1


def test_two_watches_at_once_tell_it_once(patient):
    submit_pump_event(
        patient=patient, by=None, at=NOON, kind=PumpEvent.Kind.STOPPED, occurred_at=NOON, client_id=uuid.uuid4()
    )
    for _watch in range(2):
        Watch(lambda: NOON, None, Event()).run_once()

    assert Alert.objects.filter(patient=patient, pattern="pump_failure").count() == 1
    opened = AlertEvent.objects.filter(alert__patient=patient, alert__pattern="pump_failure", kind="opened")
    assert opened.count() == 1


def test_a_watch_that_was_down_catches_up(patient):
    last = NOON - hours(4)
    say(patient, last, "taken")
    say(patient, last + hours(6), "missed")
    enrol(NOON)

    back = last + hours(30)
    check_due(back)

    assert ("abrupt_stop", Level.URGENT) in levels(patient, "abrupt_stop")


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/London", datetime(2026, 10, 24, tzinfo=UTC)),
        ("Europe/London", datetime(2027, 3, 27, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 10, 31, tzinfo=UTC)),
        ("Asia/Kathmandu", datetime(2026, 11, 20, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2028, 2, 28, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, tzinfo=UTC)),
    ],
)
def test_12_hours_are_12_hours_whatever_the_clocks_do(zone, day):
    begun = day - timedelta(days=60)
    plan = PlanFactory(
        patient__time_zone=zone, steps__daily_doses=(60,), steps__starts_at=begun, created_at=begun,
        steps__times_of_day=(time(8), time(20)),
    )  # fmt: skip
    last = datetime.combine(day.date(), time(20), ZoneInfo(zone)).astimezone(UTC)
    following = datetime.combine(day.date() + timedelta(days=1), time(8), ZoneInfo(zone)).astimezone(UTC)
    SymptomLogFactory(patient=plan.patient, answers=CALM, observed_at=last)
    say(plan.patient, last, "taken")
    say(plan.patient, following, "missed", at=following + timedelta(minutes=1))

    run_clock(last + hours(26), since=following + timedelta(minutes=1), every=timedelta(minutes=15))

    told = fired(plan.patient)
    assert (
        max(last + hours(12), following)
        <= told["AST-W-gap"]
        <= max(last + hours(12), following) + timedelta(minutes=15)
    )
    assert last + hours(24) <= told["AST-U-gap"] <= last + hours(24) + timedelta(minutes=15)


# -- silence ------------------------------------------------------------------------------------


def test_a_steady_patient_who_does_not_log_is_asked_after_12_hours_late(patient):
    run_clock(NOON + hours(24 + 12) - timedelta(minutes=1))
    assert "SILENCE-WATCH" not in fired(patient)

    run_clock(NOON + hours(36), since=NOON + hours(36))
    assert fired(patient)["SILENCE-WATCH"] == NOON + hours(36)
    alert = Alert.objects.get(patient=patient)
    assert (alert.pattern, alert.level) == ("silence", Level.WATCH)


def test_after_any_alert_silence_is_urgent_two_hours_after_the_next_log_was_due(patient):
    log_and_assess(patient, NOON + hours(1), {"confusion": 3, "visual_hallucinations": 3})
    assert Alert.objects.filter(patient=patient, level__gte=2).exists()

    run_clock(NOON + hours(1 + 4 + 2), since=NOON + hours(1))

    told = fired(patient)
    assert told["SILENCE-URGENT"] == NOON + hours(1 + 4 + 2)
    assert Alert.objects.get(patient=patient, pattern="silence").escalation_steps.exists()


def test_in_the_peak_after_a_step_silence_is_watched_at_4_hours_late_and_urgent_at_12():
    plan = PlanFactory(steps=False)
    # A step too small for a rule of its own, ten hours before the last log.
    make_version(plan, daily_doses=(60, 55), starts_at=NOON - timedelta(days=7, hours=10), step_days=7)
    SymptomLogFactory(patient=plan.patient, answers=CALM)

    run_clock(NOON + hours(12 + 12))

    told = fired(plan.patient)
    assert told["SILENCE-WATCH"] == NOON + hours(12 + 4)
    assert told["SILENCE-URGENT"] == NOON + hours(12 + 12)


def test_a_log_ends_the_waiting_and_the_alert_says_so_but_stays(patient):
    run_clock(NOON + hours(36))
    report(patient, NOON + hours(37), answers=CALM)

    run_clock(NOON + hours(39), since=NOON + hours(37))

    alert = Alert.objects.get(patient=patient, pattern="silence")
    assert alert.status == "open"
    assert [event.note for event in alert.events.filter(kind="noted")] == ["A log has come since."]


def test_silence_that_goes_on_after_somebody_closed_it_is_told_anew_a_day_later(patient):
    run_clock(NOON + hours(36))
    nurse = UserFactory()
    resolve_alert(
        alert=Alert.objects.get(patient=patient),
        by=nurse,
        at=NOON + hours(37),
        outcome="reviewed",
        note="Rang: is well.",
    )

    run_clock(NOON + hours(37 + 36) - timedelta(minutes=10), since=NOON + hours(37))
    assert Alert.objects.filter(patient=patient, pattern="silence").count() == 1
    run_clock(NOON + hours(37 + 36), since=NOON + hours(37 + 36))

    newest = Alert.objects.filter(patient=patient, pattern="silence").latest("opened_at")
    assert (newest.opened_at, newest.status) == (NOON + hours(37 + 36), "open")
    assert newest.continues is not None


def test_nobody_waits_for_a_patient_without_a_plan_and_without_an_alert():
    patient = PatientFactory()
    run_clock(NOON + timedelta(days=4), every=hours(1))
    assert not Alert.objects.filter(patient=patient).exists()


def test_a_plan_whose_patient_never_logs_is_noticed():
    plan = PlanFactory(created_at=NOON, steps__daily_doses=(60,), steps__starts_at=NOON)
    run_clock(NOON + hours(36))
    assert fired(plan.patient)["SILENCE-WATCH"] == NOON + hours(36)


def test_the_patient_is_told_when_the_next_log_is_asked_for(patient):
    assert log_asked(patient, NOON + hours(1)) == LogAsked(NOON + hours(24), 24, None)

    say(patient, NOON - hours(4), "missed", at=NOON + hours(1))
    asked = log_asked(patient, NOON + hours(1))
    assert (asked.due_at, asked.every_hours) == (NOON + hours(12), 12)
    assert asked.window_until == NOON - hours(4) + timedelta(hours=72)
    assert log_asked(PatientFactory(), NOON) is None


# -- supply -------------------------------------------------------------------------------------


def count_supply(patient, tablets, at=NOON):
    product = Product.objects.get_or_create(
        name="Baclofen 10 mg tablets (test)", defaults={"route": "oral", "form": "tablet", "strength": 10}
    )[0]
    record_supply_count(
        patient=patient, by=None, at=at, client_id=uuid.uuid4(), counted_at=at, counts={product: Decimal(tablets)}
    )
    look_again(patient.pk, at)


def test_a_supply_that_runs_out_is_told_a_week_and_two_days_before(patient):
    # 60 mg a day from the dose of 14:00 on: ten days and no more.
    count_supply(patient, 60)
    runs_out = NOON + timedelta(days=10, hours=2)

    run_clock(NOON + timedelta(days=9), every=timedelta(minutes=30))

    told = fired(patient)
    assert told["SUPPLY-WATCH"] == runs_out - timedelta(days=7)
    assert told["SUPPLY-URGENT"] == runs_out - timedelta(days=2)


def test_a_new_count_begins_the_warnings_anew(patient):
    count_supply(patient, 18)
    run_clock(NOON)
    assert fired(patient)["SUPPLY-WATCH"] == NOON
    resolve_alert(
        alert=Alert.objects.get(patient=patient, pattern="supply"), by=UserFactory(), at=NOON, outcome="reviewed"
    )

    count_supply(patient, 24, at=NOON + hours(1))
    run_clock(NOON + hours(1), since=NOON + hours(1))

    assert Alert.objects.filter(patient=patient, pattern="supply", status="open").count() == 1


def test_a_supply_that_nobody_counted_is_not_guessed(patient):
    run_clock(NOON + hours(3))
    assert not Alert.objects.filter(patient=patient, pattern="supply").exists()


# -- recovery -----------------------------------------------------------------------------------


@pytest.fixture
def reinstated(patient):
    """Ill at NOON - 2 h, baclofen given again at NOON; nobody has an alert open any more."""
    report(patient, NOON - hours(2), answers={"confusion": 2, "anxiety": 3, "tremor": 2, "insomnia": 3})
    run_clock(NOON - hours(1), since=NOON - hours(2))
    submit_supply_event(
        patient=patient, by=None, at=NOON, kind=SupplyEvent.Kind.RESTARTED, occurred_at=NOON, route="oral",
        client_id=uuid.uuid4(),
    )  # fmt: skip
    for alert in Alert.objects.filter(patient=patient):
        resolve_alert(alert=alert, by=UserFactory(), at=NOON, outcome="reinstated", note="")
    return patient


def log_and_assess(patient, at, answers):
    report(patient, at, answers=answers)
    Watch(lambda: at, None, Event()).run_once()


def test_not_better_12_hours_after_baclofen_was_given_again_calls_somebody_anew(reinstated):
    log_and_assess(reinstated, NOON + hours(11), {"confusion": 2, "anxiety": 3, "tremor": 2, "insomnia": 3})

    run_clock(NOON + hours(12), since=NOON + hours(11))

    alert = Alert.objects.get(patient=reinstated, pattern="recovery")
    assert (alert.level, alert.opened_at) == (Level.URGENT, NOON + hours(12))
    assert alert.escalation_steps.exists()


def test_each_check_calls_anew_though_the_last_was_closed(reinstated):
    run_clock(NOON + hours(12))
    resolve_alert(
        alert=Alert.objects.get(patient=reinstated, pattern="recovery"),
        by=UserFactory(),
        at=NOON + hours(13),
        outcome="reviewed",
    )

    run_clock(NOON + hours(24), since=NOON + hours(13))

    rules = [
        alert.hits[0]["rule_id"]
        for alert in Alert.objects.filter(patient=reinstated, pattern="recovery").order_by("opened_at")
    ]
    assert rules == ["RECOVERY-12", "RECOVERY-24"]


def test_who_is_better_is_left_in_peace(reinstated):
    log_and_assess(reinstated, NOON + hours(11), {"confusion": 0, "anxiety": 1, "tremor": 0, "insomnia": 1})

    run_clock(NOON + hours(13), since=NOON + hours(11))

    assert not Alert.objects.filter(patient=reinstated, pattern="recovery").exists()


def test_a_reinstated_version_of_the_plan_opens_the_checks_too(patient):
    plan = patient.plans.get()
    make_version(plan, number=2, daily_doses=(80,), starts_at=NOON, kind=PlanVersion.Kind.REINSTATE)

    run_clock(NOON + hours(13))

    assert fired(patient)["RECOVERY-12"] == NOON + hours(12)


def test_what_a_new_log_shows_is_told_by_its_own_assessment_and_not_by_the_clock(patient):
    enrol(NOON)
    at = NOON + timedelta(minutes=1)
    log = report(patient, at, answers={"visual_hallucinations": 2}).log
    check_due(at)
    assert not Alert.objects.filter(patient=patient).exists()

    Watch(lambda: at, None, Event()).run_once()
    assert Alert.objects.get(patient=patient, pattern="delirium").log == log


def test_a_log_that_cannot_be_assessed_does_not_stop_the_clock(patient):
    enrol(NOON)
    report(patient, NOON, answers={"anxiety": 1})
    submit_pump_event(
        patient=patient, by=None, at=NOON, kind=PumpEvent.Kind.STOPPED, occurred_at=NOON, client_id=uuid.uuid4()
    )

    run_clock(NOON + timedelta(seconds=70), every=timedelta(seconds=5))

    assert Alert.objects.get(patient=patient, pattern="pump_failure").log is None


# -- the rows -----------------------------------------------------------------------------------


def test_a_request_that_comes_while_a_patient_is_looked_at_is_not_lost(patient, monkeypatch):
    """It waits for the row, and then makes it due again; here both are in one connection, so only the end is seen."""
    enrol(NOON)
    check_due(NOON)
    row = ClockCheck.objects.get(patient=patient)
    assert row.due_at > NOON

    look_again(patient.pk, NOON + hours(0.1))

    row.refresh_from_db()
    assert row.due_at == NOON + hours(0.1)
    look_again(patient.pk, NOON + hours(5))
    row.refresh_from_db()
    assert row.due_at == NOON + hours(0.1)


def test_a_patient_who_cannot_be_looked_at_is_tried_again_and_then_reviewed_by_hand(patient, monkeypatch):
    DutyFactory(ward=patient.stays.get().ward)
    enrol(NOON)

    def fails(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(clock, "gather_outlooks", fails)
    at = NOON
    for _try in range(5):
        check_due(at)
        at += timedelta(minutes=5)

    alert = Alert.objects.get(patient=patient)
    assert (alert.pattern, alert.level) == ("not_assessed", Level.URGENT)
    assert ClockCheck.objects.get(patient=patient).due_at <= at + timedelta(minutes=5)
    monkeypatch.undo()
    check_due(at + timedelta(minutes=5))
    row = ClockCheck.objects.get(patient=patient)
    assert (row.attempts, row.last_error) == (0, "")


def test_one_patient_who_cannot_be_looked_at_does_not_keep_the_others_waiting(patient, monkeypatch):
    other = PatientFactory(has_pump=True)
    submit_pump_event(
        patient=other, by=None, at=NOON, kind=PumpEvent.Kind.STOPPED, occurred_at=NOON, client_id=uuid.uuid4()
    )
    enrol(NOON)
    real = clock.gather_outlooks

    def fails_for_one(patients, at):
        if patients == [patient.pk]:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("select 1/0")
        return real(patients, at)

    monkeypatch.setattr(clock, "gather_outlooks", fails_for_one)
    check_due(NOON)

    assert Alert.objects.filter(patient=other, pattern="pump_failure").exists()


def test_who_leaves_the_care_of_a_ward_is_no_longer_waited_for(patient):
    run_clock(NOON)
    patient.stays.update(discharged_at=NOON + hours(1))

    run_clock(NOON + timedelta(days=3), every=hours(1))

    assert not ClockCheck.objects.filter(patient=patient).exists()


def test_the_next_look_is_never_more_than_an_hour_away(patient):
    run_clock(NOON)
    assert NOON < ClockCheck.objects.get(patient=patient).due_at <= NOON + hours(1)
