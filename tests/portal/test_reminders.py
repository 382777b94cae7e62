from uuid import uuid4

import pytest
from django.test import Client
from django.urls import resolve, reverse

from apps.messaging.models import PushSubscription
from apps.reminders import wording
from apps.reminders.models import CarerReminders, Reminder, ReminderAttempt, ReminderChoice
from apps.reminders.sending import send_due
from apps.reminders.times import TESTS_AN_HOUR
from tests.factories import NOON, CarerFactory, PatientFactory, UserFactory
from tests.messaging.push_service import Browser
from tests.portal.pages import words

pytestmark = pytest.mark.django_db
TIMES = {"morning": "09:00", "quiet_from": "22:00", "quiet_until": "07:00"}
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def address(patient=None):
    return reverse("portal:person-reminders", args=[patient.pk]) if patient else reverse("portal:reminders")


def turn_on(browser, **given):
    return browser.post(reverse("portal:add-phone"), {"endpoint": ENDPOINT, **Browser().keys, **given})


def test_a_patient_turns_off_mail_and_chooses_the_hours_without_a_script(phone, patient):
    answer = phone.post(address(), {"do": "choose", **TIMES, "morning": "11:00", "quiet_from": "21:00"})

    assert answer.status_code == 302
    choice = ReminderChoice.objects.get(user=patient.user)
    assert (choice.by_email, choice.morning.hour, choice.quiet_from.hour, choice.quiet_until.hour) == (
        False,
        11,
        21,
        7,
    )


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ({"quiet_from": "10:00", "quiet_until": "23:00"}, "12 hours at most"),
        ({"quiet_from": "22:00", "quiet_until": "10:00"}, "lies in the quiet time"),
        ({"morning": "03:00"}, "Select a valid choice"),
        ({"quiet_from": "x"}, "Select a valid choice"),
    ],
)
def test_hours_that_make_no_sense_are_refused_and_the_old_ones_stay(phone, times, said):
    answer = phone.post(address(), {"do": "choose", **TIMES, **times})

    assert answer.status_code == 422
    assert said in words(answer.content)
    assert not ReminderChoice.objects.exists()


def test_the_page_promises_no_health_in_messages_and_says_who_hears_of_a_silence(phone):
    shown = words(phone.get(address()).content)

    assert "names no medicine, no illness and no person" in shown
    assert "then the ward hears of it" in shown


def test_a_phone_is_taken_in_named_and_can_be_turned_off(phone, patient):
    agent = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    answer = phone.post(
        reverse("portal:add-phone"), {"endpoint": ENDPOINT, **Browser().keys}, headers={"User-Agent": agent}
    )

    assert (answer.status_code, answer.json()) == (201, {"state": "taken"})
    assert "Firefox, Android" in words(phone.get(address()).content)
    kept = PushSubscription.objects.get()
    phone.post(address(), {"do": "remove", "phone": str(kept.pk)})
    assert "Firefox, Android" not in words(phone.get(address()).content)
    assert not PushSubscription.objects.live().exists()


def test_the_address_of_a_phone_is_not_written_into_the_page(phone):
    turn_on(phone)

    assert ENDPOINT not in phone.get(address()).content.decode()


def test_an_address_inside_the_house_is_refused(phone):
    answer = turn_on(phone, endpoint="https://127.0.0.1/inside")

    assert (answer.status_code, answer.json()["state"]) == (422, "subscription_refused")


def test_nobody_turns_off_the_phone_of_another(phone, patient):
    other = UserFactory()
    kept = PushSubscription.objects.create(
        user=other, endpoint=ENDPOINT, label="x", created_at=NOON, server_key="k", **Browser().keys
    )

    phone.post(address(), {"do": "remove", "phone": str(kept.pk)})

    assert PushSubscription.objects.live().filter(pk=kept.pk).exists()
    assert phone.post(address(), {"do": "remove", "phone": "x"}).status_code == 404


def test_staff_cannot_take_a_phone_in_here(noon):
    desk = Client()
    desk.force_login(UserFactory())

    assert turn_on(desk).status_code == 404
    assert turn_on(Client()).status_code == 302


def test_a_phone_is_taken_in_only_with_the_token_of_the_page(patient, noon):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(patient.user)

    assert turn_on(strict).status_code == 403


def test_only_a_carer_decides_to_be_reminded(phone, carers_phone, patient):
    assert "is not reminded" in words(phone.get(address()).content)
    assert phone.post(address(), {"do": "agree"}).status_code == 404
    carers_phone.post(address(patient), {"do": "agree"})

    assert CarerReminders.objects.get().stopped_at is None
    assert "is reminded when you do not log" in words(phone.get(address()).content)
    assert "You are reminded when no log comes." in words(carers_phone.get(address(patient)).content)


def test_a_carer_stops_it_again_and_may_begin_anew(carers_phone, patient):
    for wish, stopped in (("agree", False), ("stop", True), ("agree", False)):
        carers_phone.post(address(patient), {"do": wish})
        assert (CarerReminders.objects.get().stopped_at is not None) is stopped


def test_a_carer_has_no_morning_of_their_own(carers_phone, patient):
    shown = carers_phone.get(address(patient)).content.decode()

    assert "id_morning" not in shown
    given = {"do": "choose", "by_email": "on", "quiet_from": "23:00", "quiet_until": "08:00"}
    assert carers_phone.post(address(patient), given).status_code == 302


def test_strangers_find_nothing(phone, carers_phone):
    stranger = PatientFactory(with_account=True)

    for browser in (phone, carers_phone):
        assert browser.get(address(stranger)).status_code == 404
        assert browser.post(address(stranger), {"do": "agree"}).status_code == 404
    assert Client().get(address()).status_code == 302


def test_a_test_message_goes_the_way_that_reminders_go_and_is_shown_with_what_became_of_it(
    phone, patient, mailoutbox
):
    phone.post(address(), {"do": "test"})
    assert "on its way" in words(phone.get(address()).content)
    assert mailoutbox == []

    send_due(lambda: NOON)

    assert [message.to for message in mailoutbox] == [[patient.user.email]]
    assert "e-mail – sent" in words(phone.get(address()).content)


def test_nobody_is_flooded_with_tests(phone, patient):
    for _ in range(TESTS_AN_HOUR + 2):
        answer = phone.post(address(), {"do": "test"}, follow=True)

    assert Reminder.objects.filter(kind="test").count() == TESTS_AN_HOUR
    assert "enough tests" in words(answer.content)


def test_a_phone_tells_that_a_message_was_shown_and_opened_without_a_session(phone, patient):
    phone.post(address(), {"do": "test"})
    attempt = ReminderAttempt.objects.create(
        reminder=Reminder.objects.get(), channel="push", started_at=NOON, outcome="sent"
    )
    told = reverse("portal:message-shown", args=[attempt.pk])
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(told).status_code == 204
    assert "shown on the phone" in words(phone.get(address()).content)
    assert strict.post(f"{told}?opened").status_code == 204
    attempt.refresh_from_db()
    assert (attempt.shown_at, attempt.opened_at) == (NOON, NOON)
    assert strict.post(reverse("portal:message-shown", args=[uuid4()])).status_code == 204
    assert strict.get(told).status_code == 405


def test_without_a_key_the_page_says_that_only_mail_works(phone, settings):
    settings.VAPID_PUBLIC_KEY = ""

    page = phone.get(address()).content

    assert "cannot send messages to phones" in words(page)
    assert b"js/reminders.js" not in page


def test_messages_lead_to_pages_that_are_there():
    assert resolve(wording.PATIENTS_LOG).view_name == "portal:log"
    assert resolve(wording.CARERS_PEOPLE).view_name == "portal:people"
    assert resolve(wording.OWN_REMINDERS).view_name == "portal:reminders"


def test_the_worker_tells_the_server_at_the_addresses_that_are_there():
    from pathlib import Path

    from django.contrib.staticfiles import finders

    script = Path(finders.find("js/offline/push.js")).read_text(encoding="utf-8")
    assert f'"{reverse("portal:add-phone")}"' in script
    shown = reverse("portal:message-shown", args=[uuid4()])
    assert f'"{shown[: shown.rindex("/", 0, -1) + 1]}"' in script


def test_reminders_are_found_from_today_and_from_the_people_cared_for(phone, patient):
    assert address() in phone.get(reverse("portal:today")).content.decode()
    carer = CarerFactory(patient=patient).user
    CarerFactory(patient=PatientFactory(), user=carer)
    browser = Client()
    browser.force_login(carer)

    assert address(patient) in browser.get(reverse("portal:people")).content.decode()
