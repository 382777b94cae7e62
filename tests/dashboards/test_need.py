"""Who needs a person next: no database."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.dashboards.board.need import (
    AlertState,
    Need,
    ReportState,
    alert_need,
    explained_order,
    standing,
)
from tests.factories import NOON

WATCH, URGENT, EMERGENCY = 1, 2, 3

moments = st.integers(0, 60 * 24 * 7).map(lambda minutes: NOON - timedelta(minutes=minutes))
alerts = st.builds(AlertState, level=st.sampled_from([1, 2, 3]), raised_at=moments, taken_at=st.none() | moments)
reports = st.builds(
    ReportState,
    admitted_at=moments,
    last_log_at=st.none() | moments,
    last_log_recorded_at=st.none() | moments,
    is_assessed=st.booleans(),
    changed_at=st.none() | moments,
    is_rising=st.booleans(),
)


def report(**given):
    return ReportState(
        **{
            "admitted_at": NOON - timedelta(days=10),
            "last_log_at": NOON - timedelta(hours=3),
            "last_log_recorded_at": NOON - timedelta(hours=3),
            "is_assessed": True,
            "changed_at": None,
            "is_rising": False,
        }
        | given
    )


def need(*open_alerts, **given):
    return standing(open_alerts, report(**given), NOON).need


def raised(level, minutes_ago=5, taken_minutes_ago=None, silent_minutes=None):
    taken = None if taken_minutes_ago is None else NOON - timedelta(minutes=taken_minutes_ago)
    silenced = None if silent_minutes is None else NOON + timedelta(minutes=silent_minutes)
    return AlertState(level, NOON - timedelta(minutes=minutes_ago), taken, silenced)


def test_a_silence_that_is_over_or_of_an_emergency_is_none():
    assert need(raised(URGENT, silent_minutes=0)) is need(raised(URGENT))
    assert need(raised(EMERGENCY, silent_minutes=30)) is need(raised(EMERGENCY))


def test_the_order_is_that_of_the_scenes_a_nurse_would_walk_to():
    scenes = [
        need(raised(EMERGENCY)),
        need(raised(EMERGENCY, 60, taken_minutes_ago=20)),
        need(raised(URGENT)),
        need(raised(URGENT, 600, taken_minutes_ago=480)),
        need(is_assessed=False, last_log_recorded_at=NOON - timedelta(seconds=61)),
        need(raised(EMERGENCY, 30, taken_minutes_ago=19)),
        need(changed_at=NOON - timedelta(hours=30), last_log_at=NOON - timedelta(hours=14)),
        need(raised(URGENT, 60, taken_minutes_ago=10)),
        need(raised(URGENT, silent_minutes=30)),
        need(raised(WATCH)),
        need(last_log_at=NOON - timedelta(hours=26)),
        need(),
    ]

    assert scenes == list(Need)


def test_every_place_in_the_order_is_explained_on_the_page():
    assert len(explained_order()) == len(Need)


def test_somebody_who_never_logged_is_overdue_from_the_day_they_came():
    new = standing([], report(last_log_at=None, admitted_at=NOON - timedelta(hours=25)), NOON)
    old = standing([], report(last_log_at=None, admitted_at=NOON - timedelta(hours=26)), NOON)

    assert (new.need, old.need) == (Need.NO_OPEN_ALERT, Need.LOG_OVERDUE)


def test_a_change_of_supply_asks_for_two_logs_a_day_and_only_for_three_days():
    silent = {"last_log_at": NOON - timedelta(hours=14)}

    assert need(changed_at=NOON - timedelta(hours=71), **silent) is Need.SILENT_WHILE_WATCHED
    assert need(changed_at=NOON - timedelta(hours=72), **silent) is Need.NO_OPEN_ALERT


def test_an_open_alert_asks_for_two_logs_a_day():
    place = standing([raised(WATCH)], report(last_log_at=NOON - timedelta(hours=14)), NOON)

    assert place.log_is_overdue
    assert place.need is Need.SILENT_WHILE_WATCHED
    assert place.alert == 0  # the alert is still what the row tells


def test_a_watch_that_gets_worse_comes_before_an_older_one_that_does_not():
    rising = standing([raised(WATCH, 5)], report(is_rising=True), NOON)
    older = standing([raised(WATCH, 500)], report(), NOON)

    assert rising.order < older.order


def test_of_two_in_the_same_need_the_one_who_waited_longer_comes_first():
    assert (
        standing([raised(EMERGENCY, 9)], report(), NOON).order
        < standing([raised(EMERGENCY, 8)], report(), NOON).order
    )


@given(st.lists(alerts, max_size=4), reports)
def test_an_emergency_that_nobody_has_is_always_at_the_top(some_alerts, some_report):
    unowned = AlertState(EMERGENCY, NOON, None)

    assert standing([*some_alerts, unowned], some_report, NOON).need is Need.EMERGENCY_UNOWNED


@given(st.lists(alerts, max_size=4), alerts, reports)
def test_one_more_alert_never_moves_anybody_down(some_alerts, another, some_report):
    before = standing(some_alerts, some_report, NOON)
    after = standing([*some_alerts, another], some_report, NOON)

    assert after.need <= before.need


@given(st.lists(alerts, max_size=4), reports)
def test_nobody_with_an_open_alert_is_ever_among_the_rest(some_alerts, some_report):
    place = standing(some_alerts, some_report, NOON)

    assert (place.need is Need.NO_OPEN_ALERT) <= (not some_alerts)
    assert (place.alert is None) == (not some_alerts)


@given(alerts)
def test_taking_an_alert_never_makes_it_more_pressing(alert):
    unowned = AlertState(alert.level, alert.raised_at, None)

    assert alert_need(unowned, NOON)[0] <= alert_need(alert, NOON)[0]


@given(st.lists(st.tuples(st.lists(alerts, max_size=3), reports), max_size=8))
def test_any_ward_can_be_put_in_order(ward):
    orders = [standing(some_alerts, some_report, NOON).order for some_alerts, some_report in ward]

    assert [order[0] for order in sorted(orders)] == sorted(order[0] for order in orders)
