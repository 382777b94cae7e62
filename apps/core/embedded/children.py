"""The processes of `make run`: their output on one screen, and each that dies is started again.

honcho runs a process and tells its lines apart from the others'. By itself it stops everything when one
process ends; a ward's board must not go dark because a worker was killed, so the restarting is ours."""

import os
import shlex
import shutil
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, Queue

from honcho.printer import Message, Printer
from honcho.process import Process

LONGEST_PAUSE_SECONDS = 30.0
STEADY_AFTER_SECONDS = 60.0
GRACE_SECONDS = 25.0
"""Longer than the longest task (20 s), so that a worker told to stop may finish what it holds."""
COLOURS = ("36", "33", "32", "35", "34")


@dataclass(slots=True)
class Child:
    """One process that is meant to run for as long as we do."""

    name: str
    command: list[str]
    environment: dict[str, str]
    stage: int
    """Those of the highest stage are stopped first."""
    colour: str
    pid: int | None = None
    started_at: float = 0.0
    pause: float = 1.0
    due_at: float | None = None
    deaths: int = 0


@dataclass(slots=True)
class Children:
    """Starts, watches, restarts and stops. Everything happens in the thread that calls `attend`."""

    printer: Printer = field(default_factory=lambda: Printer(sys.stdout))
    _events: "Queue[Message]" = field(default_factory=Queue)
    _children: dict[str, Child] = field(default_factory=dict)
    _stopping: bool = False

    def say(self, text: str) -> None:
        self.printer.write(Message("line", text, datetime.now().astimezone(), "taperwatch", "1"))

    def start(self, name: str, command: list[str], environment: dict[str, str], *, stage: int = 1) -> Child:
        colour = COLOURS[len(self._children) % len(COLOURS)]
        child = self._children[name] = Child(name, command, environment, stage, colour)
        self.printer.width = max(self.printer.width, len(name), len("taperwatch"))
        self._launch(child)
        return child

    def attend(self, seconds: float) -> None:
        """Print what the children say for a while, and start those that died once their pause is over."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            with suppress(Empty):
                self._take(self._events.get(timeout=min(left, 0.1)))
            for child in self._children.values():
                if child.pid and _has_died(child.pid):
                    # What it leaves in its group holds its port, its tasks and its end of our pipe: honcho
                    # would not notice the death before those are gone too.
                    _signal_group(child.pid)
                if not self._stopping and child.due_at is not None and time.monotonic() >= child.due_at:
                    self._launch(child)

    def stop(self, hurry: threading.Event) -> None:
        """Tell all to stop, those of the last stage first, and kill what has not after the grace. `hurry`
        (a second Ctrl-C) ends the grace."""
        self._stopping = True
        for stage in sorted({child.stage for child in self._children.values()}, reverse=True):
            group = [child for child in self._children.values() if child.stage == stage and child.pid]
            for child in group:
                _signal(child.pid, signal.SIGTERM)
            give_up_at = time.monotonic() + GRACE_SECONDS
            while any(child.pid for child in group) and time.monotonic() < give_up_at and not hurry.is_set():
                self.attend(0.05)
            for child in group:
                if child.pid:
                    self.say(f"{child.name} does not stop and is killed")
                    _signal_group(child.pid)
            while any(child.pid for child in group):
                self.attend(0.05)

    def _launch(self, child: Child) -> None:
        child.due_at = None
        child.started_at = time.monotonic()
        # `exec`: honcho runs a command through a shell, which must not stay between us and the process.
        line = "exec " + shlex.join(_dies_with_us(child.command))
        process = Process(line, name=child.name, colour=child.colour, env=child.environment)
        threading.Thread(target=process.run, args=(self._events,), name=child.name, daemon=True).start()

    def _take(self, event: Message) -> None:
        child = self._children[event.name]
        if event.type == "line":
            self.printer.write(event)
        elif event.type == "start":
            child.pid = event.data["pid"]
            if self._stopping:
                _signal(child.pid, signal.SIGTERM)
        elif event.type == "stop":
            self._bury(child, event.data["returncode"])

    def _bury(self, child: Child, code: int) -> None:
        child.pid = None
        if self._stopping:
            return
        child.deaths += 1
        if time.monotonic() - child.started_at >= STEADY_AFTER_SECONDS:
            child.pause = 1.0
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self.say(f"{child.name} {how}; it is started again in {child.pause:.0f} s")
        child.due_at = time.monotonic() + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE_SECONDS)


def _dies_with_us(command: list[str]) -> list[str]:
    """On Linux the kernel tells a child when its parent is gone, even after `kill -9`. Elsewhere the next
    start cleans up."""
    return ["setpriv", "--pdeathsig", "TERM", "--", *command] if shutil.which("setpriv") else command


def _has_died(pid: int) -> bool:
    """Without taking the exit code away from the `wait` of the thread that reads its output."""
    with suppress(ChildProcessError):
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    return False


def _signal(pid: int | None, number: signal.Signals) -> None:
    if pid:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def _signal_group(pid: int) -> None:
    """Every child leads a process group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
