"""A page that was opened before another catalogue was put in force, and sent after."""

import re

import pytest
from django.urls import reverse

from apps.assessments.active import forget_active
from apps.monitoring.models import AssessmentOwed
from apps.symptoms.models import SymptomLog
from tests.factories import CATALOGUE, NOON, CatalogueActivationFactory, hours
from tests.other_catalogues import NEXT, draft

pytestmark = pytest.mark.django_db
LOG = "portal:log"
RENAMED = draft().replace("pruritus", "itching_skin")


@pytest.fixture(autouse=True)
def _reads_anew(none_activated):
    forget_active()


def opened(phone):
    """What the page sends back unless somebody answers: its hidden fields."""
    page = phone.get(reverse(LOG)).content.decode()
    form = page.split(f'action="{reverse(LOG)}"')[1].split("</form>")[0]
    inputs = (found[0] for found in re.finditer(r'<input type="hidden"[^>]*>', form))
    named = ((re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs)
    return {name[1]: value[1] for name, value in named if value} | {"when": "now"}


def put_in_force(at):
    CatalogueActivationFactory(version=NEXT, activated_at=at)
    forget_active()


def test_it_is_taken_by_its_own_questions_and_looked_at_by_the_new_rules(phone, catalogues_beside):
    catalogues_beside(published=[NEXT], text=RENAMED)
    sent = opened(phone)
    assert sent["catalogue_version"] == CATALOGUE

    put_in_force(NOON - hours(1))
    answer = phone.post(reverse(LOG), sent | {"answer-pruritus": "3"})

    assert answer.status_code == 302, answer.content.decode()
    log = SymptomLog.objects.get()
    assert (log.answers, log.catalogue_version) == ({"pruritus": 3}, CATALOGUE)
    assert AssessmentOwed.objects.get().catalogue_version == NEXT
    assert phone.get(answer.url).status_code == 200


def test_a_page_opened_after_asks_the_new_questions(phone, catalogues_beside):
    catalogues_beside(published=[NEXT], text=RENAMED)
    put_in_force(NOON - hours(1))

    sent = opened(phone)
    answer = phone.post(reverse(LOG), sent | {"answer-itching_skin": "3"})

    assert (sent["catalogue_version"], answer.status_code) == (NEXT, 302)
    assert SymptomLog.objects.get().catalogue_version == NEXT


def test_a_page_that_names_a_version_that_never_was_in_force_is_read_by_the_one_that_is(phone):
    answer = phone.post(
        reverse(LOG), opened(phone) | {"catalogue_version": "../../etc/passwd", "answer-pruritus": "1"}
    )

    assert answer.status_code == 302
    assert SymptomLog.objects.get().catalogue_version == CATALOGUE
