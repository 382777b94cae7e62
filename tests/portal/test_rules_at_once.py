"""What the phone is given so that it can advise before anything is sent."""

import gzip
import json
import re
from html import unescape

import pytest
from django.urls import reverse

from apps.portal.translations import translated_texts
from apps.rules.catalogue import load
from apps.rules.export import export
from tests.factories import CATALOGUE, NOON, SymptomLogFactory

pytestmark = pytest.mark.django_db


def attribute(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found
    return unescape(found[1])


def address(version: str = CATALOGUE) -> str:
    return reverse("portal:rules", args=[version])


def test_anybody_may_read_the_rules_which_hold_no_health_data(client):
    answer = client.get(address())

    assert answer.status_code == 200
    assert json.loads(answer.content) == json.loads(json.dumps(export(load(CATALOGUE))))
    assert answer["Content-Type"] == "application/json"
    assert "public" in answer["Cache-Control"]
    assert "Set-Cookie" not in answer


def test_the_address_on_the_page_may_be_kept_for_a_year(phone):
    page = phone.get(reverse("portal:log")).content.decode()

    answer = phone.get(attribute(page, "catalogue"))

    assert "immutable" in answer["Cache-Control"]
    assert "immutable" not in phone.get(address())["Cache-Control"]


def test_rules_that_are_unchanged_are_not_sent_again(client):
    tag = client.get(address())["ETag"]

    assert client.get(address(), headers={"If-None-Match": tag}).status_code == 304
    assert client.get(address(), headers={"If-None-Match": '"another"'}).status_code == 200


def test_the_rules_are_sent_compressed_and_stay_small(client):
    answer = client.get(address(), headers={"Accept-Encoding": "gzip"})

    assert answer["Content-Encoding"] == "gzip"
    assert len(answer.content) < 10_000
    assert json.loads(gzip.decompress(answer.content))["version"] == CATALOGUE


@pytest.mark.parametrize("version", ["baclofen-withdrawal-1999.1", "..", "published"])
def test_rules_that_are_not_there_are_not_found(client, version):
    assert client.get(address(version)).status_code == 404


def test_the_page_holds_the_record_with_which_the_rules_compare(phone, patient):
    for days in (3, 4, 5):
        SymptomLogFactory(
            patient=patient, observed_at=NOON.replace(day=NOON.day - days), answers={"hypertonia": 3}
        )

    record = json.loads(attribute(phone.get(reverse("portal:log")).content.decode(), "record"))

    assert record["usual"] == {"hypertonia": 3}
    assert record["person"]["population"] == "adult"


def test_a_carers_page_holds_nothing_of_the_record(carers_phone, patient):
    page = carers_phone.get(reverse("portal:person-log", args=[patient.pk])).content.decode()

    assert attribute(page, "record") == "null"
    assert attribute(page, "reporter") == "carer"


def test_the_advice_stands_on_the_page_unseen_in_the_language_of_the_page(phone, settings):
    phone.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"

    page = unescape(phone.get(reverse("portal:log")).content.decode())

    sections = re.findall(r'data-advice="(\w+)"( hidden)?', page)
    assert {code for code, _ in sections} == set(load(CATALOGUE).advice)
    assert all(hidden for _, hidden in sections)
    for words in translated_texts(CATALOGUE, "fr")["advice"].values():
        assert words["headline"] in page
        assert words["text"] in page
    assert "Le service n’a pas encore ces réponses." in page
