"""Hands ids to Celery from a child process of its own. A broker that is frozen can hold a publish for minutes,
whatever timeouts it was given; a process that hangs can be killed, a call cannot."""

import multiprocessing
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any
from uuid import UUID

ASSESS = "apps.monitoring.tasks.assess_symptom_logs"
DELIVER = "apps.alerts.tasks.deliver"
CELERY_MODULE = "apps.config.celery"
"""Named, not imported: the wiring stands above us. The child needs nothing else of Django."""
DEADLINE_S = 5.0
START_S = 10.0
"""The first message also waits for the child to load Celery."""
MOST_WAITING = 16


@dataclass(frozen=True, slots=True)
class _Waiting:
    task: str
    ids: tuple[UUID, ...]
    deadline: float


class Publisher:
    """Never blocks and never raises; what could not be handed over comes back from `failed`."""

    def __init__(self, celery_module: str = CELERY_MODULE) -> None:
        self._celery_module = celery_module
        self._context = multiprocessing.get_context("spawn")
        self._child: Any = None
        self._pipe: Connection | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._count = 0
        self._failed: list[_Waiting] = []

    def publish(self, task: str, ids: Sequence[UUID]) -> None:
        if not ids:
            return
        self._start()
        allowed = START_S if self._count == 0 else DEADLINE_S
        message = _Waiting(task, tuple(ids), monotonic() + allowed)
        if self._pipe is None or len(self._waiting) >= MOST_WAITING:
            self._failed.append(message)
            return
        self._count += 1
        try:
            self._pipe.send((self._count, task, [str(one) for one in ids]))
        except OSError:
            self._failed.append(message)
            self._kill()
            return
        self._waiting[self._count] = message

    def failed(self) -> list[tuple[str, tuple[UUID, ...]]]:
        """What is known, since the last call, not to have reached the broker. A child that hangs is killed."""
        self._read_answers()
        if any(one.deadline < monotonic() for one in self._waiting.values()):
            self._kill()
        found = [(one.task, one.ids) for one in self._failed]
        self._failed.clear()
        return found

    def close(self) -> None:
        """Let what is under way finish, for a moment."""
        until = monotonic() + 2.0
        while self._waiting and monotonic() < until and self._pipe is not None:
            self._pipe.poll(0.1)
            self._read_answers()
        self._kill()

    def _read_answers(self) -> None:
        while self._pipe is not None:
            try:
                if not self._pipe.poll():
                    return
                number, reached = self._pipe.recv()
            except (EOFError, OSError):
                self._kill()
                return
            message = self._waiting.pop(number, None)
            if message is not None and not reached:
                self._failed.append(message)

    def _start(self) -> None:
        if self._child is not None and self._child.is_alive():
            return
        self._kill()
        self._pipe, theirs = self._context.Pipe()
        self._child = self._context.Process(
            target=_publish_what_comes, args=(theirs, self._celery_module), daemon=True
        )
        self._child.start()
        theirs.close()
        self._count = 0

    def _kill(self) -> None:
        self._failed += self._waiting.values()
        self._waiting.clear()
        if self._child is not None:
            self._child.kill()
            self._child.join(1.0)
            self._child = None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None


def _publish_what_comes(pipe: Connection, celery_module: str) -> None:
    """The child. Ends when the parent does, since then the pipe is closed."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # The parent decides when it ends; a terminal's Ctrl-C reaches both.
        signal.signal(number, signal.SIG_IGN)
    app = import_module(celery_module).app
    while True:
        try:
            number, task, ids = pipe.recv()
        except EOFError:
            return
        try:
            app.send_task(task, args=[ids])
        except Exception:
            # Whatever the broker's library raises: the parent only has to know that it was not taken.
            pipe.send((number, False))
        else:
            pipe.send((number, True))
