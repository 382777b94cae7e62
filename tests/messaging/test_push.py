import json
import socket
import threading
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from apps.messaging import connecting
from apps.messaging.endpoints import is_public
from apps.messaging.errors import CannotSend, SubscriptionGone, SubscriptionIsOver, SubscriptionRefused
from apps.messaging.models import PushSubscription
from apps.messaging.notices import Notice
from apps.messaging.push import send_push
from apps.messaging.services import MOST_BROWSERS, subscribe, unsubscribe
from apps.messaging.vapid import new_private_key, public_key_of
from tests.factories import NOON, UserFactory
from tests.messaging.push_service import Browser, text

pytestmark = pytest.mark.django_db
NOTICE = Notice(title="Haven", body="There is something for you.", path="/my/", language="en")
ELSEWHERE = "https://fcm.googleapis.com/fcm/send/abc"


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def subscription(push_service, browser):
    return on(push_service.address, browser)


def on(address, browser, user=None):
    return subscribe(
        user=user or UserFactory(),
        endpoint=address,
        label="Chrome, Android",
        language="en",
        at=NOON,
        **browser.keys,
    )


def send(subscription, **given):
    named = {"ttl": timedelta(hours=2), "topic": "reminder", "at": NOON} | given
    send_push(subscription, NOTICE, **named)


def claims(posted):
    token = posted.headers["authorization"].split("t=")[1].split(",")[0]
    middle = token.split(".")[1]
    return json.loads(urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


def test_a_notice_is_sealed_for_one_browser_and_signed_as_ours(push_service, subscription, browser, settings):
    send(subscription)

    (posted,) = push_service.posted
    told = json.loads(browser.opened(posted.body))
    assert (told["title"], told["body"], told["path"], told["direction"]) == (
        "Haven", "There is something for you.", "/my/", "ltr",
    )  # fmt: skip
    assert b"something for you" not in posted.body
    assert (posted.headers["ttl"], posted.headers["topic"], posted.headers["content-encoding"]) == (
        "7200", "reminder", "aes128gcm",
    )  # fmt: skip
    assert claims(posted)["aud"] == push_service.address.removesuffix("/push/phone-1")
    assert claims(posted)["exp"] - NOON.timestamp() < 24 * 3600
    assert f"k={settings.VAPID_PUBLIC_KEY}" in posted.headers["authorization"]
    subscription.refresh_from_db()
    assert subscription.last_success_at == NOON


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_never_tried_again(push_service, subscription, status):
    push_service.answers = [(status, {})]

    with pytest.raises(SubscriptionGone):
        send(subscription)

    subscription.refresh_from_db()
    assert (subscription.gone_at, subscription.gone_because) == (NOON, "refused")


@pytest.mark.parametrize("status", [400, 401, 403, 413, 500, 503])
def test_a_push_service_that_refuses_is_told_of_and_the_browser_is_kept(push_service, subscription, status):
    push_service.answers = [(status, {})]

    with pytest.raises(CannotSend, match=str(status)):
        send(subscription)

    assert PushSubscription.objects.live().exists()


def test_a_push_service_that_asks_us_to_wait_is_heard_within_reason(push_service, subscription):
    push_service.answers = [
        (429, {"Retry-After": "90"}),
        (429, {"Retry-After": "99999999"}),
        (429, {"Retry-After": "x"}),
    ]
    waits = []
    for _ in range(3):
        with pytest.raises(CannotSend) as refusal:
            send(subscription)
        waits.append(refusal.value.wait)

    assert waits == [timedelta(seconds=90), timedelta(minutes=10), None]


def test_no_redirect_is_followed(push_service, subscription):
    push_service.answers = [(307, {"Location": push_service.address.replace("phone-1", "inside")})]

    with pytest.raises(CannotSend, match="307"):
        send(subscription)

    assert [posted.path for posted in push_service.posted] == ["/push/phone-1"]


def test_a_certificate_that_nobody_vouches_for_is_refused(push_service, subscription, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(CannotSend):
        send(subscription)

    assert push_service.posted == []


def test_a_browser_of_an_earlier_key_is_let_go_of_without_a_word(push_service, subscription, settings):
    settings.VAPID_PRIVATE_KEY = new_private_key()
    settings.VAPID_PUBLIC_KEY = public_key_of(settings.VAPID_PRIVATE_KEY)

    with pytest.raises(SubscriptionGone):
        send(subscription)

    assert push_service.posted == []
    subscription.refresh_from_db()
    assert subscription.gone_because == "other_key"


@pytest.mark.parametrize(
    "address",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@10.0.0.1/x",
        "https://user@fcm.googleapis.com/x",
        "https://push.apple.com/x",
        "https://evilpush.apple.com.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/x",
        "https://fcm.googleapis.com./x",
        "https://fcm.googleapis.com\\@127.0.0.1/x",
        "https://fcm.googleapis.com/x\r\nHost: inside",
        "https://fcm.googleapis.com/ x",
        "https://fcm.googleapis.com:port/x",
        "file:///etc/passwd",
        "",
        "https://fcm.googleapis.com/" + "x" * 3000,
    ],
)
def test_an_address_that_is_no_push_service_is_refused(address):
    with pytest.raises(SubscriptionRefused):
        on(address, Browser())

    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        ELSEWHERE,
        "https://updates.push.services.mozilla.com/wpush/v2/abc",
        "https://web.push.apple.com/QAbc",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
    ],
)
def test_the_push_services_of_the_browsers_are_known(address):
    assert on(address, Browser()).endpoint == address


@pytest.mark.parametrize(
    "inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:10.0.0.1", "fd00::1"]
)
def test_a_name_that_points_into_the_house_is_never_connected_to(inside, monkeypatch):
    family = socket.AF_INET6 if ":" in inside else socket.AF_INET
    public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("142.250.1.1", 443))
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *a, **k: [public, (family, socket.SOCK_STREAM, 6, "", (inside, 443))]
    )
    connected = []
    monkeypatch.setattr(connecting, "create_connection", lambda *a, **k: connected.append(a))

    with pytest.raises(CannotSend):
        send(on(ELSEWHERE, Browser()))

    assert connected == []


def test_addresses_of_the_internet_are_told_from_those_of_a_house():
    assert is_public("142.250.1.1")
    assert is_public("2a00:1450:4009:820::200a")
    for address in ("0.1.2.3", "100.64.0.1", "192.168.1.1", "224.0.0.1", "2002:0a00:0001::1", "fe80::1"):
        assert not is_public(address), address


def test_where_only_a_proxy_leads_out_it_is_asked_for_the_way(monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))
    asked = []

    def refuse():
        connection, _ = listener.accept()
        asked.append(connection.recv(4096).decode())
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        connection.close()

    proxy = threading.Thread(target=refuse)
    proxy.start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listener.getsockname()[1]}")
    monkeypatch.setenv("NO_PROXY", "")

    with pytest.raises(CannotSend):
        send(on(ELSEWHERE, Browser()))

    proxy.join(5)
    listener.close()
    assert asked[0].startswith("CONNECT fcm.googleapis.com:443 ")


def test_keys_that_are_none_are_refused():
    for keys in ({"p256dh": text(b"\x04" + b"\x01" * 64)}, {"p256dh": "&"}, {"auth": text(b"short")}):
        with pytest.raises(SubscriptionRefused):
            subscribe(
                user=UserFactory(),
                endpoint=ELSEWHERE,
                label="x",
                language="en",
                at=NOON,
                **(Browser().keys | keys),
            )


def test_without_a_key_of_ours_nobody_can_turn_messages_on(settings):
    settings.VAPID_PUBLIC_KEY = ""

    with pytest.raises(SubscriptionRefused):
        on(ELSEWHERE, Browser())


def test_a_browser_told_of_twice_is_one(browser):
    user = UserFactory()
    on(ELSEWHERE, browser, user)
    on(ELSEWHERE, browser, user)

    assert PushSubscription.objects.live().filter(user=user).count() == 1


def test_a_browser_in_other_hands_speaks_for_whoever_is_signed_in_now(browser):
    first, second = UserFactory(), UserFactory()
    on(ELSEWHERE, browser, first)

    assert on(ELSEWHERE, browser, second).user == second
    assert not PushSubscription.objects.filter(user=first).exists()


def test_whoever_knows_only_the_address_cannot_take_a_browser_from_its_owner(browser):
    owner = UserFactory()
    on(ELSEWHERE, browser, owner)

    with pytest.raises(SubscriptionRefused):
        on(ELSEWHERE, Browser(), UserFactory())

    assert PushSubscription.objects.get().user == owner


def test_nobody_turns_off_the_phone_of_another(browser):
    subscription = on(ELSEWHERE, browser)

    assert not unsubscribe(user=UserFactory(), subscription_id=subscription.pk, at=NOON)
    assert unsubscribe(user=subscription.user, subscription_id=subscription.pk, at=NOON)
    assert not PushSubscription.objects.live().exists()


def test_a_person_has_a_limited_number_of_browsers_and_the_newest_stay():
    user = UserFactory()
    for number in range(MOST_BROWSERS + 2):
        subscribe(
            user=user, endpoint=f"{ELSEWHERE}{number}", label="x", language="en",
            at=NOON + timedelta(minutes=number), **Browser().keys,
        )  # fmt: skip

    live = PushSubscription.objects.live().filter(user=user)
    assert live.count() == MOST_BROWSERS
    assert not live.filter(endpoint=f"{ELSEWHERE}0").exists()


def test_an_address_that_its_service_gave_up_is_not_taken_again_but_one_that_was_turned_off_is(
    push_service, browser
):
    subscription = on(push_service.address, browser)
    unsubscribe(user=subscription.user, subscription_id=subscription.pk, at=NOON)
    again = on(push_service.address, browser, subscription.user)
    assert again.gone_at is None
    push_service.answers = [(410, {})]
    with pytest.raises(SubscriptionGone):
        send(again)

    with pytest.raises(SubscriptionIsOver):
        on(push_service.address, browser, subscription.user)


def test_a_name_that_no_name_can_be_is_nobody_and_breaks_nothing():
    with pytest.raises(CannotSend):
        send(on(f"https://{'a' * 80}.push.services.mozilla.com/x", Browser()))
