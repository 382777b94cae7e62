from datetime import timedelta

import pytest
from django.urls import reverse

from tests.factories import NOON, CarerFactory, SymptomLogFactory
from tests.portal.pages import words

pytestmark = pytest.mark.django_db


def history(browser) -> str:
    """The list of reports below the picture and its table."""
    return words(browser.get(reverse("portal:history")).content).partition("Each report")[2]


def test_a_day_without_a_log_is_a_gap_and_never_a_good_day(phone, patient):
    SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(days=1))

    assert history(phone).count("No log. Nobody knows how this day was.") == 13


def test_a_log_is_told_in_the_words_of_the_catalogue(phone, patient):
    SymptomLogFactory(
        patient=patient,
        answers={"pruritus": 3, "confusion": 0, "anxiety": "cannot_answer"},
        vital_signs={
            "temperature_c": {
                "value": 38.5,
                "site": "mouth",
                "entered": {"value": 101.3, "unit": "degF"},
            }
        },
    )

    shown = history(phone)

    assert "Itching: Hard to ignore, scratching" in shown
    assert "Temperature: 101.3 °F, Mouth" in shown
    assert "Feeling muddled" not in shown
    assert "1 question could not be answered." in shown


def test_a_log_belongs_to_the_patients_own_day(phone, patient):
    patient.time_zone = "Pacific/Auckland"
    patient.save()
    SymptomLogFactory(patient=patient, observed_at=NOON)  # 01:00 on Saturday there

    shown = history(phone)

    assert shown.index("Saturday 21 November 01:00") < shown.index("Friday 20 November")


def test_a_replaced_log_is_shown_as_replaced(phone, patient):
    wrong = SymptomLogFactory(patient=patient, recorded_by=patient.user, answers={"confusion": 4})
    SymptomLogFactory(patient=patient, recorded_by=patient.user, supersedes=wrong, answers={"confusion": 1})

    shown = history(phone)

    assert "Put right by a later report." in shown
    assert shown.count("Feeling muddled") == 1


def test_only_ones_own_reports_are_offered_for_correction(carers_phone, patient):
    carer = CarerFactory._meta.model.objects.get(patient=patient).user
    by_patient = SymptomLogFactory(patient=patient, recorded_by=patient.user)
    by_carer = SymptomLogFactory(patient=patient, recorded_by=carer, reporter="carer")

    page = carers_phone.get(reverse("portal:person-history", args=[patient.pk])).content.decode()

    assert f"corrects={by_carer.pk}" in page
    assert f"corrects={by_patient.pk}" not in page


def test_the_number_of_queries_does_not_grow_with_the_logs(phone, patient, django_assert_max_num_queries):
    for hour in range(30):
        SymptomLogFactory(patient=patient, observed_at=NOON - timedelta(hours=hour * 8))

    with django_assert_max_num_queries(10):
        phone.get(reverse("portal:history"))
