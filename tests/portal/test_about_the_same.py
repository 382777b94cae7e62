"""“About the same as last time” saves the taps that are safe to save, and no other."""

import json
import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from apps.symptoms.models import SymptomLog
from tests.factories import NOON, CarerFactory, PatientFactory, SymptomLogFactory

pytestmark = pytest.mark.django_db
LOG = "portal:log"
YESTERDAY = NOON - timedelta(hours=24)
AFRESH = {
    f"answer-{code}": "0"
    for code in ("confusion", "visual_hallucinations", "severe_rigidity", "auditory_hallucinations", "myoclonus",
                 "sweating", "pruritus")
} | {"answer-seizure": "no"}  # fmt: skip


@pytest.fixture
def yesterdays(patient):
    return SymptomLogFactory(
        patient=patient,
        recorded_by=patient.user,
        observed_at=YESTERDAY,
        recorded_at=YESTERDAY,
        answers={"tremor": 2, "insomnia": 1, "headache": 3, "confusion": 1, "pruritus": 2, "nausea": "refused",
                 "seizure": False},
        vital_signs={"temperature_c": {"value": 37.0}},
        note="as ever",
    )  # fmt: skip


def offered(page: bytes) -> dict[str, str]:
    found = re.search(r'data-choices="([^"]*)"', page.decode())
    return json.loads(unescape(found[1])) if found else {}


def sent(source: SymptomLog, **answers: str) -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), "when": "now", "carried_from": str(source.pk), **answers}


def test_only_what_is_mild_and_no_sign_of_danger_is_offered(phone, yesterdays):
    page = phone.get(reverse(LOG)).content

    assert offered(page) == {"answer-tremor": "2", "answer-insomnia": "1"}


def test_without_javascript_the_server_fills_it_in_and_leaves_the_rest_open(phone, yesterdays):
    page = phone.get(reverse(LOG), {"same": str(yesterdays.pk)}).content.decode()

    checked = set(re.findall(r'name="(answer-\w+)" value="([^"]+)"[^>]*checked', page))
    assert checked == {("answer-tremor", "2"), ("answer-insomnia", "1")}
    assert f'name="carried_from" value="{yesterdays.pk}"' in page
    assert "as ever" not in page


def test_what_was_carried_over_is_marked_and_what_was_changed_is_not(phone, yesterdays):
    phone.post(reverse(LOG), sent(yesterdays, **AFRESH, **{"answer-tremor": "2", "answer-insomnia": "3"}))

    log = SymptomLog.objects.exclude(pk=yesterdays.pk).get()
    assert (log.carried_from, log.carried) == (yesterdays, ["tremor"])
    assert log.answers["insomnia"] == 3


def test_a_report_that_is_about_the_same_must_answer_what_is_never_carried_over(phone, yesterdays):
    answer = phone.post(reverse(LOG), sent(yesterdays, **AFRESH | {"answer-confusion": ""}))

    assert answer.status_code == 422
    assert b"it is asked afresh each time" in answer.content
    assert b'href="#field-answer-confusion"' in answer.content
    assert b'href="#field-answer-seizure"' not in answer.content
    assert SymptomLog.objects.count() == 1


@pytest.mark.parametrize(
    "how", [{"answer-confusion": "cannot_answer"}, {"answer-confusion": "", "why_not": "refused"}]
)
def test_a_reason_for_no_answer_is_an_answer_to_that(phone, yesterdays, how):
    assert phone.post(reverse(LOG), sent(yesterdays, **AFRESH | how)).status_code == 302


def test_a_fit_in_such_a_report_reaches_the_ward_although_other_questions_are_open(phone, yesterdays):
    answer = phone.post(reverse(LOG), sent(yesterdays, **{"answer-seizure": "yes"}))

    assert answer.status_code == 422
    assert SymptomLog.objects.exclude(pk=yesterdays.pk).get().answers == {"seizure": True}


def test_a_phone_that_asked_itself_is_not_asked_again(phone, patient, yesterdays):
    answer = phone.post(
        reverse("portal:send"),
        sent(yesterdays, **{"answer-tremor": "2"}),
        headers={"Taperwatch-Person": str(patient.user.pk)},
    )

    assert answer.status_code == 201
    assert SymptomLog.objects.exclude(pk=yesterdays.pk).get().carried == ["tremor"]


def test_nothing_is_offered_of_a_report_that_is_too_old_corrected_or_written_by_somebody_else(phone, patient):
    carer = CarerFactory(patient=patient).user
    SymptomLogFactory(
        patient=patient, recorded_by=carer, reporter="carer", observed_at=YESTERDAY, answers={"tremor": 1}
    )
    SymptomLogFactory(
        patient=patient, recorded_by=patient.user, observed_at=NOON - timedelta(hours=37), answers={"tremor": 1}
    )
    wrong = SymptomLogFactory(
        patient=patient, recorded_by=patient.user, observed_at=YESTERDAY, answers={"tremor": 1}
    )
    SymptomLogFactory(
        patient=patient,
        recorded_by=patient.user,
        observed_at=YESTERDAY - timedelta(hours=20),
        answers={"seizure": False},
        supersedes=wrong,
    )

    assert offered(phone.get(reverse(LOG)).content) == {}


@pytest.mark.parametrize("whose", ["a stranger's", "nonsense", "too old"])
def test_a_source_that_does_not_hold_is_passed_over_and_the_report_taken(phone, patient, yesterdays, whose):
    other = SymptomLogFactory(patient=PatientFactory(), observed_at=YESTERDAY, answers={"tremor": 2})
    old = SymptomLogFactory(
        patient=patient, recorded_by=patient.user, observed_at=NOON - timedelta(hours=40), answers={"tremor": 2}
    )
    named = {"a stranger's": str(other.pk), "nonsense": "../../x", "too old": str(old.pk)}[whose]

    phone.post(reverse(LOG), sent(yesterdays, **AFRESH, **{"answer-tremor": "2", "carried_from": named}))

    log = SymptomLog.objects.order_by("-recorded_at").first()
    assert (log.carried_from, log.carried, log.answers["tremor"]) == (None, [], 2)


@pytest.mark.parametrize(
    ("typed", "kept"), [("42", 42), ("", None), ("-3", None), ("1e9", None), ("999999", None)]
)
def test_how_long_it_took_is_kept_and_never_refuses_a_report(phone, patient, typed, kept):
    phone.post(
        reverse(LOG), {"client_id": str(uuid.uuid4()), "when": "now", "answer-tremor": "1", "seconds": typed}
    )

    assert SymptomLog.objects.get().filled_in_seconds == kept


def test_sent_again_with_another_time_it_is_the_same_report(phone):
    form = {"client_id": str(uuid.uuid4()), "when": "now", "answer-tremor": "1"}
    for seconds in ("20", "31"):
        assert phone.post(reverse(LOG), form | {"seconds": seconds}).status_code == 302

    assert SymptomLog.objects.get().filled_in_seconds == 20
