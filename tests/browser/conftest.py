"""A real Chromium. Where there is none, these tests fail and say so: a run that has not looked at what patients and
nurses see must not look as if it had. Whoever wants to go without says it: TAPERWATCH_SKIP_BROWSER=true."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.browser_setup import chromium
from tests.journeys.ground import Ground, ground_in

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE_MS = 40_000
"""The patient's page asks every ten seconds whether somebody has seen the report; a loaded machine takes its time."""
expect.set_options(timeout=PATIENCE_MS)
CUT_OFF = ("Failed to load resource", "htmx:", "Response Status Error")
"""How a browser and htmx report what the tests themselves cut off."""
HELD_UP = [r"TimeoutError: Page\.(goto|reload)"]
"""A load that the browser never began: while a service worker changes, one that a debugger watches is now and then
not woken. Only this is tried once more, and printed as RERUN; whatever a page shows or does is judged the first time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=HELD_UP))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        if os.environ.get("TAPERWATCH_SKIP_BROWSER") == "true":
            pytest.skip("no Chromium, and TAPERWATCH_SKIP_BROWSER says to go without")
        pytest.fail(
            "No Chromium was found, so what patients and nurses see is not tested. Install it (Debian: "
            "apt-get install chromium), give its path in CHROMIUM, or set TAPERWATCH_SKIP_BROWSER=true.",
            pytrace=False,
        )
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright runs an event loop in this thread, and Django then takes every query for a mistake.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        found = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield found
        found.close()


@pytest.fixture
def new_person(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A browser of one's own, with nothing remembered. Any complaint of a page fails the test: an error in a script,
    or something that the content security policy refused."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(CUT_OFF):
            complaints.append(message.text)

    def make(**options: Any) -> Page:
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def ground(transactional_db: None) -> Iterator[Ground]:
    # A short path: a unix socket's name has room for some hundred bytes.
    local = Path(tempfile.mkdtemp(prefix="tw-", dir="/tmp"))
    try:
        with ground_in(local) as found:
            yield found
    finally:
        shutil.rmtree(local, ignore_errors=True)
