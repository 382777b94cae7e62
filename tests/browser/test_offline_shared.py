"""A phone in several hands, and an app that changes under a report: nobody reads what is another's, nothing is lost."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from apps.portal import build as building
from apps.symptoms.models import SymptomLog
from tests.browser.people import sign_in
from tests.browser.phones import (
    OUTBOX,
    SMALL,
    a_patient,
    answer_and_send,
    cut,
    expect_kept,
    mend,
    open_app,
    states,
    wait_for,
)

pytestmark = pytest.mark.django_db(transaction=True)

READ_ALL = f"""async (person) => {{
  const store = await import('/static/js/offline/store.js');
  const db = await store.database();
  const rows = [];
  for (const name of ['outbox', 'drafts', 'pages']) rows.push(...(await db.getAll(name)));
  const opened = await Promise.all(rows.filter((row) => row.person === person).map((row) => store.unseal(row.sealed)));
  const keys = (await db.getAll('keys')).filter((row) => row.person === person);
  const cached = [];
  for (const name of await caches.keys()) {{
    const cache = await caches.open(name);
    for (const request of await cache.keys()) cached.push(await (await cache.match(request)).text());
  }}
  return {{ readable: opened.filter(Boolean).length, keys: keys.length, cached: cached.join(' '),
            reports: (await (await import('{OUTBOX}')).reports(person)).length }};
}}"""


@pytest.fixture
def ada():
    return a_patient("Ada")


@pytest.fixture
def phone(ada, live_server, new_person):
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, ada)
    return page


def leave_one_unsent(phone, words: str = "A bit slow") -> None:
    cut(phone.context)
    answer_and_send(phone, words)
    expect_kept(phone)


def test_another_person_reads_nothing_of_the_first_whose_report_is_sent_when_they_are_back(
    phone, ada, live_server
):
    leave_one_unsent(phone)
    phone.context.clear_cookies()
    ben = a_patient("Ben", ward=ada.stays.get().ward)
    mend(phone.context)
    sign_in(phone, live_server.url, ben.user.username)

    expect(phone.get_by_text("Reports that somebody else wrote wait on this phone.")).to_be_visible()
    found = phone.evaluate(READ_ALL, str(ada.user_id))
    assert (found["readable"], found["keys"], found["reports"]) == (0, 0, 0)
    assert "Ada" not in found["cached"]
    assert not SymptomLog.objects.exists()
    phone.goto(f"{live_server.url}{reverse('portal:phone')}")
    expect(phone.get_by_text("No report of yours is kept on this phone.")).to_be_visible()

    phone.context.clear_cookies()
    sign_in(phone, live_server.url, ada.user.username)
    wait_for(phone, f"async () => (await (await import('{OUTBOX}')).counts('{ada.user_id}')).waiting === 0")
    assert SymptomLog.objects.get().patient == ada


def test_signing_out_leaves_nothing_that_can_be_read_or_opened_without_a_connection(phone, ada, live_server):
    phone.locator(".tw-menu summary").click()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()

    found = phone.evaluate(READ_ALL, str(ada.user_id))
    assert (found["readable"], found["keys"]) == (0, 0)
    assert "Ada" not in found["cached"]
    cut(phone.context)
    phone.goto(f"{live_server.url}{reverse('portal:log')}")
    expect(phone.get_by_role("heading", name="On this phone")).to_be_visible()
    expect(phone.get_by_text("How are you?")).to_have_count(0)


def test_what_is_still_on_the_phone_is_sent_before_signing_out(phone, ada):
    leave_one_unsent(phone)
    phone.context.route("**/my/log/send/", lambda route: route.abort())
    mend(phone.context)
    phone.wait_for_timeout(1_000)
    assert states(phone)["waiting"] == 1
    phone.context.unroute("**/my/log/send/")

    phone.locator(".tw-menu summary").click()
    phone.get_by_role("button", name="Sign out").click()
    expect(phone.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()

    assert SymptomLog.objects.count() == 1


def test_ward_staff_on_the_same_browser_end_what_the_patient_could_read_there(phone, ada, live_server):
    phone.goto(f"{live_server.url}/ward/")

    wait_for(
        phone,
        "async () => { const db = await new Promise((done) => { const asked = indexedDB.open('taperwatch');"
        " asked.onsuccess = () => done(asked.result); }); return await new Promise((done) => {"
        " const count = db.transaction('keys').objectStore('keys').count();"
        " count.onsuccess = () => done(count.result === 0); }); }",
    )


def test_an_update_in_between_loses_nothing_and_the_old_page_sends_on(phone, live_server, monkeypatch):
    leave_one_unsent(phone)
    first = phone.evaluate("caches.keys()")
    monkeypatch.setattr(building, "_digest_of_files", lambda: "another release")
    mend(phone.context)
    phone.evaluate("() => { navigator.serviceWorker.ready.then((found) => found.update()); }")

    # The page goes on to the receipt by itself; what it is asked meanwhile would be lost with it.
    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    wait_for(phone, f"async () => (await caches.keys()).some((name) => !{first}.includes(name))")
    assert SymptomLog.objects.count() == 1
    phone.goto(f"{live_server.url}{reverse('portal:log')}")
    answer_and_send(phone)
    expect(phone.get_by_role("heading", name="The ward has your report")).to_be_visible()
    assert SymptomLog.objects.count() == 2
