"""A nurse's whole story, by keyboard where she writes: build, sign, run, missed dose, alert, given again, recovery.
Days pass by moving what is on record back in time; alerts then come by the clock alone."""

from datetime import timedelta
from threading import Event

import pytest
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from apps.alerts.models import Alert
from apps.monitoring.clock import check_due, enrol
from apps.monitoring.models import ClockCheck
from apps.monitoring.watch import Watch
from apps.tapers.models import Dose, PlanProposal, PlanVersion, Product, TaperPlan, TaperStep
from apps.tapers.selectors import plan_at
from tests.browser.people import sign_in
from tests.factories import DutyFactory, PatientFactory, ProductFactory, UserFactory, WardFactory
from tests.journeys.reports import report

pytestmark = pytest.mark.django_db(transaction=True)
MOMENTS = {
    TaperPlan: ("created_at",),
    PlanVersion: ("effective_at", "recorded_at"),
    TaperStep: ("starts_at", "ends_at"),
    Dose: ("due_at", "taken_at", "recorded_at"),
    Alert: ("opened_at", "raised_at", "last_fired_at"),
}


def days_pass(days: int) -> None:
    """Whole days, so that a dose is still due at its time of day."""
    for model, names in MOMENTS.items():
        model.objects.update(**{name: F(name) - timedelta(days=days) for name in names})


def look_by_the_clock(patient) -> None:
    at = timezone.now()
    ClockCheck.objects.filter(patient=patient).update(due_at=at)
    enrol(at)
    while check_due(at):
        pass


def log_and_assess(patient, answers, hours_ago=0) -> None:
    """What was logged cannot be moved back, so it is logged as of then."""
    at = timezone.now()
    report(patient, at - timedelta(hours=hours_ago), answers=answers)
    Watch(lambda: at, None, Event()).run_once()


@pytest.fixture
def patient():
    now = timezone.now()
    ward = WardFactory(name="Neurology 3", time_zone="UTC")
    for name, words, job in (("amina", "Amina Yusuf", "nurse"), ("okafor", "Ben Okafor", "doctor")):
        DutyFactory(
            ward=ward,
            user=UserFactory(username=name, display_name=words),
            job=job,
            starts_at=now - timedelta(hours=4),
            ends_at=now + timedelta(hours=4),
        )
    Product.objects.all().delete()
    ProductFactory(name="Baclofen 10 mg tablet")
    return PatientFactory(stay=ward, stay__bed="4", given_name="Ada", family_name="Lovegrove", time_zone="UTC")


def to_field(nurse: Page, label: str) -> None:
    """By the Tab key alone, as somebody without a mouse gets there."""
    wanted = nurse.get_by_label(label, exact=True).first
    for _press in range(60):
        nurse.keyboard.press("Tab")
        if wanted.evaluate("(field) => field === document.activeElement"):
            return
    raise AssertionError(f"{label} cannot be reached by keyboard")


def type_into(nurse: Page, label: str, words: str) -> None:
    to_field(nurse, label)
    nurse.keyboard.press("ControlOrMeta+A")
    nurse.keyboard.type(words)


def test_a_plan_is_written_signed_missed_given_again_and_followed(live_server, patient, new_person):
    nurse, doctor = (new_person(viewport={"width": 1440, "height": 900}) for _person in range(2))
    sign_in(nurse, live_server.url, "amina")
    sign_in(doctor, live_server.url, "okafor")
    home = f"{live_server.url}/ward/patients/{patient.pk}/"

    # She writes a plan by keyboard, and sees what comes of it while she types.
    nurse.goto(f"{home}plan/edit/")
    type_into(nurse, "Baclofen is taken for", "Spasticity")
    to_field(nurse, "Taper this route")
    nurse.keyboard.press("Space")
    type_into(nurse, "Starting dose a day", "60")
    type_into(nurse, "Less each step", "30")
    type_into(nurse, "Days of each step", "14")
    type_into(nurse, "Times of day", "08:00 14:00 20:00")
    preview = nurse.locator("#preview")
    expect(preview).to_contain_text("2 × Baclofen 10 mg tablet")
    expect(preview.locator("svg")).to_be_visible()
    expect(nurse.locator("#preview-said")).to_contain_text("guard rail")
    expect(preview).to_contain_text("This is arithmetic")
    expect(preview).to_contain_text("One step takes too large a part of the dose")
    to_field(nurse, "Each reduction waits until somebody releases it")
    type_into(nurse, "Reason for this plan", "She wants to be off it before the operation.")
    nurse.keyboard.press("Tab")
    nurse.keyboard.press("Tab")
    nurse.keyboard.press("Enter")

    # It breaks a guard rail: she cannot sign it herself, and nothing is in force.
    expect(nurse.get_by_role("heading", name="Proposed, not in force")).to_be_visible()
    expect(nurse.get_by_text("You wrote this, and it breaks a guard rail")).to_be_visible()
    expect(nurse.get_by_role("button", name="Sign: put it into force")).to_have_count(0)
    assert plan_at(patient, timezone.now()) is None

    # The doctor finds it on the patient's page, and signs with a reason.
    doctor.goto(home)
    doctor.get_by_role("link", name="Plan started: Spasticity").click()
    doctor.get_by_label("Reason for your signature").fill("Watched closely, an inpatient throughout.")
    doctor.get_by_role("button", name="Sign: put it into force").click()
    expect(doctor.get_by_text("Signed. The plan is in force.")).to_be_visible()
    assert PlanProposal.objects.get().version.signature.by.username == "okafor"

    # Three days later: the dose of yesterday morning was taken, those after it were missed.
    days_pass(3)
    nurse.goto(f"{home}doses/")
    yesterday = nurse.locator(".tp-day").nth(1)
    for place, button in enumerate(("Taken then", "Missed", "Missed")):
        yesterday.locator("tbody tr").nth(place).get_by_role("button", name=button).click()
        expect(nurse.get_by_text("Kept.")).to_be_visible()
    expect(yesterday).to_contain_text("60 mg planned, 20 mg said to be taken")
    expect(yesterday.get_by_text("missed", exact=True)).to_have_count(2)

    # A day after that, with no log coming in, the clock alone calls the ward.
    days_pass(1)
    look_by_the_clock(patient)
    alert = Alert.objects.get(patient=patient, pattern="abrupt_stop")
    nurse.goto(home)
    nurse.get_by_role("link", name="Abrupt stop").first.click()
    expect(nurse.get_by_text("No log came in.")).to_be_visible()

    # She gives baclofen again: one click from the alert, and what it comes to is there before it is done.
    nurse.get_by_role("link", name="Baclofen given again").click()
    expect(nurse.get_by_label("Reason", exact=True)).not_to_have_value("")
    nurse.get_by_label("Route").select_option("oral")
    nurse.get_by_label("Another dose a day").fill("60")
    nurse.get_by_role("button", name="Show what it comes to").click()
    expect(nurse.locator(".tp-preview")).to_contain_text("60")
    nurse.get_by_role("button", name="Baclofen is given again").click()
    expect(nurse.get_by_text("Version 2 of the plan is in force.")).to_be_visible()
    alert.refresh_from_db()
    assert alert.status == Alert.Status.OPEN

    # A day on, the clock looks at her again, nobody having said how she is: the ward is called anew.
    days_pass(1)
    log_and_assess(patient, {"anxiety": 3, "tremor": 2}, hours_ago=25)
    look_by_the_clock(patient)
    assert Alert.objects.get(patient=patient, pattern="recovery").hits[0]["rule_id"] == "RECOVERY-24"
    log_and_assess(patient, {"anxiety": 1, "tremor": 0})
    nurse.goto(home)
    expect(nurse.get_by_role("heading", name="Since baclofen was given again")).to_be_visible()
    curve = nurse.get_by_role("table", name="What each log shows by itself, from a day before")
    expect(curve.locator("tbody tr")).to_have_count(2)
    expect(nurse.get_by_text("Nobody has taken it.").first).to_be_visible()

    # Another day on she is better: the look at 48 hours calls nobody, and Amina closes what is open.
    days_pass(1)
    log_and_assess(patient, {"anxiety": 0, "tremor": 0, "agitation": 0})
    look_by_the_clock(patient)
    recovery = Alert.objects.get(patient=patient, pattern="recovery")
    assert {hit["rule_id"] for hit in recovery.hits} == {"RECOVERY-24"}
    for one in Alert.objects.filter(patient=patient).exclude(status="resolved"):
        nurse.goto(f"{live_server.url}/ward/alerts/{one.pk}/")
        nurse.get_by_role("button", name="Take it").click()
        nurse.get_by_label("baclofen reinstated").check()
        nurse.get_by_role("button", name="Close with this outcome").click()
        # Until then the words "baclofen reinstated" are only what she chose.
        expect(nurse.locator("#alert-state")).to_contain_text("closed it at")
    nurse.goto(home)
    expect(nurse.get_by_text("No alert is open.")).to_be_visible()

    # And who did what, when and why is all there.
    nurse.goto(f"{home}plan/history/")
    for words in ("Amina Yusuf", "Ben Okafor", "Watched closely, an inpatient throughout.", "Overridden:"):
        expect(nurse.locator("main")).to_contain_text(words)
