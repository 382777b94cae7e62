"""Doses by mouth as a published case tells them: taken every eight hours until the last one, missed after it."""

from typing import Any

import pytest

from apps.rules.replay import Event
from apps.rules.replay_doses import regular_doses
from apps.rules.types import DoseFacts, PlanFacts

BY_MOUTH = PlanFacts(frozenset({"oral"}))
BY_PUMP = PlanFacts(frozenset({"intrathecal"}))
A_FORTNIGHT = 14 * 3


def _told(kind: str, t: float, **words: Any) -> Event:
    return Event(kind, t, words)


def _doses(*events: Event, now: float = 116.0, plan: PlanFacts | None = BY_MOUTH) -> list[DoseFacts]:
    return sorted(regular_doses(plan, events, now), key=lambda dose: dose.due_t or 0.0)


def _after(hours: float, doses: list[DoseFacts]) -> list[tuple[float | None, str]]:
    return [(dose.due_t, dose.status) for dose in doses if dose.due_t is not None and dose.due_t > hours]


@pytest.mark.parametrize(
    ("plan", "events"),
    [
        (None, (_told("stopped", 100.0),)),
        (BY_MOUTH, ()),
        (BY_MOUTH, (_told("stopped", 100.0, route="intrathecal"),)),
        (BY_PUMP, (_told("stopped", 100.0),)),
    ],
)
def test_where_nobody_said_whether_doses_were_taken_none_is_listed(
    plan: PlanFacts | None, events: tuple[Event, ...]
) -> None:
    assert _doses(*events, plan=plan) == []


@pytest.mark.parametrize("kind", ["last_dose_taken", "stopped"])
def test_doses_are_taken_for_a_fortnight_until_the_last_and_missed_from_then_until_now(kind: str) -> None:
    found = _doses(_told(kind, 90.0, route="oral"), _told(kind, 100.0))

    taken = [dose for dose in found if dose.status == "taken"]
    assert taken == [DoseFacts("oral", 100.0 - 8.0 * back, 100.0 - 8.0 * back, "taken") for back in range(A_FORTNIGHT)][::-1]  # fmt: skip
    assert found[len(taken) :] == [
        DoseFacts("oral", 108.0, None, "missed"),
        DoseFacts("oral", 116.0, None, "missed"),
    ]


def test_the_last_dose_told_of_counts_before_the_stop() -> None:
    found = _doses(_told("stopped", 110.0), _told("last_dose_taken", 100.0))

    assert _after(100.0, found) == [(108.0, "missed"), (116.0, "missed")]


@pytest.mark.parametrize("kind", ["baclofen_restarted", "oral_bridge_started"])
def test_from_a_restart_or_a_bridge_doses_are_taken_again(kind: str) -> None:
    again = _told(kind, 116.0)

    assert _after(100.0, _doses(_told("stopped", 100.0), again, now=125.0)) == [(108.0, "missed"), (116.0, "taken"), (124.0, "taken")]  # fmt: skip
    assert _doses(again, _told("stopped", 100.0), now=124.0, plan=BY_PUMP) == [
        DoseFacts("oral", due, due, "taken") for due in (116.0, 124.0)
    ]
