"""Firings reduced to alerts, and two courses compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.alerts.models import Alert, AlertEvent
from apps.alerts.services import raise_alerts
from apps.core.days import from_t, to_t
from apps.monitoring.shadow_episodes import (
    EPISODE_HOURS,
    Firing,
    Kind,
    Track,
    compare,
    episodes,
    firings,
)
from apps.rules.types import Hit, Level
from tests.factories import NOON, PatientFactory, SymptomLogFactory

DELIRIUM = Track("delirium", quiet=False)


def at(t, level, *rules):
    return Firing(float(t), level, rules or (f"R-{level}",))


def told(old, new):
    """What is said of two courses, in a form to compare at a glance."""
    found = compare(DELIRIUM, episodes(old), episodes(new))
    return [(str(one.kind), one.hours, one.rules) for one in found]


def test_what_fires_again_within_three_days_is_one_alert():
    [alert] = episodes([at(0, 2), at(50, 1), at(50 + EPISODE_HOURS, 2)])

    assert (alert.opened_t, alert.level, alert.last_t) == (0, 2, 50 + EPISODE_HOURS)
    assert len(alert.rises) == 1


def test_what_fires_later_than_that_is_another_alert():
    assert [alert.opened_t for alert in episodes([at(0, 2), at(EPISODE_HOURS + 0.1, 1)])] == [
        0,
        EPISODE_HOURS + 0.1,
    ]


def test_a_worse_level_raises_the_alert_and_a_lesser_one_does_not_lower_it():
    [alert] = episodes([at(0, 1), at(4, 3), at(8, 2), at(9, 3)])

    assert [(rise.t, rise.level) for rise in alert.rises] == [(0, 1), (4, 3)]
    assert (alert.level, alert.reached_t, alert.last_t) == (3, 4, 9)


def test_hits_are_told_apart_by_pattern_and_by_whether_they_call_somebody():
    hits = [
        {"rule_id": "DEL-E-cam", "pattern": "delirium", "level": 3},
        {"rule_id": "DEL-E-4at", "pattern": "delirium", "level": 3, "quiet": False},
        {"rule_id": "DEL-U-confusion", "pattern": "delirium", "level": 2},
        {"rule_id": "AST-W-one", "pattern": "abrupt_stop", "level": 1, "quiet": True},
    ]

    assert firings(hits, 5.0) == {
        DELIRIUM: Firing(5.0, 3, ("DEL-E-4at", "DEL-E-cam")),
        Track("abrupt_stop", quiet=True): Firing(5.0, 1, ("AST-W-one",)),
    }


NO_DIFFERENCE = [at(0, 2), at(5, 3)]
COMPARED = {
    "the same": (NO_DIFFERENCE, NO_DIFFERENCE, []),
    "nothing and nothing": ([], [], []),
    "added": ([], [at(0, 2, "A"), at(5, 3, "B")], [("added", None, ("A", "B"))]),
    "removed": ([at(0, 2, "A")], [], [("removed", None, ("A",))]),
    "raised": ([at(0, 1, "A")], [at(0, 1, "A"), at(6, 3, "B")], [("raised", None, ("B",))]),
    "lowered": ([at(0, 3, "B")], [at(0, 1, "A")], [("lowered", None, ("B",))]),
    "at its highest level earlier": (
        [at(0, 1, "A"), at(8, 3, "B")], [at(0, 1, "A"), at(2, 3, "C")], [("earlier", -6.0, ("C",))],
    ),
    "at its highest level later": (
        [at(0, 1, "A"), at(2, 3, "C")], [at(0, 1, "A"), at(8, 3, "B")], [("later", 6.0, ("C",))],
    ),
    "opened earlier, as high at the same time": (
        [at(6, 3, "B")], [at(0, 1, "A"), at(6, 3, "B")], [("earlier", -6.0, ("A",))],
    ),
    "opened later, as high at the same time": (
        [at(0, 1, "A"), at(6, 3, "B")], [at(6, 3, "B")], [("later", 6.0, ("A",))],
    ),
    "far apart": (
        [at(0, 2, "A")], [at(200, 2, "A")], [("removed", None, ("A",)), ("added", None, ("A",))],
    ),
    "two that become one": (
        [at(0, 2, "A"), at(100, 2, "A")], [at(0, 2, "A"), at(60, 1, "B"), at(100, 2, "A")],
        [("removed", None, ("A",))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPARED)
def test_two_courses_are_compared(case):
    old, new, wanted = COMPARED[case]

    assert told(old, new) == wanted


COURSES = st.lists(
    st.builds(at, st.integers(0, 400), st.integers(1, 3)), max_size=12, unique_by=lambda firing: firing.t
).map(lambda course: sorted(course, key=lambda firing: firing.t))


@given(COURSES)
def test_a_course_does_not_differ_from_itself(course):
    assert told(course, course) == []


@given(COURSES, COURSES)
def test_turned_round_every_difference_is_its_opposite(one, other):
    opposite = {
        Kind.ADDED: Kind.REMOVED,
        Kind.RAISED: Kind.LOWERED,
        Kind.EARLIER: Kind.LATER,
    }
    opposite |= {after: before for before, after in opposite.items()}

    there = compare(DELIRIUM, episodes(one), episodes(other))
    back = compare(DELIRIUM, episodes(other), episodes(one))

    assert sorted((opposite[each.kind], each.t) for each in there) == sorted((each.kind, each.t) for each in back)


@given(COURSES, COURSES)
def test_every_alert_of_either_side_is_paired_or_told(one, other):
    old, new = episodes(one), episodes(other)
    found = list(compare(DELIRIUM, old, new))

    added = sum(each.kind is Kind.ADDED for each in found)
    removed = sum(each.kind is Kind.REMOVED for each in found)
    assert len(new) - added == len(old) - removed >= 0


STORIES = (
    [(0, 1), (5, 2), (9, 2), (30, 3), (31, 1)],
    [(0, 3), (1, 2), (70, 3)],
    [(0, 2), (60, 1), (120, 3), (180, 2)],
)


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES)
def test_an_alert_opens_and_rises_where_the_product_opens_and_raises_it(story):
    """Told to `alerts.raising`, with nobody closing anything."""
    patient, began = PatientFactory(), to_t(NOON)
    for hour, level in story:
        moment = from_t(began + hour)
        raise_alerts(
            patient=patient,
            log=SymptomLogFactory(patient=patient, observed_at=moment),
            hits=[hit(level)],
            at=moment,
        )

    [alert] = episodes([at(hour, level) for hour, level in story])

    risen = AlertEvent.objects.filter(alert=Alert.objects.get(), kind__in=("opened", "worsened"))
    assert [(rise.t, rise.level) for rise in alert.rises] == [
        (pytest.approx(to_t(event.fired_at) - began), event.level) for event in risen
    ]


def hit(level):
    return Hit(f"R-{level}", "delirium", Level(level), "because", (), (), (), "project choice")
