"""Everything that can go wrong between a phone and the ward, at once: nothing is lost and nothing comes twice."""

import random

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Page, Route, expect

from apps.symptoms.models import SymptomLog
from tests.browser.people import choose, sign_in
from tests.browser.phones import APP, OUTBOX, SMALL, STORE, a_patient, open_app, states, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

LOGS = 200
BY_FORM = 4
SEED = 20261123


class BadNetwork:
    """Cuts requests off, delays them, and answers 500 before or after the server has taken them in. Seeded, so that
    a failure comes again."""

    def __init__(self) -> None:
        self.chance = random.Random(SEED)
        self.met: dict[str, int] = {}

    def __call__(self, route: Route) -> None:
        fate = self.chance.choices(
            ("through", "cut", "500 before", "500 after", "cut after", "slow"), weights=(72, 6, 6, 6, 6, 4)
        )[0]
        self.met[fate] = self.met.get(fate, 0) + 1
        if fate == "cut":
            route.abort()
        elif fate == "500 before":
            route.fulfill(status=500, body="broken")
        elif fate in ("500 after", "cut after"):
            route.fetch()
            route.fulfill(status=500, body="broken") if fate == "500 after" else route.abort()
        else:
            route.continue_()


WRITE = f"""async ([numbers, send]) => {{
  const [outbox, store] = [await import('{OUTBOX}'), await import('{STORE}')];
  const person = await store.personHere();
  for (const number of numbers) {{
    const fields = [["client_id", crypto.randomUUID()], ["when", "now"], ["note", `number ${{number}}`]];
    await outbox.add({{ person, path: send, page: "/my/log/", fields, advice: [] }});
  }}
}}"""


def write(page: Page, numbers: range) -> None:
    page.evaluate(WRITE, [list(numbers), reverse("portal:send")])


def hurry(page: Page) -> None:
    """The waits between tries are there for batteries and servers; a test has no time for them."""
    page.evaluate(f"""async () => {{
      const app = await import('{APP}');
      if (globalThis.isHurrying) return;
      globalThis.isHurrying = true;
      (async () => {{ while (globalThis.isHurrying) await app.lookSoon().catch(() => {{}}); }})();
    }}""")


def reload_midway(page: Page) -> None:
    """As a thumb on the reload button. The page may just then be on its way elsewhere (to the receipt of what the
    form sent), and the browser gives one of the two up: which one is no matter here."""
    try:
        page.reload()
    except Error as error:
        if "ERR_ABORTED" not in error.message:
            raise
        page.wait_for_load_state()


def test_two_hundred_reports_over_a_failing_network_with_reloads_and_twin_tabs_arrive_two_hundred_times(
    live_server, new_person
):
    patient = a_patient()
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, patient)
    network = BadNetwork()
    page.context.route("**/my/log/send/", network)
    twin = page.context.new_page()
    address = f"{live_server.url}{reverse('portal:log')}"

    written = 0
    for turn in range(BY_FORM):
        page.goto(address)
        choose(page, "confusion", "A bit slow")
        page.locator("[name=note]").fill(f"form {turn}")
        page.get_by_role("button", name="Send to the ward").dblclick()
        expect(page.locator("#kept").or_(page.locator(".tw-facts")).first).to_be_visible()
        twin.goto(f"{live_server.url}{reverse('portal:phone')}")
        share = range(written, written + (LOGS - BY_FORM) // BY_FORM + (turn < (LOGS - BY_FORM) % BY_FORM))
        write(twin, share)
        written += len(share)
        reload_midway(page)
        hurry(twin)
    for _ in range(240):
        if states(twin)["waiting"] == 0:
            break
        twin.wait_for_timeout(250)
    twin.evaluate("globalThis.isHurrying = false")
    page.context.unroute_all(behavior="ignoreErrors")

    assert states(twin)["waiting"] == 0
    notes = sorted(SymptomLog.objects.values_list("note", flat=True))
    assert notes == sorted([*(f"number {n}" for n in range(written)), *(f"form {n}" for n in range(BY_FORM))])
    assert len(notes) == LOGS
    for fate in ("cut", "500 before", "500 after", "cut after"):
        assert network.met[fate] >= 5, "the network was not bad enough to show anything"


def test_reports_arrive_in_the_order_in_which_they_were_written(live_server, new_person):
    patient = a_patient()
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, patient)
    write(page, range(12))

    page.evaluate(f"async () => (await import('{APP}')).lookSoon()")
    wait_for(page, f"async () => (await (await import('{OUTBOX}')).counts('{patient.user_id}')).waiting === 0")

    in_order = SymptomLog.objects.order_by("recorded_at").values_list("note", flat=True)
    assert list(in_order) == [f"number {n}" for n in range(12)]


def test_a_report_on_which_the_server_breaks_down_does_not_hold_up_the_others_and_is_tried_for_ever(
    live_server, new_person
):
    patient = a_patient()
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, patient)

    def breaks_on_the_first(route: Route) -> None:
        if "number+0" in (route.request.post_data or ""):
            route.fulfill(status=500, body="broken")
        else:
            route.continue_()

    page.context.route("**/my/log/send/", breaks_on_the_first)
    write(page, range(3))
    for _ in range(5):
        page.evaluate(f"async () => (await import('{APP}')).lookSoon()")

    assert set(SymptomLog.objects.values_list("note", flat=True)) == {"number 1", "number 2"}
    assert states(page)["waiting"] == 1
    page.context.unroute("**/my/log/send/")
    page.evaluate(f"async () => (await import('{APP}')).lookSoon()")
    assert SymptomLog.objects.count() == 3


def test_two_phones_of_one_person_do_not_hinder_each_other(live_server, new_person):
    patient = a_patient()
    for number in range(2):
        page = new_person(viewport=SMALL)
        open_app(page, live_server.url, patient)
        write(page, range(number * 10, number * 10 + 3))
        page.evaluate(f"async () => (await import('{APP}')).lookSoon()")
        wait_for(page, f"async () => (await (await import('{OUTBOX}')).counts('{patient.user_id}')).waiting === 0")

    assert SymptomLog.objects.count() == 6


def test_whoever_is_signed_out_meanwhile_loses_nothing_and_it_is_sent_after_signing_in_again(
    live_server, new_person
):
    patient = a_patient()
    page = new_person(viewport=SMALL)
    open_app(page, live_server.url, patient)
    page.context.clear_cookies()
    write(page, range(2))

    page.evaluate(f"async () => (await import('{APP}')).lookSoon()")
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    assert states(page)["waiting"] == 2
    assert not SymptomLog.objects.exists()

    sign_in(page, live_server.url, patient.user.username)
    wait_for(page, f"async () => (await (await import('{OUTBOX}')).counts('{patient.user_id}')).waiting === 0")
    assert SymptomLog.objects.count() == 2
