"""What a board does when the feed stops, lies or comes back, in a real browser."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.alerts.models import Alert
from apps.monitoring.models import Heartbeat
from apps.patients.models import Patient, Stay
from tests.browser.people import sign_in
from tests.factories import (
    AlertFactory,
    MembershipFactory,
    PatientFactory,
    PlanFactory,
    UserFactory,
    WardFactory,
    make_version,
)

pytestmark = pytest.mark.django_db(transaction=True)

POLLS = "**/ward/*/?v=*"


@pytest.fixture
def ward():
    ward = WardFactory(name="Neurology 3")
    MembershipFactory(ward=ward, user=UserFactory(username="amina", display_name="Amina Yusuf"))
    for part in ("canary", "watch:here:1"):
        Heartbeat.objects.create(part=part, at=timezone.now())
    for bed in range(1, 31):
        PatientFactory(stay=ward, stay__bed=str(bed))
    return ward


@pytest.fixture
def board(ward, live_server, new_person):
    """The nurse's board, with a clock that can be wound on."""
    page: Page = new_person(viewport={"width": 1440, "height": 900})
    sign_in(page, live_server.url, "amina")
    page.clock.install()
    page.reload()
    expect(page.locator("[data-feed]")).to_contain_text("Live, checked")
    return page


def raise_alert(bed: str = "30", **given):
    at = timezone.now()
    patient = Stay.objects.get(bed=bed).patient
    return AlertFactory(patient=patient, opened_at=at, **given)


def expect_not_live(board: Page) -> None:
    expect(board.get_by_text("NOT LIVE since")).to_be_visible()
    expect(board.locator("#board")).to_have_class("tb tb--stale")


def expect_live(board: Page) -> None:
    expect(board.get_by_text("NOT LIVE since")).to_be_hidden()
    expect(board.locator("#board")).to_have_class("tb")


def test_a_board_whose_server_is_gone_says_so_within_15_seconds_and_not_before(board):
    board.route(POLLS, lambda route: route.abort())
    board.clock.fast_forward(13_000)
    expect_live(board)

    board.clock.fast_forward(2_500)

    expect_not_live(board)
    expect(board.locator("[data-feed]")).to_contain_text("No answer for")


def test_a_board_whose_server_fails_says_so(board):
    board.route(POLLS, lambda route: route.fulfill(status=500, body="oops"))
    board.clock.fast_forward(16_000)

    expect_not_live(board)


def test_a_board_that_gets_the_same_old_answer_again_and_again_says_so(board):
    stood_still = board.locator("#board").get_attribute("data-board-at")
    board.route(POLLS, lambda route: route.fulfill(status=204, headers={"X-Board-At": stood_still}))
    board.clock.fast_forward(16_000)

    expect_not_live(board)


def test_a_page_put_in_place_of_the_board_never_gets_into_it(board):
    board.route(
        POLLS, lambda route: route.fulfill(status=200, content_type="text/html", body="<p>Pay for the network</p>")
    )
    board.clock.fast_forward(16_000)

    expect_not_live(board)
    expect(board.get_by_text("Pay for the network")).to_have_count(0)
    expect(board.locator("tbody tr")).to_have_count(30)


def test_a_board_that_was_signed_out_says_so_and_keeps_what_it_had(board):
    board.context.clear_cookies()
    expect(board.get_by_text("You are signed out. Sign in again.")).to_be_attached()
    board.clock.fast_forward(16_000)

    expect_not_live(board)
    expect(board.get_by_role("link", name="You are signed out. Sign in again.")).to_be_visible()
    expect(board.locator("tbody tr")).to_have_count(30)


def test_a_board_comes_back_by_itself(board):
    board.route(POLLS, lambda route: route.abort())
    board.clock.fast_forward(16_000)
    expect_not_live(board)
    raise_alert()

    board.unroute(POLLS)

    expect_live(board)
    expect(board.locator("tbody tr").first).to_contain_text("Emergency")


def test_a_wall_clock_set_back_hides_nothing(board):
    board.route(POLLS, lambda route: route.abort())
    board.evaluate("const real = Date.now; Date.now = () => real.call(Date) - 3600000")
    board.clock.fast_forward(16_000)

    expect_not_live(board)


def test_a_new_emergency_is_announced_once_and_by_name(board):
    raise_alert("30")
    expect(board.locator("tbody tr").first).to_contain_text("Emergency")
    announced = board.locator("[data-announce]")
    expect(announced).to_contain_text("bed 30")

    board.evaluate("document.querySelector('[data-announce]').textContent = ''")
    raise_alert("29", level=1)
    expect(board.locator("tbody tr").nth(1)).to_contain_text("Watch")

    expect(announced).to_be_empty()


def test_where_somebody_was_in_the_page_is_kept_when_the_board_changes(board):
    link = board.locator("tbody tr").nth(25).locator("th a")
    link.focus()
    name = link.get_attribute("id")
    before = link.bounding_box()["y"]

    raise_alert("30")
    expect(board.locator("tbody tr").first).to_contain_text("Emergency")

    assert board.evaluate("document.activeElement.id") == name
    assert board.evaluate("window.scrollY") > 0
    assert abs(board.locator(f"#{name}").bounding_box()["y"] - before) <= 2


def test_whoever_looks_at_the_top_sees_a_new_emergency_there(board):
    raise_alert("30")
    expect(board.locator("tbody tr").first).to_contain_text("Emergency")

    assert board.evaluate("window.scrollY") == 0
    expect(board.locator("tbody tr").first).to_be_in_viewport()


def test_taking_from_the_board_leads_to_the_alert(board):
    alert = raise_alert()

    board.get_by_role("button", name="Take").click()

    expect(board.locator("#alert-state")).to_contain_text("Amina Yusuf took it at")
    assert Alert.objects.get(pk=alert.pk).acknowledged_by.username == "amina"


def test_without_javascript_the_board_is_read_and_an_alert_is_taken(ward, live_server, new_person):
    alert = raise_alert()
    page = new_person(java_script_enabled=False)
    sign_in(page, live_server.url, "amina")

    expect(page.locator("tbody tr").first).to_contain_text("Emergency")
    page.get_by_role("button", name="Take").first.click()

    expect(page.locator("#alert-state")).to_contain_text("Amina Yusuf took it at")
    assert Alert.objects.get(pk=alert.pk).acknowledged_by.username == "amina"


@pytest.mark.parametrize("width", [360, 800, 1100, 1440, 1920])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_board_fits_its_screen(ward, live_server, new_person, width, language):
    Patient.objects.filter(stays__bed="3").update(
        given_name="Maximiliana-Theodora", family_name="von Hohenzollern-Sigmaringen-Wolkenstein"
    )
    plan = PlanFactory(patient=Patient.objects.get(stays__bed="4"), steps=False)
    make_version(plan, route="intrathecal", daily_doses=("1234.567", "1200"), starts_at=timezone.now())
    raise_alert("3")
    page = new_person(viewport={"width": width, "height": 900})
    sign_in(page, live_server.url, "amina")
    page.context.add_cookies([{"name": "taperwatch-language", "value": language, "url": live_server.url}])
    page.reload()

    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    first = page.locator("tbody tr").first.bounding_box()
    assert first["y"] < 500  # who needs her is on the first screen
