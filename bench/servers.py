"""Web servers to measure, started and stopped."""

import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]


class Server:
    def __init__(self, process: psutil.Popen, port: int) -> None:
        self.process, self.port = process, port

    def cpu_seconds(self) -> float:
        """Of all its processes: the web server's own work is part of the price."""
        total = 0.0
        for process in (self.process, *self.process.children(recursive=True)):
            times = process.cpu_times()
            total += times.user + times.system
        return total


@contextmanager
def serve(application: str) -> Iterator[Server]:
    port = free_port()
    process = psutil.Popen(
        [
            sys.executable, "-m", "granian", "--interface", "wsgi", application, "--host", "127.0.0.1",
            "--port", str(port), "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "warning",
        ],
        cwd=ROOT,
        env=os.environ | {"TAPERWATCH_PROCESS": "web", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        _await(port)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await(port: int) -> None:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing listens on port {port}")
