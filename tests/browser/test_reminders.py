"""Turning messages on and getting one, in a real browser. Only `PushManager.subscribe` is made up: Chromium would ask
its maker's server over the internet for the address. What it answers leads to the push service on the loopback; the
message that this gets is opened as a browser would, and handed to the real worker through the developer tools."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from apps.messaging.models import PushSubscription
from apps.reminders.models import Reminder, ReminderAttempt
from apps.reminders.sending import send_due
from tests.browser.people import sign_in
from tests.browser.phones import SMALL, a_patient, answer_and_send, cut, expect_kept, open_app, wait_for
from tests.messaging.conftest import push_service as push_service
from tests.messaging.push_service import Browser

pytestmark = pytest.mark.django_db(transaction=True)
REMINDERS = "/my/reminders/"

PRETEND = """
(() => {
  const made = JSON.parse(localStorage.getItem('pretended') ?? 'null');
  let kept = made && wrap(made);
  function wrap(given) {
    return { ...given, toJSON: () => given,
             unsubscribe: async () => { localStorage.removeItem('pretended'); kept = null; return true; } };
  }
  PushManager.prototype.getSubscription = async () => kept;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error('not a request');
    localStorage.setItem('pretended', JSON.stringify(GIVEN));
    kept = wrap(GIVEN);
    return kept;
  };
})();
"""


@pytest.fixture
def ada():
    return a_patient("Ada")


@pytest.fixture
def keys():
    return Browser()


@pytest.fixture
def phone(ada, live_server, new_person, push_service, keys):
    page = new_person(viewport=SMALL)
    page.context.grant_permissions(["notifications"], origin=live_server.url)
    given = json.dumps({"endpoint": push_service.address, "keys": keys.keys})
    page.add_init_script(PRETEND.replace("GIVEN", given))
    sign_in(page, live_server.url, ada.user.username)
    page.goto(f"{live_server.url}{REMINDERS}")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    return page


def turn_on(phone):
    phone.get_by_role("button", name="Turn on for this phone").click()
    expect(phone.get_by_text("Messages are on for this phone.")).to_be_visible()


def shown(phone):
    """What the worker shows now."""
    return phone.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(
             (one) => ({ title: one.title, body: one.body, tag: one.tag, path: one.data.path }))"""
    )


def hand_to_worker(phone, message: str, origin: str) -> None:
    """As the browser does when its maker's service has something for it."""
    tools = phone.context.new_cdp_session(phone)
    found = {}
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.update(event["registrations"][0]))
    tools.send("ServiceWorker.enable")
    wait_for(phone, "async () => Boolean(navigator.serviceWorker.controller)")
    for _ in range(50):
        if found:
            break
        phone.wait_for_timeout(100)
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found["registrationId"], "data": message},
    )


def test_a_patient_turns_messages_on_gets_a_test_and_the_phone_says_that_it_was_shown(
    phone, ada, live_server, push_service, keys, settings
):
    settings.SITE_NAME = "Haven"
    turn_on(phone)
    assert PushSubscription.objects.get().user == ada.user
    expect(phone.get_by_text("(this phone)")).to_be_visible()

    phone.get_by_role("button", name="Send me a test").click()
    expect(phone.get_by_text("on its way", exact=False).first).to_be_visible()
    send_due(timezone.now)
    (posted,) = push_service.posted
    hand_to_worker(phone, keys.opened(posted.body).decode(), live_server.url)

    wait_for(phone, "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 1")
    (seen,) = shown(phone)
    assert (seen["title"], seen["body"], seen["path"]) == (
        "Haven", "This is a test. Reminders reach you here.", REMINDERS,
    )  # fmt: skip
    for _ in range(50):
        if ReminderAttempt.objects.filter(channel="push", shown_at__isnull=False).exists():
            break
        phone.wait_for_timeout(100)
    phone.goto(f"{live_server.url}{REMINDERS}")
    expect(phone.get_by_text("shown on the phone")).to_be_visible()
    # Whoever has opened the app needs no reminder of it.
    wait_for(phone, "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 0")


def test_a_newer_message_takes_the_place_of_the_older_and_one_that_makes_no_sense_is_shown_without_words(
    phone, live_server
):
    for body in ("first", "second"):
        told = {
            "title": "Haven",
            "body": body,
            "path": "/my/log/",
            "tag": "one",
            "language": "en",
            "direction": "ltr",
        }
        hand_to_worker(phone, json.dumps(told), live_server.url)
    wait_for(
        phone,
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => n.body) == 'second'",
    )

    hand_to_worker(phone, "not JSON", live_server.url)

    wait_for(phone, "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 2")
    assert {one["body"] for one in shown(phone)} == {"second", ""}


def test_turning_a_phone_off_here_forgets_it_on_both_sides(phone):
    turn_on(phone)

    phone.get_by_role("button", name="Turn off (").or_(phone.get_by_role("button", name="Turn off")).first.click()

    expect(phone.get_by_text("No phone of yours gets messages.")).to_be_visible()
    expect(phone.get_by_role("button", name="Turn on for this phone")).to_be_visible()
    assert not PushSubscription.objects.live().exists()
    assert phone.evaluate("() => localStorage.getItem('pretended')") is None


def test_without_permission_the_page_says_where_to_give_it(ada, live_server, new_person):
    page = new_person(viewport=SMALL)
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    sign_in(page, live_server.url, ada.user.username)
    page.goto(f"{live_server.url}{REMINDERS}")

    expect(page.get_by_text("This browser was told not to show messages from here.")).to_be_visible()
    expect(page.get_by_role("button", name="Turn on for this phone")).to_be_hidden()


def test_without_javascript_mail_and_times_are_chosen(ada, live_server, new_person):
    page = new_person(viewport=SMALL, java_script_enabled=False)
    sign_in(page, live_server.url, ada.user.username)
    page.goto(f"{live_server.url}{REMINDERS}")

    expect(page.get_by_text("Messages on a phone need JavaScript")).to_be_visible()
    page.get_by_label("Ask me at").select_option("10:00")
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Your choice is kept.")).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    assert Reminder.objects.get().kind == "test"


def test_a_phone_with_messages_on_still_works_without_a_connection(phone, ada, live_server):
    turn_on(phone)
    phone.goto(f"{live_server.url}{reverse('portal:today')}")
    phone.context.clear_cookies()
    open_app(phone, live_server.url, ada)

    cut(phone.context)
    phone.goto(f"{live_server.url}{reverse('portal:log')}")
    answer_and_send(phone)

    expect_kept(phone)


def test_a_phone_that_gets_another_address_from_its_maker_tells_the_server(phone, push_service):
    turn_on(phone)
    moved = push_service.address.replace("phone-1", "phone-2")

    phone.evaluate(
        """async ([endpoint, keys]) => {
          const { renew } = await import('/static/js/offline/push.js');
          await renew({ newSubscription: { toJSON: () => ({ endpoint, keys }) } });
        }""",
        [moved, Browser().keys],
    )

    assert PushSubscription.objects.live().filter(endpoint=moved).exists()
