"""The timeline in a real browser: drawn, moved through by keyboard, slid back in time, printed, and without a script."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.rules.catalogue import load
from tests.browser.people import sign_in
from tests.browser.phones import SMALL
from tests.browser.test_accessible import faults
from tests.dashboards.timelines import eventful
from tests.factories import (
    CATALOGUE,
    DutyFactory,
    PatientFactory,
    PlanFactory,
    SymptomLogFactory,
    UserFactory,
    WardFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
WIDE = {"width": 1440, "height": 900}
LANES = ["Dose by mouth (mg a day)", "Doses, plan, pump", "Watch windows", "Alerts", "Symptoms", "Temperature (°C)",
         "Pulse, breathing (/min)", "Blood pressure (mmHg)", "Oxygen saturation (%)", "Notes"]  # fmt: skip
COLOURS_OF = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height), found = new Set();
  for (let place = 0; place < data.length; place += 4) found.add(`${data[place]},${data[place + 1]},${data[place + 2]}`);
  return [...found];
}"""
WORST = "122,20,8"
"""Grade 4, as static/css/timeline.css has it."""


@pytest.fixture
def nurse():
    return DutyFactory(ward=WardFactory(name="Neurology 3"), user=UserFactory(display_name="Amina Yusuf")).user


@pytest.fixture
def patient(nurse):
    now = timezone.now()
    ward = nurse.memberships.get().ward
    came = now - timedelta(days=14)
    patient = PatientFactory(
        stay=ward,
        stay__admitted_at=came,
        registered_at=came,
        has_pump=True,
        given_name="Ada",
        family_name="Lovegrove",
    )
    eventful(patient, nurse, now)
    return patient


@pytest.fixture
def shown(patient, nurse, live_server, new_person):
    def open_at(viewport=WIDE, query="", **options):
        page = new_person(viewport=viewport, **options)
        sign_in(page, live_server.url, nurse.username)
        page.goto(f"{live_server.url}{reverse('dashboards:timeline', args=[patient.pk])}{query}")
        return page

    return open_at


def lane(page, title):
    return page.locator(".tt-panel", has=page.locator(".tt-head", has_text=title))


def test_every_lane_is_drawn_and_the_worst_grade_has_its_colour(shown):
    page = shown()

    expect(page.locator(".tt-head")).to_have_text(LANES)
    assert WORST in lane(page, "Symptoms").locator("canvas").evaluate(COLOURS_OF)
    assert WORST not in lane(page, "Notes").locator("canvas").evaluate(COLOURS_OF)
    expect(page.locator(".tt-label", has_text="Confusion")).to_be_visible()


def test_arrow_keys_move_through_time_and_what_is_there_is_read_out(shown):
    page = shown()
    slider, said, pin = (
        page.get_by_label("Move through time"),
        page.locator("[role=status][data-said]"),
        page.locator(".tt-pin"),
    )
    expect(said).to_contain_text("log: ")
    before = pin.bounding_box()["x"]

    slider.press("Home")
    expect(said).to_contain_text("gap: no log for")
    slider.press("ArrowRight")
    expect(said).to_contain_text("plan: version 1: plan started")
    assert pin.bounding_box()["x"] < before
    assert slider.get_attribute("aria-valuetext") in said.inner_text()
    for _press in range(3):
        slider.press("ArrowRight")
    expect(said).to_contain_text("taken as planned")


def test_a_press_on_the_drawing_reads_out_what_is_nearest_and_leads_to_the_alert(shown, patient):
    page = shown(query="?period=48h")
    over = lane(page, "Alerts").locator(".u-over")
    box = over.bounding_box()

    # The alert was raised 30 hours ago; the axis begins 48 hours before this hour and ends six after it.
    over.click(position={"x": box["width"] * (48 - 30 + timezone.now().minute / 60) / 54, "y": 5})
    page.locator("[data-said]").get_by_role("link", name="urgent, Delirium: raised").click()

    expect(page).to_have_url(re.compile(str(patient.alerts.get(pattern="delirium").pk)))


def test_sliding_back_shows_what_was_known_then_and_the_slider_keeps_the_keyboard(shown):
    page = shown()
    slide = page.get_by_label("Slide to what was known before")
    expect(page.get_by_text("all that is known now")).to_be_visible()

    slide.press("ArrowLeft")
    slide.press("ArrowLeft")

    expect(page.get_by_text("As it was known at").first).to_be_visible()
    expect(page).to_have_url(re.compile("known_at="))
    expect(slide).to_be_focused()
    slide.press("End")
    expect(page.get_by_text("all that is known now")).to_be_visible()
    expect(page).not_to_have_url(re.compile("known_at="))


def test_it_prints_on_one_sheet_of_a4_drawn_for_paper(shown):
    page = shown(query="?period=taper")
    expect(page.locator(".tt-head")).to_have_text(LANES)
    page.evaluate(
        """addEventListener("beforeprint", () => { window.onPaper = [...document.querySelectorAll(".tt canvas")].length; })"""
    )

    printed = page.pdf(prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    assert [round(float(side)) for side in re.search(rb"/MediaBox\s*\[([^]]*)\]", printed)[1].split()] == [
        0,
        0,
        842,
        595,
    ]
    assert page.evaluate("window.onPaper") == len(LANES)
    assert len(re.findall(rb"/Subtype\s*/Image", printed)) >= len(LANES)
    expect(page.locator("body")).not_to_have_class(re.compile("tt-paper"))


def test_so_does_a_quarter_of_a_year_with_every_symptom_there(nurse, live_server, new_person):
    now = timezone.now()
    came = now - timedelta(days=90)
    patient = PatientFactory(stay=nurse.memberships.get().ward, stay__admitted_at=came, registered_at=came)
    PlanFactory(patient=patient, created_at=came, steps__starts_at=came, steps__step_days=14)
    graded = [one.code for one in load(CATALOGUE).symptoms.values() if one.measure == "severity"]
    for day in range(90):
        at = came + timedelta(days=day)
        SymptomLogFactory(
            patient=patient,
            observed_at=at,
            answers={code: (day + place) % 5 for place, code in enumerate(graded)},
            vital_signs={"temperature_c": {"value": 36.5 + day % 3}, "gcs": {"value": 15 - day % 2}},
        )
    page = new_person(viewport=WIDE)
    sign_in(page, live_server.url, nurse.username)
    page.goto(f"{live_server.url}{reverse('dashboards:timeline', args=[patient.pk])}?period=taper")
    expect(page.locator(".tt-label")).to_have_count(len(graded) + 4)

    printed = page.pdf(prefer_css_page_size=True, print_background=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_without_a_script_the_page_is_the_table(shown):
    page = shown(java_script_enabled=False)

    expect(page.get_by_role("heading", name="The same as a table")).to_be_visible()
    expect(page.locator("[data-timeline]")).to_be_hidden()
    expect(page.get_by_role("row", name=re.compile("emergency, Delirium: taken Amina Yusuf"))).to_be_visible()
    page.get_by_label("48 hours").check()
    page.get_by_label("As known at").fill((timezone.localtime() - timedelta(hours=27)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("row", name=re.compile("urgent, Delirium: raised"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("emergency, Delirium"))).to_have_count(0)


def test_a_telephone_scrolls_the_lanes_and_keeps_their_names(shown):
    page = shown(viewport=SMALL)
    page.get_by_label("Move through time").press("Home")

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    scroll = page.locator("[data-panels]")
    assert scroll.evaluate("(one) => one.scrollWidth > one.clientWidth")
    name = page.locator(".tt-label", has_text="Confusion")
    before = name.bounding_box()["x"]
    scroll.evaluate("(one) => { one.scrollLeft = 300; }")
    assert name.bounding_box()["x"] == before


def test_drawn_it_breaks_no_rule_of_wcag(shown):
    page = shown()
    expect(page.locator(".tt-head")).to_have_text(LANES)

    assert faults(page) == []
