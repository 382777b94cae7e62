"""What is known of the supply of baclofen, at the edges of each window and with what nobody said left open."""

from dataclasses import asdict
from math import isnan
from typing import Any

import pytest

from apps.rules.settings import SupplySettings
from apps.rules.supply import EXPOSING, MENDED_BY, PUMP_LOSS, Supply, derive_supply, ends_at, is_outright_stop
from apps.rules.types import Change, DoseFacts, Facts, PlanFacts

NOW = 1_000.0
WINDOWS = SupplySettings(
    exposed_hours=100.0,
    peak_from_hours=10.0,
    peak_until_hours=40.0,
    step_hours=30.0,
    missed_run_hours=20.0,
    chart_hours=8.0,
)
BY_MOUTH = PlanFacts(frozenset({"oral"}), daily_dose_oral_mg=60.0, doses_per_day=3)


def _ago(hours: float, kind: str, **rest: Any) -> Change:
    return Change(kind, NOW - hours, **rest)


def _due(hours: float, status: str, amount: float | None = 20.0, route: str = "oral") -> DoseFacts:
    at = NOW - hours
    return DoseFacts(route, at, at if status == "taken" else None, status, amount)


def _facts(*changes: Change, doses: tuple[DoseFacts, ...] = (), plan: PlanFacts | None = BY_MOUTH) -> Facts:
    return Facts(NOW, (), plan=plan, changes=changes, doses=doses)


def _supply(*changes: Change, doses: tuple[DoseFacts, ...] = (), plan: PlanFacts | None = BY_MOUTH) -> Supply:
    return derive_supply(_facts(*changes, doses=doses, plan=plan), WINDOWS)


def _differs(found: Supply, usual: Supply) -> dict[str, Any]:
    """What is not as usual; unknown compares equal to unknown."""
    before = asdict(usual)
    return {
        name: value
        for name, value in asdict(found).items()
        if value != before[name] and not (value != value and before[name] != before[name])
    }


def test_with_neither_plan_nor_change_nor_doses_nothing_is_known() -> None:
    found = _supply(plan=None)

    assert all(map(isnan, (found.exposed, found.peak, found.oral_planned, found.hours_since_last_dose)))
    assert (found.overdue_low, found.overdue_high) == (0.0, 1.0)
    assert (found.missed_run_low, found.missed_run_high) == (0.0, 99.0)
    assert (found.missed_today_low, found.missed_today_high) == (0.0, 99.0)


def test_a_plan_without_any_change_is_no_exposure() -> None:
    found = _supply()

    assert (found.exposed, found.peak, found.oral_planned) == (0.0, 0.0, 1.0)
    assert found.first_change_t is None


@pytest.mark.parametrize(
    ("plan", "planned"),
    [
        (PlanFacts(frozenset({"oral"}), None), 1.0),
        (PlanFacts(frozenset({"oral"}), 0.5), 1.0),
        (PlanFacts(frozenset({"oral"}), 0.0), 0.0),
        (PlanFacts(frozenset({"intrathecal"}), 60.0), 0.0),
    ],
)
def test_a_dose_by_mouth_is_planned_when_the_plan_has_one_above_zero(plan: PlanFacts, planned: float) -> None:
    assert _supply(plan=plan).oral_planned == planned


def test_who_takes_nothing_by_mouth_owes_no_dose() -> None:
    found = _supply(plan=PlanFacts(frozenset({"intrathecal"})))

    assert (found.overdue_high, found.missed_run_high, found.missed_today_high) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("hours", "exposed", "peak"), [
    (0.0, 1.0, 0.0), (9.9, 1.0, 0.0), (10.0, 1.0, 1.0), (40.0, 1.0, 1.0), (40.1, 1.0, 0.0), (100.0, 1.0, 0.0), (100.1, 0.0, 0.0),
])  # fmt: skip
def test_a_cut_exposes_for_its_window_and_peaks_within_it(hours: float, exposed: float, peak: float) -> None:
    found = _supply(_ago(hours, "dose_reduced", fraction=0.1))

    assert (found.exposed, found.peak) == (exposed, peak)
    assert found.first_change_t == (NOW - hours if exposed else None)


def test_without_a_plan_an_old_change_leaves_exposure_unknown_and_a_fresh_one_shows_it() -> None:
    old, fresh = _supply(_ago(500, "dose_reduced"), plan=None), _supply(_ago(20, "dose_reduced"), plan=None)

    assert isnan(old.exposed)
    assert isnan(old.peak)
    assert (fresh.exposed, fresh.peak) == (1.0, 1.0)


def test_the_first_of_several_exposing_changes_is_the_one_that_counts() -> None:
    found = _supply(_ago(20, "dose_reduced"), _ago(60, "dose_reduced"), _ago(200, "dose_reduced"))

    assert found.first_change_t == NOW - 60


@pytest.mark.parametrize("kind", ["dose_raised", "mri", "hospital_transfer", "pump_reprogrammed"])
def test_what_takes_no_baclofen_away_does_not_expose(kind: str) -> None:
    assert _supply(_ago(20, kind)).exposed == 0.0


def test_what_lies_ahead_neither_exposes_nor_hides_what_came_after_it_in_the_list() -> None:
    found = _supply(_ago(-5, "dose_reduced", fraction=0.5), _ago(20, "stopped"))

    assert found.first_change_t == NOW - 20
    assert found.unplanned_step == 0.0
    assert found.stopped_outright == 1.0


@pytest.mark.parametrize("kind", sorted(PUMP_LOSS))
def test_a_pump_that_fails_exposes_until_the_loss_is_made_good(kind: str) -> None:
    mender = min(MENDED_BY[kind])

    assert _supply(_ago(500, kind)).exposed == 1.0
    assert _supply(_ago(500, kind)).peak == 1.0
    assert _supply(_ago(500, kind), _ago(101, mender)).exposed == 0.0
    assert _supply(_ago(500, kind), _ago(100, mender)).exposed == 1.0
    assert _supply(_ago(500, kind, planned=True)).exposed == 0.0


def test_every_exposing_kind_is_known() -> None:
    assert {kind for kind in EXPOSING if _supply(_ago(20, kind)).exposed != 1.0} == set()


@pytest.mark.parametrize(
    ("change", "outright"),
    [
        (_ago(1, "stopped"), True),
        (_ago(1, "stopped", last_step_of_plan=True), False),
        (_ago(1, "stopped", last_step_of_plan=True, planned=True), False),
        (_ago(1, "stopped", last_step_of_plan=True, planned=False), True),
        (_ago(1, "stopped", planned=True), True),
        (_ago(1, "dose_reduced"), False),
    ],
)
def test_only_the_planned_last_step_of_a_taper_is_no_outright_stop(change: Change, outright: bool) -> None:
    assert is_outright_stop(change) is outright


@pytest.mark.parametrize(
    ("change", "others", "ended"),
    [
        (_ago(50, "stopped"), (), None),
        (_ago(50, "stopped", ended_t=NOW - 7), (), NOW - 7),
        (_ago(50, "stopped", ended_t=NOW), (), NOW),
        (_ago(50, "stopped", ended_t=NOW + 1), (), None),
        (_ago(50, "dose_reduced"), (_ago(9, "baclofen_restarted"),), None),
        (_ago(50, "stopped"), (_ago(9, "baclofen_restarted", route="oral"),), NOW - 9),
        (_ago(50, "stopped", route="oral"), (_ago(9, "baclofen_restarted", route="intrathecal"),), None),
        (_ago(50, "stopped", route="oral"), (_ago(9, "baclofen_restarted"),), NOW - 9),
        (_ago(50, "pump_stopped"), (_ago(9, "baclofen_restarted", route="oral"),), None),
        (_ago(50, "pump_stopped"), (_ago(9, "baclofen_restarted", route="intrathecal"),), NOW - 9),
        (_ago(50, "pump_stopped", route="oral"), (_ago(9, "baclofen_restarted", route="oral"),), NOW - 9),
        (_ago(50, "pump_stopped"), (_ago(9, "pump_checked", route="oral"),), NOW - 9),
        (_ago(50, "pump_stopped"), (_ago(50, "pump_checked"),), NOW - 50),
        (_ago(50, "pump_stopped"), (_ago(51, "pump_checked"),), None),
        (_ago(50, "pump_stopped"), (_ago(0, "pump_checked"),), NOW),
        (_ago(50, "pump_stopped"), (_ago(-1, "pump_checked"),), None),
        (_ago(50, "pump_stopped"), (_ago(9, "refill_done"), _ago(20, "pump_checked"), _ago(30, "pump_checked")), NOW - 30),
    ],
)  # fmt: skip
def test_a_loss_ends_when_it_is_first_made_good_by_its_own_route(
    change: Change, others: tuple[Change, ...], ended: float | None
) -> None:
    assert ends_at(change, _facts(change, *others)) == ended


def test_an_outright_stop_goes_on_exposing_and_the_last_planned_step_does_not() -> None:
    assert _supply(_ago(500, "stopped")).exposed == 1.0
    assert _supply(_ago(500, "stopped", last_step_of_plan=True)).exposed == 0.0


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (_ago(30, "dose_reduced", fraction=0.2, planned=True), {"planned_step": 0.2, "planned_step_high": 0.2}),
        (_ago(30, "dose_reduced", fraction=0.2), {"unplanned_step": 0.2, "unplanned_step_high": 0.2}),
        (_ago(30, "dose_reduced", planned=True), {"planned_step_high": 1.0}),
        (_ago(30, "dose_reduced"), {"unplanned_step_high": 1.0}),
        (_ago(30.1, "dose_reduced", fraction=0.2), {}),
        (_ago(30, "dose_reduced", fraction=0.2, planned=True, route="intrathecal"), {}),
        (_ago(30, "dose_reduced", fraction=0.2, route="intrathecal"), {"unplanned_step": 0.2, "unplanned_step_high": 0.2}),
        (_ago(30, "stopped"), {"stopped_outright": 1.0}),
        (_ago(30.1, "stopped"), {}),
        (_ago(30, "stopped", ended_t=NOW - 12), {}),
        (_ago(20, "missed_dose", count=3), {"missed_run_low": 3, "missed_run_high": 3, "overdue_low": 1.0, "overdue_high": 1.0}),
        (_ago(20.1, "missed_dose", count=3), {}),
        (_ago(30, "oral_bridge_started"), {"oral_bridge": 1.0}),
        (_ago(30, "oral_bridge_started", ended_t=NOW - 12), {}),
    ],
)  # fmt: skip
def test_steps_stops_missed_doses_and_bridges_count_while_they_are_recent(
    change: Change, changed: dict[str, float]
) -> None:
    taken = (_due(1, "taken"),)
    found = _differs(_supply(change, doses=taken), _supply(doses=taken))

    assert {
        name: value for name, value in found.items() if name not in ("exposed", "peak", "first_change_t")
    } == changed


def test_the_largest_of_several_steps_counts_whatever_their_order() -> None:
    cuts = [_ago(hours, "dose_reduced", fraction=size) for hours, size in ((3, 0.1), (2, 0.4), (1, 0.2))]
    planned = [
        _ago(hours, "dose_reduced", fraction=size, planned=True) for hours, size in ((3, 0.1), (2, 0.3), (1, 0.2))
    ]
    found = _supply(*cuts, *planned)

    assert (found.unplanned_step, found.unplanned_step_high) == (0.4, 0.4)
    assert (found.planned_step, found.planned_step_high) == (0.3, 0.3)


@pytest.mark.parametrize(("route", "owed"), [(None, 1.0), ("oral", 1.0), ("intrathecal", 0.0)])
def test_after_a_stop_by_mouth_that_was_not_planned_the_dose_is_still_owed(route: str | None, owed: float) -> None:
    plan = PlanFacts(frozenset({"intrathecal"}))

    assert _supply(_ago(300, "stopped", route=route), plan=plan).oral_planned == owed
    assert _supply(_ago(300, "oral_bridge_started"), plan=plan).oral_planned == 1.0


@pytest.mark.parametrize(
    ("hours", "per_day", "doses", "uncharted"),
    [
        (7.9, 3, (), 0.0), (8.0, 3, (), 1.0), (30.0, 3, (), 1.0), (30.1, 3, (), 0.0),
        (23.9, 1, (), 0.0), (24.0, 1, (), 1.0),
        (20.0, 3, (_due(20, "taken"),), 0.0),
        (20.0, 3, (_due(0, "taken"),), 0.0),
        (20.0, 3, (_due(20.1, "taken"),), 1.0),
        (20.0, 3, (_due(-1, "taken"),), 1.0),
        (20.0, 3, (_due(10, "unknown"),), 1.0),
        (20.0, 3, (_due(10, "taken", route="intrathecal"),), 1.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["hospital_transfer", "surgery"])
def test_a_move_without_a_charted_dose_is_noticed_in_time(
    kind: str, hours: float, per_day: int, doses: tuple[DoseFacts, ...], uncharted: float
) -> None:
    plan = PlanFacts(frozenset({"oral"}), 60.0, doses_per_day=per_day)

    assert _supply(_ago(hours, kind), plan=plan, doses=doses).uncharted_transfer == uncharted


def test_every_move_is_looked_at_and_only_for_those_who_take_doses_by_mouth() -> None:
    assert _supply(_ago(50, "mri"), _ago(40, "surgery"), _ago(20, "surgery")).uncharted_transfer == 1.0
    assert _supply(_ago(20, "surgery"), plan=PlanFacts(frozenset({"intrathecal"}))).uncharted_transfer == 0.0
    assert _supply(_ago(20, "mri")).uncharted_transfer == 0.0


def _doses(*doses: DoseFacts) -> dict[str, Any]:
    shown = ("hours_since_last_dose", "overdue_low", "overdue_high", "missed_run_low", "missed_run_high",
             "missed_today_low", "missed_today_high", "short_low", "short_high")  # fmt: skip
    found = asdict(_supply(doses=doses))
    return {
        name: found[name]
        for name in shown
        if not isnan(found[name]) and (found[name] != 0.0 or name == "hours_since_last_dose")
    }


@pytest.mark.parametrize(
    ("doses", "known"),
    [
        ((_due(3, "taken"), _due(11, "taken")), {"hours_since_last_dose": 3.0}),
        ((_due(11, "taken"), _due(3, "taken")), {"hours_since_last_dose": 3.0}),
        ((_due(0, "taken"),), {"hours_since_last_dose": 0.0}),
        ((DoseFacts("oral", None, None, "unknown"), _due(5, "taken")), {"hours_since_last_dose": 5.0}),
        ((_due(-2, "missed"), _due(5, "taken")), {"hours_since_last_dose": 5.0}),
        (
            (DoseFacts("oral", NOW - 8, NOW - 8, "missed"), _due(12, "taken")),
            {"hours_since_last_dose": 8.0, "missed_run_low": 1, "missed_run_high": 1, "missed_today_low": 1,
             "missed_today_high": 1, "short_low": 0.5, "short_high": 0.5},
        ),
        ((_due(-1, "taken"), _due(5, "taken")), {"hours_since_last_dose": 5.0}),
        ((_due(3, "missed", route="intrathecal"), _due(5, "taken")), {"hours_since_last_dose": 5.0}),
        ((DoseFacts("oral", None, NOW - 2, "taken"), _due(9, "taken")), {"hours_since_last_dose": 2.0}),
        (
            (_due(9, "taken"), _due(1, "missed")),
            {"hours_since_last_dose": 9.0, "overdue_low": 1.0, "overdue_high": 1.0, "missed_run_low": 1,
             "missed_run_high": 1, "missed_today_low": 1, "missed_today_high": 1, "short_low": 0.5, "short_high": 0.5},
        ),
        (
            (_due(9, "taken"), _due(0, "unknown")),
            {"hours_since_last_dose": 9.0, "overdue_high": 1.0, "missed_run_high": 1, "missed_today_high": 1, "short_high": 0.5},
        ),
        (
            (_due(9, "missed"), _due(1, "taken")),
            {"hours_since_last_dose": 1.0, "missed_run_low": 1, "missed_run_high": 1, "missed_today_low": 1,
             "missed_today_high": 1, "short_low": 0.5, "short_high": 0.5},
        ),
        (
            (_due(20, "missed"), _due(12, "unknown"), _due(4, "missed")),
            {"overdue_low": 1.0, "overdue_high": 1.0, "missed_run_low": 1, "missed_run_high": 3, "missed_today_low": 2,
             "missed_today_high": 3, "short_low": 2 / 3, "short_high": 1.0},
        ),
        (
            (_due(22, "missed"), _due(21, "missed"), _due(20.5, "taken"), _due(4, "missed", 40.0)),
            {"hours_since_last_dose": 20.5, "overdue_low": 1.0, "overdue_high": 1.0, "missed_run_low": 1, "missed_run_high": 1,
             "missed_today_low": 3, "missed_today_high": 3, "short_low": 0.8, "short_high": 0.8},
        ),
        (
            (_due(4, "missed", 40.0), _due(3, "taken", None)),
            {"hours_since_last_dose": 3.0, "missed_run_low": 1, "missed_run_high": 1, "missed_today_low": 1,
             "missed_today_high": 1, "short_low": 0.5, "short_high": 0.5},
        ),
        (
            (_due(4, "missed", 0.0), _due(3, "taken", 0.0)),
            {"hours_since_last_dose": 3.0, "missed_run_low": 1, "missed_run_high": 1, "missed_today_low": 1, "missed_today_high": 1},
        ),
        (
            (_due(24, "missed"), _due(3, "taken")),
            {"hours_since_last_dose": 3.0},
        ),
        (
            (_due(26, "taken"), _due(25, "missed")),
            {"hours_since_last_dose": 26.0, "overdue_low": 1.0, "overdue_high": 1.0},
        ),
    ],
)  # fmt: skip
def test_doses_taken_missed_and_not_told_of_are_kept_apart(
    doses: tuple[DoseFacts, ...], known: dict[str, float]
) -> None:
    assert _doses(*doses) == pytest.approx(known)


def test_when_all_doses_of_the_day_were_taken_nothing_is_short() -> None:
    found = _supply(doses=(_due(3, "taken"),))

    assert (found.short_low, found.short_high) == (0.0, 0.0)
    assert _supply(doses=(_due(3, "taken", 0.0),)).short_high == 0.0
    assert isnan(_supply(doses=(_due(30, "taken"),)).short_low)


def test_a_dose_missed_at_the_hour_of_one_taken_is_not_overdue() -> None:
    found = _supply(doses=(_due(5, "missed"), _due(5, "taken")))

    assert (found.overdue_low, found.overdue_high) == (0.0, 0.0)


def test_a_dose_missed_counts_for_its_window_and_one_not_told_of_breaks_the_run() -> None:
    def run(*doses: DoseFacts) -> tuple[float, float]:
        found = _supply(doses=doses)
        return found.missed_run_low, found.missed_run_high

    assert run(_due(20, "missed")) == (1, 1)
    assert run(_due(20.1, "missed")) == (0, 0)
    assert run(_due(19, "missed"), _due(12, "missed"), _due(5, "unknown")) == (2, 3)
    assert run(_due(19, "unknown"), _due(12, "missed")) == (1, 2)
    assert run(_due(19, "missed"), _due(12, "missed"), _due(8, "taken"), _due(5, "missed")) == (2, 2)
    assert run(_due(12, "missed"), _due(15, "taken"), _due(18, "missed")) == (1, 1)
    assert run(_due(12, "missed", route="intrathecal"), _due(-3, "missed"), _due(2, "missed")) == (1, 1)
    assert run(DoseFacts("oral", None, None, "missed"), _due(2, "missed")) == (1, 1)


def test_a_run_of_missed_doses_exposes_from_its_first_dose_and_ends_with_its_last() -> None:
    run = tuple(_due(hours, "missed") for hours in (140, 120, 99))
    found = _supply(doses=run)

    assert found.first_change_t == NOW - 140
    assert _supply(doses=run[:2]).exposed == 0.0
    assert _supply(doses=(_due(150, "missed"), _due(130, "taken"), _due(99, "missed"))).first_change_t == NOW - 99
    assert (
        _supply(doses=(_due(150, "missed"), _due(130, "unknown"), _due(99, "missed"))).first_change_t == NOW - 99
    )
    assert _supply(doses=(_due(45, "missed"), _due(39, "missed"))).peak == 1.0
    assert _supply(doses=(_due(60, "missed"), _due(41, "missed"))).peak == 0.0


def test_missed_doses_by_report_and_by_chart_give_the_longer_run() -> None:
    chart = (_due(9, "missed"), _due(1, "missed"))

    assert _supply(_ago(5, "missed_dose", count=1), doses=chart).missed_run_low == 2
    assert _supply(_ago(5, "missed_dose", count=4), doses=chart).missed_run_high == 4
