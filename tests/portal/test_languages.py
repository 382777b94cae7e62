import pytest
from django.conf import settings
from django.urls import reverse

pytestmark = pytest.mark.django_db


def in_language(browser, language: str, address: str) -> str:
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return browser.get(address).content.decode()


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("es", "ltr"), ("fr", "ltr"), ("ar", "rtl")])
@pytest.mark.parametrize("name", ["portal:today", "portal:log", "portal:history"])
def test_a_page_says_its_language_and_its_direction(phone, language, direction, name):
    page = in_language(phone, language, reverse(name))

    assert f'<html lang="{language}" dir="{direction}">' in page
    assert ("nhsuk-frontend.rtl.min.css" in page) is (direction == "rtl")


@pytest.mark.parametrize("language", ["es", "fr", "ar"])
def test_the_call_for_help_is_translated(client, language):
    page = in_language(client, language, reverse("account_login"))

    assert "I need help now" not in page
    assert f"tel:{settings.EMERGENCY_NUMBER}" in page


def test_the_patients_own_language_is_spoken_until_the_browser_chooses(phone, patient):
    patient.language = "ar"
    patient.save()

    assert '<html lang="ar" dir="rtl">' in phone.get(reverse("portal:today")).content.decode()
    assert '<html lang="fr" dir="ltr">' in in_language(phone, "fr", reverse("portal:today"))


def test_a_language_is_chosen_by_an_ordinary_form(phone):
    phone.post(reverse("set_language"), {"language": "es", "next": reverse("portal:today")})

    assert '<html lang="es" dir="ltr">' in phone.get(reverse("portal:today")).content.decode()
