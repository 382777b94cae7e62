"""What a phone asks and sends by itself: who is signed in, one report, and what became of it."""

import re
from base64 import b64decode
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.alerts.services import acknowledge_alert
from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.portal.phone_keys import sealing_keys
from apps.symptoms.models import SymptomLog
from tests.factories import NOON, MembershipFactory, PatientFactory, SymptomLogFactory, UserFactory, hours
from tests.portal.pages import words

pytestmark = pytest.mark.django_db

SEND = reverse("portal:send")
WHO = reverse("portal:who")


def filled_in(**answers):
    return {"client_id": str(uuid4()), "when": "now", "answer-confusion": "1"} | answers


def send(phone, patient, form, *, made: datetime | None = None, **headers):
    headers = {"Taperwatch-Person": str(patient.user_id)} | headers
    if made is not None:
        headers["Taperwatch-Made"] = str(int(made.timestamp() * 1000))
    return phone.post(SEND, form, headers=headers)


def test_a_report_is_taken_in_and_says_when(phone, patient):
    answer = send(phone, patient, filled_in())

    log = SymptomLog.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "state": "received",
        "log": str(log.pk),
        "received_at": NOON.isoformat(),
        "seen_at": None,
        "seen_by": "",
        "address": reverse("portal:receipt", args=[log.pk]),
    }


def test_the_same_report_sent_again_is_the_same(phone, patient):
    form = filled_in()
    first = send(phone, patient, form, made=NOON - hours(1))
    again = send(phone, patient, form, made=NOON - hours(1))

    assert again.status_code == 200
    assert again.json() == first.json()
    assert SymptomLog.objects.count() == 1


def test_a_report_that_comes_late_keeps_the_moment_at_which_it_was_written(phone, patient):
    send(phone, patient, filled_in(), made=NOON - hours(5))

    log = SymptomLog.objects.get()
    assert log.observed_at == NOON - hours(5)
    assert log.recorded_at == NOON


@pytest.mark.parametrize("claimed", [NOON + timedelta(days=400), None])
def test_a_clock_that_is_ahead_or_says_nothing_puts_no_report_into_the_future(phone, patient, claimed):
    assert send(phone, patient, filled_in(), made=claimed).status_code == 201
    assert SymptomLog.objects.get().observed_at == NOON


def test_a_clock_nobody_can_read_is_passed_over(phone, patient):
    assert send(phone, patient, filled_in(), **{"Taperwatch-Made": "yesterday"}).status_code == 201
    assert SymptomLog.objects.get().observed_at == NOON


def test_what_cannot_be_taken_is_named_field_by_field_and_nothing_is_stored(phone, patient):
    answer = send(phone, patient, filled_in(**{"value-temperature_c": "warm"}))

    assert answer.status_code == 422
    assert answer.json()["state"] == "refused"
    assert [problem["field"] for problem in answer.json()["problems"]] == ["field-value-temperature_c"]
    assert not SymptomLog.objects.exists()


def test_the_dangerous_part_of_a_report_that_cannot_be_taken_reaches_the_ward(phone, patient):
    answer = send(phone, patient, filled_in(**{"answer-seizure": "yes", "value-temperature_c": "warm"}))

    assert answer.status_code == 422
    assert answer.json()["rescued"] is True
    assert Alert.objects.filter(patient=patient).exists()


def test_a_report_of_somebody_else_is_not_taken_for_that_of_who_is_signed_in(phone):
    other = PatientFactory(with_account=True)

    answer = send(phone, other, filled_in())

    assert answer.status_code == 409
    assert not SymptomLog.objects.exists()


def test_a_report_needs_the_token_of_the_page(patient, noon):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(patient.user)
    headers = {"Taperwatch-Person": str(patient.user_id)}

    assert strict.post(SEND, filled_in(), headers=headers).status_code == 403
    token = strict.get(WHO).json()["csrf"]
    assert strict.post(SEND, filled_in(), headers=headers | {"X-CSRFToken": token}).status_code == 201


def test_whoever_is_signed_out_is_told_so(client):
    assert client.get(WHO).status_code == 401
    assert client.post(SEND, filled_in()).status_code == 302


def test_ward_staff_get_no_key(client):
    client.force_login(UserFactory(role=User.Role.STAFF))

    assert client.get(WHO).status_code == 401


def test_answers_left_unfinished_say_so_to_the_ward(phone, patient):
    form = filled_in(note="I feel odd")
    for _ in range(2):
        send(phone, patient, form, **{"Taperwatch-Unfinished": "1"})

    note = SymptomLog.objects.get().note
    assert note.startswith("Not finished")
    assert note.endswith("I feel odd")


def test_a_carer_sends_for_the_person_they_care_for(carers_phone, patient):
    carer = patient.carers.get().user
    address = reverse("portal:person-send", args=[patient.pk])

    answer = carers_phone.post(address, filled_in(), headers={"Taperwatch-Person": str(carer.pk)})

    assert answer.status_code == 201
    assert SymptomLog.objects.get().reporter == "carer"
    assert answer.json()["address"].startswith(f"/my/people/{patient.pk}/")


def test_each_person_has_a_key_of_their_own_and_the_earlier_secret_still_opens(patient, settings):
    settings.SECRET_KEY_FALLBACKS = ["the secret of last year"]
    mine, theirs = sealing_keys(patient.user), sealing_keys(UserFactory())
    now_earlier = mine[1]

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the secret of last year", []

    assert len({*mine, *theirs}) == 4
    assert {len(b64decode(key)) for key in mine} == {32}
    assert sealing_keys(patient.user) == [now_earlier]


def test_a_report_is_seen_once_somebody_on_the_ward_has_opened_the_persons_page(phone, patient):
    nurse = MembershipFactory(ward=patient.stays.get().ward, user__display_name="Amina Okafor").user
    early, late = (
        SymptomLogFactory(patient=patient, recorded_by=patient.user, recorded_at=NOON - hours(back))
        for back in (3, 1)
    )
    record_event(
        AuditEvent.Type.PATIENT_VIEWED,
        subject=patient,
        by=nurse,
        at=NOON - hours(2),
        patient_id=patient.pk,
        detail={"door": "ward", "page": "patient"},
    )

    told = phone.get(WHO, {"of": f"{early.pk},{late.pk},nonsense"}).json()["receipts"]

    assert told[str(early.pk)]["seen_by"] == "Amina"
    assert told[str(early.pk)]["seen_at"] == (NOON - hours(2)).isoformat()
    assert told[str(late.pk)]["seen_at"] is None


def test_ones_own_look_and_that_of_a_machine_are_not_the_wards(phone, patient):
    log = SymptomLogFactory(patient=patient, recorded_by=patient.user, recorded_at=NOON - hours(1))
    phone.get(reverse("portal:today"))

    assert phone.get(WHO, {"of": str(log.pk)}).json()["receipts"][str(log.pk)]["seen_at"] is None


def test_taking_the_alert_of_a_report_is_seeing_it(phone, patient):
    nurse = MembershipFactory(ward=patient.stays.get().ward, user__display_name="Amina Okafor").user
    sent = send(phone, patient, filled_in(**{"answer-seizure": "yes"})).json()
    acknowledge_alert(alert=Alert.objects.get(), by=nurse, at=NOON + hours(0.1))

    told = phone.get(WHO, {"of": sent["log"]}).json()["receipts"]

    assert told[sent["log"]]["seen_by"] == "Amina"


def test_nobody_is_told_of_reports_that_they_did_not_send(phone):
    log = SymptomLogFactory()

    assert phone.get(WHO, {"of": str(log.pk)}).json()["receipts"] == {}


@pytest.mark.parametrize("page", ["portal:help", "portal:phone"])
def test_the_copy_that_a_phone_keeps_names_nobody(phone, patient, page):
    kept = phone.get(reverse(page), {"in": "fr"})

    assert b'lang="fr"' in kept.content
    assert kept["Cache-Control"] == "no-cache"
    assert str(patient.user_id).encode() not in kept.content
    assert b"+44 20 7946 0123" not in kept.content


def test_the_page_of_help_names_the_ward_of_whoever_asks_and_works_without_signing_in(phone, client):
    assert "+44 20 7946 0123" in words(phone.get(reverse("portal:help")).content)
    assert "Call the emergency number" in words(client.get(reverse("portal:help")).content)


def test_pages_hold_no_key(phone, patient):
    for page in ("portal:today", "portal:log", "portal:history"):
        content = phone.get(reverse(page)).content.decode()
        assert not any(key in content for key in sealing_keys(patient.user))
        assert re.search(rf'data-person="{patient.user_id}"', content)
