import re

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from tests.browser.people import sign_in
from tests.browser.phones import SMALL, a_patient
from tests.factories import PlanFactory, make_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_plan_fits_a_small_phone(new_person, live_server, language):
    patient = a_patient()
    plan = PlanFactory(patient=patient, steps=False)
    make_version(plan, daily_doses=tuple(range(54, 2, -2)), starts_at=timezone.now())
    page = new_person(viewport=SMALL)
    sign_in(page, live_server.url, patient.user.username)
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url}])
    page.goto(f"{live_server.url}{reverse('portal:plan')}")

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".tw-plan-list > li").count() == 26


def test_a_plan_of_26_steps_prints_on_one_page(new_person, live_server):
    patient = a_patient()
    plan = PlanFactory(patient=patient, steps=False)
    make_version(plan, daily_doses=tuple(range(54, 2, -2)), starts_at=timezone.now())
    page = new_person(viewport=SMALL)
    sign_in(page, live_server.url, patient.user.username)
    page.goto(f"{live_server.url}{reverse('portal:plan')}")

    printed = page.pdf(format="A4")

    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
