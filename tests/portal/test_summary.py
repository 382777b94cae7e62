import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.portal.summary import MOST_STRIPS
from apps.rules.catalogue import load
from apps.tapers.models import Dose
from tests.factories import CATALOGUE, NOON, DoseFactory, PatientFactory, PlanFactory, SymptomLogFactory
from tests.portal.pages import words

pytestmark = pytest.mark.django_db


def summary(browser) -> str:
    return words(browser.get(reverse("portal:summary")).content)


def test_it_says_who_when_by_which_clock_and_whom_to_call(phone, patient, settings):
    patient.time_zone = "Asia/Kathmandu"
    patient.save()

    text = summary(phone)

    assert patient.name in text
    assert "born 1 June 1970" in text
    assert "Made Friday 20 November 2026, 17:45 (Asia/Kathmandu)." in text
    assert "Neurology 3 · +44 20 7946 0123" in text
    assert f"Emergency {settings.EMERGENCY_NUMBER}" in text


def test_it_says_the_plan_of_today_and_when_it_changes(phone, patient):
    PlanFactory(patient=patient)

    text = summary(phone)

    assert "By mouth: 50 mg a day" in text
    assert "60 mg a day" not in text
    assert "The dose changes on Wednesday 25 November, 12:00." in text


def test_it_says_the_newest_doses_told_and_marks_those_not_taken(phone, patient):
    DoseFactory(patient=patient)
    DoseFactory(patient=patient, due_at=NOON - timedelta(hours=10), status=Dose.Status.MISSED)
    for back in range(2, 9):
        DoseFactory(patient=patient, due_at=NOON - timedelta(days=back))

    doses = summary(phone).partition("Last doses told")[2].partition("Last 14 days")[0]

    assert doses.count("Taken") == 5
    assert doses.index("Taken 08:00") < doses.index("Not taken")


def test_what_is_not_drawn_for_want_of_room_is_named_with_its_worst_words(phone, patient):
    graded = [code for code, one in load(CATALOGUE).symptoms.items() if one.measure == "severity"]
    SymptomLogFactory(patient=patient, answers=dict.fromkeys(graded, 2))
    SymptomLogFactory(patient=patient, answers=dict.fromkeys(graded, 1), observed_at=NOON - timedelta(days=1))

    page = phone.get(reverse("portal:summary")).content.decode()

    assert len(graded) > MOST_STRIPS
    assert page.count("<dt>") == MOST_STRIPS + 2  # the days, the reports, and each sign
    named = words(page.encode()).partition("Also there on some of these days:")[2]
    labels = [load(CATALOGUE).symptoms[code].label for code in graded]
    drawn = re.findall(r"<dt>(.*?)</dt>", page)[2:]
    assert all(label in named for label in labels if label not in drawn)


def test_a_sign_said_not_to_be_there_is_not_on_it(phone, patient):
    SymptomLogFactory(patient=patient, answers={"pruritus": 0, "anxiety": 1})

    page = phone.get(reverse("portal:summary")).content.decode()

    assert page.count("<dt>") == 3


def test_somebody_who_told_nothing_has_a_summary_full_of_gaps(phone):
    answer = phone.get(reverse("portal:summary"))

    text = words(answer.content)

    assert answer.content.decode().count("tw-cell--gap") == 14
    assert "The ward has no log from you yet." in text
    assert "The ward has not entered a plan." in text
    assert "Nobody has told us of a dose taken yet." in text
    assert "If you are ill or worried, call" in text


def test_nothing_of_another_patient_is_on_it(phone, patient):
    other = PatientFactory(stay=patient.stays.get().ward, given_name="Zenobia")
    PlanFactory(patient=other)
    DoseFactory(patient=other)
    SymptomLogFactory(patient=other)

    text = summary(phone)

    assert "Zenobia" not in text
    assert "mg a day" not in text
    assert "Nobody has told us of a dose taken yet." in text


def test_a_carer_prints_it_for_the_person_they_care_for(carers_phone, patient):
    answer = carers_phone.get(reverse("portal:person-summary", args=[patient.pk]))

    assert patient.name in answer.content.decode()
