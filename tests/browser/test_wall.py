"""The wall at 1920 px: live, read from three metres, and admitting when it is not."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.monitoring.models import Heartbeat
from tests.browser.people import sign_in
from tests.browser.test_accessible import faults
from tests.browser.test_ward_board import raise_alert
from tests.factories import MembershipFactory, PatientFactory, WardFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_wall_shows_an_emergency_by_itself_and_goes_grey_when_the_feed_is_lost(live_server, new_person):
    ward = WardFactory(name="Neurology 3")
    for part in ("canary", "watch:here:1"):
        Heartbeat.objects.create(part=part, at=timezone.now())
    for bed in range(1, 13):
        PatientFactory(stay=ward, stay__bed=str(bed), family_name="Wolfeschlegelsteinhausen-Bergerdorff")
    nurse = new_person()
    sign_in(nurse, live_server.url, MembershipFactory(ward=ward).user.username)
    nurse.goto(f"{live_server.url}{reverse('dashboards:screens', args=[ward.pk])}")
    nurse.get_by_label("Where does the screen hang?").fill("Above the desk")
    nurse.get_by_role("button", name="Make a link").click()
    link = re.search(r"http\S+/wall/open/\S+", nurse.locator(".tw-letter__address").inner_text())[0]

    wall = new_person(viewport={"width": 1920, "height": 1080})
    wall.goto(link)
    wall.get_by_role("button", name="Show the board on this screen").click()
    expect(wall.locator("[data-feed]")).to_contain_text("Live, checked")
    raise_alert("9", level=3)
    expect(wall.locator("tbody tr").first).to_contain_text("Nobody")
    expect(wall.locator("tbody tr").first.locator("td").first).to_have_text("9")
    assert faults(wall) == []
    assert wall.evaluate("document.documentElement.scrollWidth <= innerWidth")

    wall.context.set_offline(True)
    expect(wall.get_by_text("NOT LIVE since")).to_be_visible()
    wall.context.set_offline(False)
    expect(wall.get_by_text("NOT LIVE since")).to_be_hidden()
