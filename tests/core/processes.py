"""Real processes for the tests of the embedded services."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from apps.core.embedded.cluster import DISPOSABLE
from apps.core.embedded.leftovers import MARK
from apps.core.embedded.local import PROJECT_ROOT

PATIENCE_SECONDS = 90.0


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def wait_until(condition: Callable[[], object], *, what: str, seconds: float = PATIENCE_SECONDS) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, f"{what} did not happen within {seconds} s"
        time.sleep(0.1)


def environment(local: Path, **more: str) -> dict[str, str]:
    """Ours, without what a developer or a build server has set for an installation of theirs."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "USER"}}
    return kept | {"TAPERWATCH_LOCAL_DIR": str(local), "DEMO_MODE": "false", DISPOSABLE: "true"} | more


class MakeRun:
    """What `make run` starts, in a `.local/` of its own."""

    def __init__(self, local: Path) -> None:
        self.local = local
        self.port = free_port()
        self.screen = local.parent / f"screen-{self.port}.txt"
        with self.screen.open("w") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "apps.core.embedded.run"],
                cwd=PROJECT_ROOT,
                env=environment(local, PORT=str(self.port)),
                stdout=screen,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    @property
    def shown(self) -> str:
        return self.screen.read_text()

    def wait_ready(self) -> None:
        wait_until(lambda: "ready in" in self.shown or self.process.poll() is not None, what="the start")
        assert self.process.poll() is None, self.shown

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def child(self, words: str) -> psutil.Process:
        """The direct child whose command holds these words."""
        return next(
            child for child in psutil.Process(self.process.pid).children() if words in " ".join(child.cmdline())
        )

    def press_ctrl_c(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def processes_of(local: Path) -> list[str]:
    """Everything that still runs for this `.local/`: the marked ones, and a server on its data."""
    found = []
    data = str((local / "postgres").resolve())
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(local) or any(data in word for word in process.cmdline()):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found
