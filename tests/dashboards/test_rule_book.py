import pytest
from django.test import Client
from django.urls import reverse

from apps.rules.catalogue import load
from tests.factories import CATALOGUE, MembershipFactory, PatientFactory

pytestmark = pytest.mark.django_db
BOOK = reverse("dashboards:rule-book")


def test_staff_read_every_rule_and_number_with_where_it_comes_from_and_what_is_open():
    client = Client()
    client.force_login(MembershipFactory().user, backend="apps.config.sign_in.PeopleBackend")
    catalogue = load(CATALOGUE)

    page = client.get(BOOK).content.decode()

    assert catalogue.version in page
    assert all(f">{rule.id}<" in page for rule in catalogue.rules)
    assert page.count("<strong>published</strong>") == sum(
        one.tag == "published" for one in (*catalogue.rules, *catalogue.values.values())
    )
    assert "1. The emergency line at 39.0 degrees when exposed" in page
    assert "temperature at least" in page.lower()


def test_patients_do_not_get_there():
    client = Client()
    client.force_login(PatientFactory(with_account=True).user, backend="apps.config.sign_in.PeopleBackend")
    assert client.get(BOOK).status_code == 404
