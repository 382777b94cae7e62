"""A patient's phone and its connection, for the tests of what works without one."""

from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.people import choose, sign_in
from tests.factories import PatientFactory, WardFactory

SMALL = {"width": 360, "height": 740}
OUTBOX = "/static/js/offline/outbox.js"
STORE = "/static/js/offline/store.js"
DRAFTS = "/static/js/offline/drafts.js"
APP = "/static/js/offline/app.js"


def a_patient(given_name: str = "Ada", ward=None):
    ward = ward or WardFactory(name="Neurology 3", phone="+44 20 7946 0123")
    return PatientFactory(with_account=True, stay=ward, given_name=given_name, family_name="Lovegrove")


def open_app(page: Page, address: str, patient) -> None:
    """Signed in, the questions open, and all that is needed without a connection kept."""
    sign_in(page, address, patient.user.username)
    page.goto(f"{address}{reverse('portal:log')}")
    wait_until_kept(page)


def wait_until_kept(page: Page) -> None:
    page.evaluate(f"async () => {{ await navigator.serviceWorker.ready; await (await import('{APP}')).ready; }}")
    wait_for(
        page,
        f"""async () => {{
          const store = await import('{STORE}');
          const person = await store.personHere();
          const page = person && await store.keptPage(person, '/my/log/');
          const names = await caches.keys();
          const cache = names.length && await caches.open(names.at(-1));
          const shared = cache && await cache.match('/my/help/?in=' + document.documentElement.lang);
          return Boolean(page && shared && navigator.serviceWorker.controller);
        }}""",
    )


def wait_for(page: Page, question: str) -> None:
    """Until an asynchronous question is answered with yes: `wait_for_function` takes any promise for a yes."""
    for _ in range(600):
        if page.evaluate(question):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {question}")


def wait_for_draft(page: Page) -> None:
    wait_for(page, f"async () => (await (await (await import('{STORE}')).database()).count('drafts')) === 1")


def answer_and_send(page: Page, words: str = "A bit slow") -> None:
    choose(page, "confusion", words)
    page.get_by_role("button", name="Send to the ward").click()


def states(page: Page) -> dict[str, int]:
    return page.evaluate(
        f"""async () => {{
          const [outbox, store] = [await import('{OUTBOX}'), await import('{STORE}')];
          return outbox.counts(await store.personHere());
        }}"""
    )


def cut(context: BrowserContext) -> None:
    context.set_offline(True)


def mend(context: BrowserContext) -> None:
    context.set_offline(False)


def expect_kept(page: Page) -> None:
    expect(page.get_by_role("heading", name="On this phone, not sent yet")).to_be_visible()
