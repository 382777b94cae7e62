"""The board's sound: silent until it was tried and heard, and it says so."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.accounts.models import User
from apps.alerts.models import Level
from apps.audit.models import AuditEvent
from tests.browser.test_ward_board import POLLS, board, raise_alert, ward  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def sounded(page: Page) -> str:
    return page.locator("[data-sound]").get_attribute("data-sounded") or ""


def arm(page: Page) -> None:
    page.get_by_role("button", name="Turn the sound on and try it").click()
    expect(page.get_by_text("Did you hear two tones?")).to_be_visible()
    page.get_by_role("button", name="Yes, I heard them").click()
    expect(page.get_by_text("Sound is on, tried at")).to_be_visible()


def wind_on(page: Page, seconds: int) -> None:
    """The page's clock, no faster than the server's answers can come: else the board rightly says that it is lost."""
    for _second in range(seconds):
        page.clock.run_for(1000)
        page.wait_for_timeout(100)


def test_a_board_says_that_it_is_silent_until_somebody_has_heard_it(board):  # noqa: F811
    expect(board.get_by_text("No sound: this screen is silent")).to_be_visible()
    board.get_by_role("button", name="Turn the sound on and try it").click()
    board.get_by_role("button", name="No", exact=True).click()
    expect(board.get_by_text("Turn up the loudspeaker")).to_be_visible()
    expect(board.get_by_text("No sound: this screen is silent")).to_be_visible()

    arm(board)

    expect(board.get_by_text("No sound: this screen is silent")).to_be_hidden()
    board.wait_for_timeout(300)
    told = AuditEvent.objects.filter(type="sound_tried").order_by("at").values_list("detail", flat=True)
    assert list(told) == [{"heard": False}, {"heard": True}]


def test_an_emergency_sounds_until_somebody_takes_it_an_urgent_alert_once_and_a_watch_never(board):  # noqa: F811
    arm(board)
    raise_alert("1", level=Level.WATCH)
    wind_on(board, 3)
    assert sounded(board) == "test 1"
    raise_alert("2", level=Level.URGENT)
    expect(board.locator("[data-urgent]")).to_have_count(1)
    wind_on(board, 12)
    assert sounded(board) == "urgent 2"

    alert = raise_alert("3", level=Level.EMERGENCY)
    wind_on(board, 2)
    expect(board.locator("[data-emergency]")).to_have_count(1)
    wind_on(board, 21)
    name, count = sounded(board).split()
    assert name == "emergency"
    assert int(count) >= 4
    type(alert).objects.filter(pk=alert.pk).update(
        status="acknowledged", acknowledged_by=board_nurse(), acknowledged_at=timezone.now(), acknowledged_level=3
    )
    wind_on(board, 2)
    expect(board.locator("[data-emergency]")).to_have_count(0)
    quiet = sounded(board)
    wind_on(board, 21)
    assert sounded(board) == quiet


def board_nurse():
    return User.objects.get(username="amina")


def test_a_board_that_is_not_live_sounds_and_after_a_shift_it_is_to_be_tried_again(board):  # noqa: F811
    arm(board)
    board.context.route(POLLS, lambda route: route.abort())
    wind_on(board, 20)
    expect(board.get_by_text("NOT LIVE since")).to_be_visible()
    assert sounded(board).startswith("lost")
    board.context.unroute(POLLS)

    board.clock.fast_forward(timedelta(hours=12).total_seconds() * 1000)

    expect(board.get_by_text("No sound: this screen is silent")).to_be_visible()
