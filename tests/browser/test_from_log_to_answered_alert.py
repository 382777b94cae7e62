"""The whole story: two people, two browsers, and everything between them real."""

import re
import socket
import sys
from datetime import timedelta

import pytest
import requests
from django.utils import timezone
from playwright.sync_api import expect

from apps.alerts.models import Alert
from apps.audit.models import AuditEvent
from apps.core.embedded.local import PROJECT_ROOT
from apps.monitoring.models import Heartbeat
from apps.symptoms.models import SymptomLog
from tests.browser.people import choose, sign_in
from tests.factories import (
    DutyFactory,
    PatientFactory,
    PlanFactory,
    UserFactory,
    WardFactory,
    make_version,
)
from tests.journeys.ground import Ground, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

PROMISED_S = 2.0
NOTE_WHEN_SEEN = """
(pattern) => {
    const look = () => {
        const row = document.querySelector("tr[data-emergency]");
        if (row && row.textContent.includes(pattern) && !window.seenAt) window.seenAt = Date.now();
    };
    new MutationObserver(look).observe(document.querySelector("#board"), {subtree: true, childList: true});
}
"""


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


def start_everything(ground: Ground) -> str:
    """Broker, worker, watch and web server, as `make run` starts them; the address."""
    port = free_port()
    address = f"http://localhost:{port}"
    made = ground._start([sys.executable, str(PROJECT_ROOT / "manage.py"), "collectstatic", "--noinput"])
    ground.broker()
    ground.worker()
    ground.watch()
    assert made.wait(60) == 0
    ground._start(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", "apps.config.wsgi:application",
            "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "4", "--no-ws",
        ],
        TAPERWATCH_PROCESS="web",
    )  # fmt: skip
    wait_until(lambda: answers(address), "the web server's start")
    wait_until(Heartbeat.objects.filter(part="canary").exists, "the first test log through the queue")
    return address


@pytest.fixture
def patient():
    """Two days after a step down, in bed 4 of a ward whose nurse Amina is on duty."""
    now = timezone.now()
    ward = WardFactory(name="Neurology 3")
    DutyFactory(
        ward=ward,
        user=UserFactory(username="amina", display_name="Amina Yusuf"),
        starts_at=now - timedelta(hours=4),
        ends_at=now + timedelta(hours=4),
    )
    patient = PatientFactory(
        with_account=True, stay=ward, stay__bed="4", given_name="Ada", family_name="Lovegrove"
    )
    # Entered a few hours ago, so that nobody waits for a log yet.
    plan = PlanFactory(patient=patient, steps=False, created_at=now - timedelta(hours=9))
    make_version(plan, starts_at=now - timedelta(days=9))
    return patient


def test_a_patient_with_fever_and_stiff_muscles_is_seen_taken_and_answered(ground, patient, new_person):
    address = start_everything(ground)

    # The nurse has the board open, and it claims nothing that it does not know.
    nurse = new_person(viewport={"width": 1440, "height": 900})
    sign_in(nurse, address, "amina")
    row = nurse.get_by_role("row", name="Ada Lovegrove")
    expect(row).to_contain_text("No open alert · no log yet")
    expect(nurse.locator("[data-feed]")).to_contain_text("Live, checked")
    nurse.evaluate(NOTE_WHEN_SEEN, "High temperature and rigidity")

    # The patient says how they are.
    phone = new_person(viewport={"width": 360, "height": 740})
    sign_in(phone, address, patient.user.username)
    phone.get_by_role("link", name="Log how I am").first.click()
    choose(phone, "severe_rigidity", "Hard to bend, needs help")
    phone.locator("[name=value-temperature_c]").fill("39.4")
    phone.locator("[name=site-temperature_c]").select_option("ear")
    phone.get_by_role("button", name="Send to the ward").click()

    # At once, and whatever the ward does: what to do now.
    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    expect(phone.get_by_role("link", name=re.compile("Call the emergency number"))).to_have_attribute(
        "href", "tel:112"
    )
    expect(phone.locator("#status")).to_contain_text("Nobody has told us yet that they have seen it")

    # On the board within two seconds of the log, first of all, with the reasons.
    expect(row).to_contain_text("Emergency")
    log = SymptomLog.objects.get(patient=patient)
    took = nurse.evaluate("window.seenAt") / 1000 - log.recorded_at.timestamp()
    print(f"log to board: {took:.2f} s")
    assert 0 < took <= PROMISED_S
    assert nurse.locator("tbody tr").first.get_attribute("id") == row.get_attribute("id")
    expect(row).to_contain_text("High temperature and rigidity")
    expect(row).to_contain_text("Temperature: 39.4 °C (ear)")
    expect(row).to_contain_text("hard to bend, needs help")
    expect(row).to_contain_text("Nobody")
    expect(nurse.locator("[data-announce]")).to_contain_text(
        "Emergency, nobody has taken it: bed 4, Ada Lovegrove"
    )

    # The full assessment comes through the queue and joins the explanation.
    wait_until(
        Alert.objects.filter(pattern="hyperthermia", assessment__isnull=False).exists, "the full assessment"
    )
    row.get_by_role("link", name="High temperature and rigidity").click()
    why = nurse.locator("section", has=nurse.get_by_role("heading", name="Why"))
    expect(why).to_contain_text("at least 38.5 °C")
    expect(why).to_contain_text("baclofen-withdrawal-2026.2")
    expect(nurse.get_by_text("After a change of supply within 10 days: may be withdrawal.")).to_be_visible()

    # She takes it; the patient's page says by itself that a person has seen it.
    nurse.get_by_role("button", name="Take it").click()
    expect(nurse.locator("#alert-state")).to_contain_text("Amina Yusuf took it at")
    expect(phone.locator("#status")).to_contain_text("Amina from the ward took it at")

    # A false alarm without a reason is not accepted; an outcome closes it.
    nurse.get_by_label("false alarm").check()
    nurse.get_by_role("button", name="Close with this outcome").click()
    expect(nurse.get_by_role("alert")).to_contain_text("Say why")
    nurse.get_by_label("baclofen reinstated").check()
    nurse.get_by_role("button", name="Close with this outcome").click()
    expect(nurse.locator("#alert-state")).to_contain_text("closed it at")
    expect(nurse.locator("#alert-state")).to_contain_text("baclofen reinstated")

    alert = Alert.objects.get(pattern="hyperthermia")
    assert (alert.status, alert.outcome) == (Alert.Status.RESOLVED, Alert.Outcome.REINSTATED)
    assert (
        AuditEvent.objects.filter(type=AuditEvent.Type.ALERT_ACKNOWLEDGED, subject_id=str(alert.pk)).count() == 1
    )
