"""One `make run`: where it lives, what it was told, and how its start is told."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .children import Children
from .leftovers import MARK
from .local import PROJECT_ROOT


class StopAsked(Exception):
    """Ctrl-C while still starting."""


@dataclass
class Run:
    """One run. `stopping` is set by the first signal, `hurry` by the second."""

    local: Path
    host: str
    port: int
    children: Children = field(default_factory=Children)
    stopping: threading.Event = field(default_factory=threading.Event)
    hurry: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        shown = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else self.host  # noqa: S104
        return f"http://{shown}:{self.port}/"

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "TAPERWATCH_LOCAL_DIR": str(self.local),
            "PYTHONPATH": str(PROJECT_ROOT),
            "PYTHONUNBUFFERED": "1",
            MARK: str(self.local),
        }

    def obey_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup
            signal.signal(number, lambda *_: (self.hurry if self.stopping.is_set() else self.stopping).set())

    def give_up_if_asked(self) -> None:
        if self.stopping.is_set():
            raise StopAsked


@contextmanager
def stage(run: Run, name: str) -> Iterator[None]:
    """Says how long a part of the start took."""
    run.give_up_if_asked()
    began = time.monotonic()
    yield
    run.children.say(f"{name}: {time.monotonic() - began:.1f} s")
