"""Two nurses and one alert; a worker that dies under an open board. Everything between them is real."""

import signal
import time

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.monitoring.models import Heartbeat
from tests.browser.people import sign_in
from tests.browser.test_from_log_to_answered_alert import start_everything
from tests.factories import AlertFactory, MembershipFactory, PatientFactory, UserFactory, WardFactory

pytestmark = pytest.mark.django_db(transaction=True)

WARD_SCREEN = {"width": 1440, "height": 900}
PROMISED_S = 30.0


@pytest.fixture
def ward():
    ward = WardFactory(name="Neurology 3")
    for username, name in (("amina", "Amina Yusuf"), ("ben", "Ben Okafor")):
        MembershipFactory(ward=ward, user=UserFactory(username=username, display_name=name))
    PatientFactory(stay=ward, stay__bed="4", given_name="Ada", family_name="Lovegrove")
    return ward


@pytest.fixture
def alert(ward):
    for part in ("canary", "watch:here:1"):
        Heartbeat.objects.create(part=part, at=timezone.now())
    return AlertFactory(patient=ward.stays.get().patient, opened_at=timezone.now())


def board_of(new_person, address: str, username: str) -> Page:
    page: Page = new_person(viewport=WARD_SCREEN)
    sign_in(page, address, username)
    return page


def test_of_two_nurses_who_take_one_alert_the_first_has_it_and_both_see_who_goes(alert, live_server, new_person):
    amina, ben = (board_of(new_person, live_server.url, name) for name in ("amina", "ben"))
    for page in (amina, ben):
        expect(page.get_by_role("button", name="Take")).to_be_visible()
    # Ben's board has not heard of it yet when he presses.
    ben.route("**/ward/*/?v=*", lambda route: route.abort())

    amina.get_by_role("button", name="Take").click()
    expect(amina.locator("#alert-state")).to_contain_text("Amina Yusuf took it at")
    ben.get_by_role("button", name="Take").click()

    expect(ben.locator("#alert-state")).to_contain_text("Amina Yusuf took it at")
    ben.unroute("**/ward/*/?v=*")
    ben.goto(f"{live_server.url}/ward/")
    row = ben.get_by_role("row", name="Ada Lovegrove")
    expect(row).to_contain_text("Amina Yusuf")
    expect(row.get_by_role("button", name="Take")).to_have_count(0)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by.username) == (Alert.Status.ACKNOWLEDGED, "amina")
    assert AuditEvent.objects.filter(type=AuditEvent.Type.ALERT_ACKNOWLEDGED).count() == 1


def test_a_board_says_within_half_a_minute_that_the_worker_died_and_takes_it_back(ground, ward, new_person):
    address = start_everything(ground)
    (worker,) = (process for process in ground.started if "worker" in process.args)
    board = board_of(new_person, address, "amina")
    expect(board.locator("[data-feed]")).to_contain_text("Live, checked")
    silent = board.get_by_text("The worker is silent.")
    expect(silent).to_have_count(0)

    worker.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    expect(silent).to_be_visible(timeout=60_000)
    took = time.monotonic() - killed
    print(f"worker killed to board: {took:.1f} s")
    assert took <= PROMISED_S

    ground.worker()
    expect(silent).to_have_count(0, timeout=60_000)
    expect(board.get_by_text("No open alert")).to_be_visible()


def test_with_the_arrow_keys_a_nurse_goes_from_patient_to_patient(alert, ward, live_server, new_person):
    for bed in (5, 6):
        PatientFactory(stay=ward, stay__bed=str(bed), given_name="Bed", family_name=f"Number{bed}")
    board = board_of(new_person, live_server.url, "amina")
    rows = board.locator("tbody tr")
    expect(rows).to_have_count(3)

    rows.nth(0).get_by_role("button", name="Take").focus()
    for place in (1, 2, 2, 1):
        board.keyboard.press("ArrowUp" if place == 1 and _focused(board) == 2 else "ArrowDown")
        assert _focused(board) == place


def _focused(board: Page) -> int:
    place: int = board.evaluate(
        "[...document.querySelectorAll('tbody tr')].findIndex((row) => row.contains(document.activeElement))"
    )
    return place
