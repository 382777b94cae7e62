"""What made a rule fire, in words: of the right reporter, the right hours, the right log, the right event."""

from typing import Any

import pytest

from apps.rules.catalogue import load
from apps.rules.conditions import AnsweredAs, Compare, Condition, Differs, Event, TwoLogsRunning
from apps.rules.describing import describe
from apps.rules.engine import context_of
from apps.rules.quantities import Quantity
from apps.rules.types import Matched
from apps.rules.values import Limit
from tests.rules.scenes import CATALOGUE, NOW, scene

C = load(CATALOGUE)
CLEAR = Limit(name="clear", adult=2.0, value_name="clear")


def told(condition: Condition, **words: Any) -> Matched:
    return describe(condition, context_of(C, scene(**words)), C)


def item(**how: Any) -> Compare:
    return Compare(Quantity("item", "tremor", **how), ">=", CLEAR)


DAY = {
    "a": {"tremor": 2},
    "by": "staff",
    "past": [{"a": {"tremor": 4}, "by": "patient", "h": 3}, {"a": {"tremor": 3}, "by": "carer", "h": 30}],
}


@pytest.mark.parametrize(
    ("how", "grade", "log", "threshold"),
    [
        ({}, "4", "log-1", "at least 2"),
        ({"by": frozenset({"staff"})}, "2", "log-0", "at least 2"),
        ({"by": frozenset({"staff", "patient"})}, "4", "log-1", "at least 2"),
        ({"within": 1.0}, "2", "log-0", "at least 2 within 1 hours"),
        ({"within": 48.0, "since": 24.0}, "3", "log-2", "at least 2 within 48 hours"),
        ({"within": 48.0, "by": frozenset({"carer"})}, "3", "log-2", "at least 2 within 48 hours"),
    ],
)
def test_the_worst_answer_of_those_reporters_and_hours_is_named_with_its_log(how, grade, log, threshold):
    match = told(item(**how), **DAY)

    assert (match.value[0], match.log_id, match.threshold) == (grade, log, threshold)
    assert match.value == f"{grade} ({C.symptoms['tremor'].anchors[int(grade)]}), by {_reporter(log)}"


def _reporter(log: str) -> str:
    return {"log-0": "staff", "log-1": "patient", "log-2": "carer"}[log]


def test_a_rise_says_the_usual_and_where_none_is_known_says_that():
    rise = Compare(Quantity("rise", "tremor"), ">=", CLEAR)

    known = told(rise, a={"tremor": 3}, baseline={"tremor": 1})
    unknown = told(rise, a={"tremor": 3})

    assert known.value.endswith("usual 1, by staff")
    assert unknown.value.endswith("no baseline, taken as 0, by staff")
    assert known.threshold == unknown.threshold == "rise of at least 2"


def test_of_two_equal_answers_the_newer_log_is_named():
    match = told(item(), a={"tremor": 3}, past=[{"a": {"tremor": 3}, "h": 5}])

    assert match.log_id == "log-0"


def test_a_reason_for_no_answer_is_named_with_its_item():
    reasons = ("refused", "too_confused")
    words = {"a": {"anxiety": "asleep", "tremor": "too_confused", "headache": "refused"}}

    of_any = told(AnsweredAs(reasons), **words)
    of_one = told(AnsweredAs(reasons, "tremor"), **words)

    assert (of_any.code, of_any.value) == ("headache", "refused")
    assert (of_one.code, of_one.value, of_one.threshold) == ("tremor", "too confused", "too confused")
    assert of_one.text == "Tremor: no grade given"


def test_what_differs_is_named_from_its_lowest_to_its_highest():
    match = told(
        Differs(("tremor", "anxiety"), CLEAR),
        a={"tremor": 1, "anxiety": 0},
        past=[{"a": {"tremor": 1, "anxiety": 3}, "h": 5}, {"a": {"anxiety": "refused"}, "h": 6}],
    )

    assert (match.code, match.value) == ("anxiety", "0 to 3")
    assert match.threshold == "differs by at least 2 within 24 hours"


def test_two_logs_running_names_the_item_that_is_there_in_both():
    match = told(
        TwoLogsRunning(("tremor", "anxiety"), CLEAR, ()),
        a={"tremor": 3, "anxiety": 2},
        past=[{"a": {"tremor": 0, "anxiety": 3}, "h": 5}],
    )

    assert match.code == "anxiety"
    assert match.threshold == "at least 2 on two logs running"


def event(*kinds: str, **how: Any) -> Event:
    return Event(kinds=kinds, **how)


@pytest.mark.parametrize(
    ("how", "changes", "value", "threshold"),
    [
        ({}, [{"kind": "pump_alarm", "h": 5, "tone": "two_tone"}], "5 hours ago, two tone", "on record"),
        ({"within": 72.0}, [{"kind": "pump_alarm", "h": 5}], "5 hours ago", "within 72 hours"),
        ({"still": True}, [{"kind": "pump_alarm", "h": 5}], "5 hours ago", "on record, not mended"),
        (
            {"ml_at_most": 2.0},
            [
                {"kind": "pump_alarm", "h": 1, "reservoir_ml": 9.0},
                {"kind": "pump_alarm", "h": 5, "reservoir_ml": 1.5},
            ],
            "5 hours ago, 1.5 mL",
            "on record, at most 2 mL",
        ),
        (
            {"unplanned": True},
            [{"kind": "pump_alarm", "h": 1, "planned": True}, {"kind": "pump_alarm", "h": 7, "planned": False}],
            "7 hours ago",
            "on record",
        ),
        (
            {"tones": ("unknown",)},
            [{"kind": "pump_alarm", "h": 1, "tone": "single"}, {"kind": "pump_alarm", "h": 7}],
            "7 hours ago",
            "on record",
        ),
        (
            {},
            [{"kind": "pump_alarm", "h": 1, "tone": "single"}, {"kind": "pump_alarm", "h": 1, "tone": "two_tone"}],
            "1 hours ago, two tone",
            "on record",
        ),
    ],
)
def test_the_newest_event_that_fits_is_named_with_what_is_known_of_it(how, changes, value, threshold):
    match = told(event("pump_alarm", "mri", **how), a={}, changes=changes)

    assert (match.code, match.text, match.value, match.threshold) == ("pump_alarm", "pump alarm", value, threshold)
    assert match.t == NOW - float(value.split()[0])
    assert match.log_id is None
