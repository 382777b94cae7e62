"""How long from sending a log until the alert is on the ward board?

A whole stack of its own (web, worker, watch, PostgreSQL, Valkey) on a free port. Nurses sign in over HTTP and
fetch the board as a browser does: once a second, at a moment that has nothing to do with the log. Two series: an
emergency, which the intake itself puts on the board, and an urgent pattern, which has to go through the watch and
Celery. The time runs from before the log is sent until a board that names the alert has arrived."""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

import requests

from bench.load import Load
from bench.servers import ROOT, free_port

SAMPLES = int(os.environ.get("BENCH_SAMPLES", "50"))
NURSES = 5
"""Boards open at once, each with samples of its own."""
POLL_SECONDS = 1.0
PROMISED_SECONDS = 2.0
GIVE_UP_SECONDS = 20.0
START_SECONDS = 90.0

SERIES: dict[str, dict[str, Any]] = {
    "emergency, by the intake's floor": {
        "vital_signs": {"temperature_c": {"value": 40.4, "unit": "degC", "site": "core"}}
    },
    "urgent, through watch and Celery": {"answers": {"visual_hallucinations": 3}},
}


class Board:
    """The board in one browser: fetches the piece that its page names, as htmx does, and keeps it while the answer
    is "as it was" (204)."""

    def __init__(self, browser: requests.Session, address: str) -> None:
        self.browser = browser
        page = browser.get(f"{address}/ward/", timeout=10)
        page.raise_for_status()
        self._show(page)

    def fetch(self) -> str:
        answer = self.browser.get(self.piece, headers={"HX-Request": "true"}, timeout=10)
        if answer.status_code != 204:
            answer.raise_for_status()
            self._show(answer)
        return self.shown

    def _show(self, answer: requests.Response) -> None:
        self.shown = answer.text
        named = re.search(r'hx-get="([^"]+)"', answer.text)
        if named is None:
            raise RuntimeError("the board does not say what its browser fetches")
        self.piece = urljoin(answer.url, named[1].replace("&amp;", "&"))


def main() -> bool:
    """Prints p50 and p95 of each series; True when both keep the promise."""
    with tempfile.TemporaryDirectory(prefix="taperwatch-bench-") as folder:
        port = free_port()
        os.environ |= {
            "TAPERWATCH_LOCAL_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "apps.config.settings",
            "DEMO_MODE": "false",
            "PORT": str(port),
            "API_REQUESTS_PER_MINUTE": "1000000",
        }
        with _stack(f"http://127.0.0.1:{port}") as address:
            kept = [_series(address, name, log) for name, log in SERIES.items()]
            return all(kept)


def _series(address: str, name: str, log: dict[str, Any]) -> bool:
    from bench import ward

    place = ward.build(SAMPLES, nurses=NURSES)
    shares = [place.patients[number::NURSES] for number in range(NURSES)]
    with ThreadPoolExecutor(NURSES) as nurses:
        found = nurses.map(
            lambda pair: _watch_for(address, place, pair[0], pair[1], log), zip(place.nurses, shares, strict=True)
        )
        taken = Load(milliseconds=[ms for part in found for ms in part])
    p50, p95, slowest = (taken.percentile(part) / 1000 for part in (0.5, 0.95, 1.0))
    kept = len(taken.milliseconds) == SAMPLES and p95 <= PROMISED_SECONDS
    print(
        f"log to board, {name}: p50 {p50:.2f} s, p95 {p95:.2f} s, slowest {slowest:.2f} s "
        f"of {len(taken.milliseconds)} "
        f"(promised: p95 within {PROMISED_SECONDS:.0f} s) {'' if kept else 'NOT KEPT'}"
    )
    return kept


def _watch_for(address: str, place: Any, nurse: Any, patients: Any, log: dict[str, Any]) -> list[float]:
    """Milliseconds for each patient's alert to arrive on this nurse's board."""
    board = Board(_signed_in(address, nurse, place.password), address)
    return [_one(address, place, patient, log, board) for patient in patients]


def _one(address: str, place: Any, patient: Any, log: dict[str, Any], board: Board) -> float:
    from bench import ward

    time.sleep(random.uniform(0, 0.3))
    began = time.perf_counter()
    answer = requests.post(
        f"{address}/api/v1/symptom-logs/",
        json=ward.log(patient, **log),
        headers={"Authorization": f"Bearer {place.token}"},
        timeout=10,
    )
    if answer.status_code != 201:
        raise RuntimeError(f"the log was not taken: {answer.text}")
    next_poll = began + random.uniform(0, POLL_SECONDS)
    while time.perf_counter() - began < GIVE_UP_SECONDS:
        time.sleep(max(0.0, next_poll - time.perf_counter()))
        shown = board.fetch()
        if any(str(alert) in shown for alert in ward.alerts_of(patient)):
            return (time.perf_counter() - began) * 1000
        next_poll += POLL_SECONDS
    return GIVE_UP_SECONDS * 1000


def _signed_in(address: str, nurse: str, password: str) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{address}/accounts/login/", timeout=10)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    if token is None:
        raise RuntimeError("the sign-in page has no form")
    answer = browser.post(
        f"{address}/accounts/login/",
        data={"login": nurse, "password": password, "csrfmiddlewaretoken": token[1]},
        headers={"Referer": f"{address}/accounts/login/"},
        timeout=10,
    )
    if "/accounts/login" in answer.url:
        raise RuntimeError("the nurse could not sign in")
    return browser


@contextmanager
def _stack(address: str) -> Iterator[str]:
    """`make run` on its own folder and port, until it answers; stopped as by Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "apps.core.embedded.run"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        _await_ready(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _await_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError("the stack did not start; its words are above")
        try:
            if requests.get(f"{address}/readyz", timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.3)
    raise TimeoutError("the stack was not ready in time")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
