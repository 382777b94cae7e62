"""Plans are changed by people in any order and at any time. Whatever they do, nothing may happen to the dose that
nobody ordered."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tapers.courses import editing
from apps.tapers.courses.asking import Asked, Method
from apps.tapers.courses.drawing import CourseInput, draw_course
from apps.tapers.courses.products import ProductValues
from apps.tapers.courses.steps import StepInput
from apps.tapers.timeline import StepValues, Stretch, VersionValues, due_times, products_due, stretches

ZONES = (
    "Europe/London",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
)
TABLETS = (
    ProductValues("10", "10 mg", "oral", "tablet", Decimal(10), Decimal("0.5")),
    ProductValues("25", "25 mg", "oral", "tablet", Decimal(25), Decimal(1)),
)
RESTORING = frozenset({"step_back", "reinstate"})


class Ward:
    """The versions of one plan as they are made, without a database: what `tapers.living` does, one after another."""

    def __init__(self, steps: Sequence[StepInput], is_gated: bool, zone: str) -> None:
        self.zone, self.is_gated = zone, is_gated
        first = min(step.starts_at for step in steps)
        self.steps = editing.gated(steps, first, {}) if is_gated else tuple(steps)
        self.versions = [self._values("start", first)]
        self.ordered_up: set[datetime] = set()

    def _values(self, kind: str, at: datetime) -> VersionValues:
        open_steps = [step for step in self.steps if not step.is_locked]
        return VersionValues(
            len(self.versions) + 1 if hasattr(self, "versions") else 1,
            kind,
            at,
            tuple(
                StepValues(
                    number,
                    step.route,
                    step.starts_at,
                    step.ends_at,
                    step.daily_dose,
                    tuple(step.times_of_day),
                    None if step.amounts is None else tuple(step.amounts),
                    step.made_of,
                )
                for number, step in enumerate(open_steps, start=1)
            ),
        )

    @property
    def line(self) -> tuple[Stretch, ...]:
        return stretches(self.versions)

    def given(self, at: datetime) -> Stretch | None:
        return next((one for one in self.line if one.covers(at)), None)

    def do(self, action: str, at: datetime, days: int) -> None:
        after = self._after(action, at, days)
        if after is None:
            return
        self.steps = after
        self.versions.append(self._values(action, at))
        if action in RESTORING:
            self.ordered_up.add(at)

    def _after(self, action: str, at: datetime, days: int) -> Sequence[StepInput] | None:
        wait = None if self.is_gated or days == 0 else days
        if action == "hold":
            return editing.hold(self.steps, at, days or None, self.zone)
        if action == "slow":
            return editing.slower(self.steps, at, days or 1, self.zone)
        if action == "stop":
            return editing.stop(self.steps, at)
        if action == "release":
            return self._released(at)
        higher = self._higher(at)
        if higher is None:
            return None
        if action == "step_back":
            return editing.step_back(self.steps, at, {"oral": higher}, wait, self.zone)
        return editing.reinstate(self.steps, at, {"oral": higher})

    def _released(self, at: datetime) -> Sequence[StepInput] | None:
        ahead = editing.lines(self.steps, at)["oral"].ahead
        if not ahead or not ahead[0].is_locked:
            return None
        begins = max(at, ahead[0].starts_at)
        return editing.release(self.steps, ahead[0], at, begins, self.zone, next_waits=self.is_gated)

    def _higher(self, at: datetime) -> StepInput | None:
        now = self.given(at)
        dose = now.daily_dose if now else Decimal(0)
        before = [one for one in self.line if one.starts_at <= at and one.daily_dose > dose]
        if not before:
            return None
        last = before[-1]
        return StepInput(
            "oral", at, None, last.daily_dose, "mg/day", last.times_of_day, last.step.amounts, last.step.made_of
        )


@st.composite
def wards(draw: st.DrawFn) -> tuple[Ward, datetime]:
    zone = draw(st.sampled_from(ZONES))
    starts_on = draw(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
    start = Decimal(draw(st.sampled_from((30, 45, 60, 75, 80))))
    course = draw_course(
        CourseInput(
            route="oral",
            asked=Asked(Method.LINEAR, start, reduction=Decimal(draw(st.sampled_from((5, 10, 15))))),
            starts_on=starts_on,
            step_days=draw(st.integers(1, 14)),
            times_of_day=(time(0), time(8), time(20, 30)),
        ),
        TABLETS,
        zone,
    )
    ward = Ward(course.step_inputs(), draw(st.booleans()), zone)
    return ward, course.steps[0].starts_at


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(("hold", "slow", "step_back", "reinstate", "stop", "release", "release")),
        st.integers(0, 40 * 24 * 60),
        st.integers(0, 20),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(story=wards(), actions=ACTIONS)
def test_no_plan_however_changed_has_a_gap_an_overlap_or_a_rise_that_nobody_ordered(story, actions) -> None:
    ward, first = story
    at = first
    for action, minutes, days in actions:
        at += timedelta(minutes=minutes)
        ward.do(action, at, days)
        the_steps_hang_together(ward.steps)
    line = ward.line
    assert line[0].starts_at == first
    for before, after in pairwise(line):
        assert before.ends_at == after.starts_at, "no gap and no overlap"
        assert after.daily_dose <= before.daily_dose or after.starts_at in ward.ordered_up
    assert line[-1].ends_at is None
    assert all(one.daily_dose >= 0 for one in line)
    the_doses_add_up(line, ward.zone, first, at)


def the_steps_hang_together(steps: Sequence[StepInput]) -> None:
    """As the database demands of a version, and no locked step before one that is not."""
    ordered = sorted(steps, key=lambda step: step.starts_at)
    open_steps = [step for step in ordered if not step.is_locked]
    for before, after in pairwise(open_steps):
        assert before.ends_at is not None
        assert before.ends_at <= after.starts_at
    assert open_steps[-1].ends_at is None
    assert all(step.ends_at is None or step.ends_at > step.starts_at for step in steps)
    assert [step.is_locked for step in ordered] == sorted(step.is_locked for step in ordered)


def the_doses_add_up(line: Sequence[Stretch], zone: str, first: datetime, until: datetime) -> None:
    """Each whole day of one dose is due in just that dose, and all its parts are what tablets make."""
    end = until + timedelta(days=30)
    since = first - timedelta(microseconds=1)
    due = due_times(line, zone, since, end)
    tablets = products_due(line, zone, since, end)
    assert sum(one.strength * one.quantity for one in tablets) == sum(dose.amount for dose in due)
    for one in line:
        within = [dose for dose in due if one.covers(dose.due_at)]
        assert all(dose.amount % 5 == 0 and dose.amount > 0 for dose in within)
        times = [clock for clock, _share in one.step.shares]
        starts = editing.local_day(one.starts_at, zone)
        for number in range(1, 4):
            day = starts + timedelta(days=number)
            moments = [editing.local_instant(day, clock, zone) for clock in times]
            if times and all(one.covers(moment) and moment <= end for moment in moments):
                assert sum(dose.amount for dose in within if dose.due_at in moments) == one.daily_dose


# --- clocks --------------------------------------------------------------------------------------


def story_in(zone: str, starts_on: date) -> Ward:
    course = draw_course(
        CourseInput(
            route="oral",
            asked=Asked(Method.LINEAR, Decimal(60), reduction=Decimal(20)),
            starts_on=starts_on,
            step_days=7,
            times_of_day=(time(8), time(20)),
        ),
        TABLETS,
        zone,
    )
    return Ward(course.step_inputs(), False, zone)


def local_starts(ward: Ward) -> list[tuple[str, str]]:
    from_zone = [one.starts_at.astimezone(editing.ZoneInfo(ward.zone)) for one in ward.line]
    return [(f"{moment:%m-%d}", f"{moment:%H:%M}") for moment in from_zone]


def test_a_hold_over_a_clock_change_keeps_changes_at_midnight() -> None:
    for zone, starts_on, expected in (
        ("Europe/London", date(2026, 3, 22), "04-01"),
        ("Europe/London", date(2026, 10, 18), "10-28"),
        ("Australia/Lord_Howe", date(2026, 3, 30), "04-09"),
        ("Australia/Lord_Howe", date(2026, 9, 28), "10-08"),
        ("Asia/Kolkata", date(2026, 3, 22), "04-01"),
        ("Asia/Kathmandu", date(2028, 2, 22), "03-03"),
        # The clocks change at midnight, so that the day of a change begins at 01:00.
        ("America/Santiago", date(2026, 8, 30), "09-09"),
        ("Asia/Beirut", date(2026, 3, 22), "04-01"),
    ):
        ward = story_in(zone, starts_on)
        ward.do("hold", ward.line[0].starts_at + timedelta(days=2, hours=10), 3)
        assert local_starts(ward)[2] == (expected, "00:00"), zone


def test_every_day_of_a_taper_over_a_clock_change_has_its_whole_dose() -> None:
    for zone, starts_on in (
        ("Europe/London", date(2026, 3, 26)),
        ("Europe/London", date(2026, 10, 22)),
        ("Australia/Lord_Howe", date(2026, 4, 2)),
        ("Australia/Lord_Howe", date(2026, 10, 1)),
        ("Asia/Kolkata", date(2026, 3, 26)),
        ("Asia/Kathmandu", date(2028, 2, 26)),
    ):
        ward = story_in(zone, starts_on)
        first = ward.line[0].starts_at
        due = due_times(ward.line, zone, first, first + timedelta(days=40))
        assert sum(dose.amount for dose in due) == 7 * (60 + 40 + 20), zone
        assert len(due) == 42


def test_a_zone_change_in_mid_taper_neither_leaves_out_nor_doubles_a_dose() -> None:
    ward = story_in("Europe/London", date(2026, 6, 1))
    first = ward.line[0].starts_at
    flight = first + timedelta(days=3, hours=12)
    before = due_times(ward.line, "Europe/London", first, flight)
    after = due_times(ward.line, "Asia/Kathmandu", flight, first + timedelta(days=7))

    gaps = [(two.due_at - one.due_at) for one, two in pairwise([*before, *after])]

    assert all(timedelta(hours=6) < gap <= timedelta(hours=16) for gap in gaps)
    assert {dose.amount for dose in (*before, *after)} == {Decimal(30)}
    # The doses change at the instant that was ordered, wherever the patient is.
    assert ward.line[1].starts_at == datetime(2026, 6, 7, 23, tzinfo=UTC)


def test_a_locked_step_never_lowers_the_dose_however_long_it_waits() -> None:
    ward = story_in("Europe/London", date(2026, 6, 1))
    gated = Ward([replace(step) for step in ward.steps], True, ward.zone)
    first = gated.line[0].starts_at

    assert [int(one.daily_dose) for one in gated.line] == [60]
    due = due_times(gated.line, gated.zone, first, first + timedelta(days=100))
    assert sum(dose.amount for dose in due) == 60 * 100
