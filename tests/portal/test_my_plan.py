import pytest
from django.urls import reverse

from tests.factories import NOON, PlanFactory, hours
from tests.portal.pages import words
from tests.tapers.plans import on_plan

pytestmark = pytest.mark.django_db


def shown(browser, **query: str) -> str:
    return words(browser.get(reverse("portal:plan"), query).content)


def test_without_a_plan_the_page_says_so_and_whom_to_call(phone):
    page = shown(phone)

    assert "The ward has not entered a plan." in page
    assert "+44 20 7946 0123" in page


def test_a_plan_that_was_closed_has_ended(phone, patient):
    PlanFactory(patient=patient, closed_at=NOON - hours(1))

    assert "The plan has ended." in shown(phone)


def test_what_is_prescribed_now_and_next_is_listed_with_each_dose_of_the_day(phone, patient):
    PlanFactory(patient=patient)
    page = shown(phone)

    assert "Now · By mouth: 50 mg a day" in page
    assert ": 40 mg a day" in page
    assert "The dose changes on" in page
    assert "60 mg a day" not in page  # that is over


def test_the_month_says_what_each_day_has_and_on_which_it_changes(phone, patient):
    PlanFactory(patient=patient)
    page = shown(phone)

    assert "19 50 mg 20 50 mg" in page
    assert "25 43.333 mg changes 26 40 mg" in page  # 08:00 of the dose before, then two of the new one
    assert "9 10 11 40 mg 12 60 mg" in page  # nothing was prescribed before the plan


def test_a_locked_step_is_told_as_one_that_waits_and_the_dose_goes_on(phone, patient):
    on_plan(patient, is_gated=True)
    page = shown(phone)

    assert "The dose stays as it is until your team lets the next step begin." in page
    assert "40 mg a day" not in page
    assert "The dose changes on" not in page


@pytest.mark.parametrize("month", ["", "nonsense", "0001-01", "9999-12", "2026-13"])
def test_an_odd_month_shows_the_present_one(phone, patient, month):
    PlanFactory(patient=patient)

    assert f"{NOON:%B %Y}" in shown(phone, month=month)


def test_a_carer_sees_the_plan_of_whom_they_care_for(carers_phone, patient):
    PlanFactory(patient=patient)

    assert "50 mg a day" in words(carers_phone.get(reverse("portal:person-plan", args=[patient.pk])).content)


def test_a_time_and_its_dose_stay_together_where_lines_run_from_right_to_left(phone, patient):
    PlanFactory(patient=patient)

    assert '<bdi dir="ltr">08:00: 16.667 mg</bdi>' in phone.get(reverse("portal:plan")).content.decode()
