import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from tests.factories import PASSWORD, PatientFactory

pytestmark = pytest.mark.django_db


def test_a_patient_signs_in_and_sees_today(client):
    patient = PatientFactory(with_account=True)

    answer = client.post(
        reverse("account_login"),
        {"login": patient.user.username, "password": PASSWORD},
        follow=True,
    )

    assert answer.redirect_chain[-1][0] == reverse("portal:today")
    assert answer.status_code == 200


def test_a_wrong_password_says_so_and_keeps_the_name(client):
    answer = client.post(reverse("account_login"), {"login": "ada", "password": "MY-WRONG-GUESS"})

    page = answer.content.decode()
    assert "There is a problem" in page
    assert 'value="ada"' in page
    assert "MY-WRONG-GUESS" not in page


def test_after_too_many_wrong_passwords_the_page_says_to_call(client, settings):
    for _guess in range(settings.AXES_FAILURE_LIMIT + 1):
        answer = client.post(reverse("account_login"), {"login": "ada", "password": "MY-WRONG-GUESS"})

    page = answer.content.decode()
    assert answer.status_code == 429
    assert "Too many wrong passwords" in page
    assert f"tel:{settings.EMERGENCY_NUMBER}" in page


def test_nobody_can_make_an_account_here(client):
    assert "You cannot make an account here" in client.get(reverse("account_signup")).content.decode()


@pytest.mark.parametrize("name", ["account_login", "account_reset_password", "account_reset_password_done"])
def test_help_is_offered_before_anybody_signs_in(client, settings, name):
    assert f"tel:{settings.EMERGENCY_NUMBER}" in client.get(reverse(name)).content.decode()


def test_signing_out_asks_first_and_is_a_post(phone):
    assert phone.get(reverse("account_logout")).status_code == 200
    assert phone.get(reverse("portal:today")).status_code == 200

    phone.post(reverse("account_logout"))

    assert phone.get(reverse("portal:today")).status_code == 302


def test_a_page_that_is_not_there_says_so_and_offers_help(client, settings):
    answer = client.get("/there-is-nothing-here/")

    page = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing here" in page
    assert f"tel:{settings.EMERGENCY_NUMBER}" in page


def test_the_page_for_a_broken_server_needs_nothing_that_could_be_broken(settings):
    page = render_to_string("500.html", {})

    assert "may not have reached the ward" in page
    assert f"tel:{settings.EMERGENCY_NUMBER}" in page
