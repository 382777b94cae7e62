"""Real processes around the test's own database: a broker, workers and watches that can be stopped and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from apps.core.embedded.local import PROJECT_ROOT
from apps.core.embedded.valkey import valkey_command, valkey_url

PATIENCE_S = 60.0


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


def database_url() -> str:
    """Of the database that this test uses, for processes of their own."""
    where = connection.settings_dict
    password = f":{quote(where['PASSWORD'], safe='')}" if where["PASSWORD"] else ""
    return (
        f"postgresql://{quote(where['USER'], safe='')}{password}@/{quote(where['NAME'], safe='')}"
        f"?host={quote(where['HOST'], safe='')}&port={where['PORT']}"
    )


class Ground:
    """Starts and ends what a story needs; everything still alive at its end is killed."""

    def __init__(self, local: Path) -> None:
        self.local = local
        self.started: list[subprocess.Popen[bytes]] = []
        self.screen = (local / "screen.txt").open("ab")

    @property
    def shown(self) -> str:
        return (self.local / "screen.txt").read_text(errors="replace")

    def broker(self) -> subprocess.Popen[bytes]:
        process = self._start(valkey_command(self.local))
        socket = Path(valkey_url(self.local).removeprefix("redis+socket://"))
        wait_until(socket.exists, "the broker's start")
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start(
            [
                sys.executable, "-m", "celery", "-A", "apps.config.celery", "--quiet", "worker",
                "--concurrency", "1", "--without-gossip", "--without-mingle", "--loglevel", "warning",
            ],
            TAPERWATCH_PROCESS="worker",
        )  # fmt: skip

    def watch(self) -> subprocess.Popen[bytes]:
        return self._start([sys.executable, str(PROJECT_ROOT / "manage.py"), "watch"], TAPERWATCH_PROCESS="watch")

    def _start(self, command: list[str], **more: str) -> subprocess.Popen[bytes]:
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
        process = subprocess.Popen(
            command,
            cwd=PROJECT_ROOT,
            env=kept
            | {
                "DATABASE_URL": database_url(),
                "CELERY_BROKER_URL": valkey_url(self.local),
                "TAPERWATCH_LOCAL_DIR": str(self.local),
                "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF",
                "ACTIVE_CATALOGUE": settings.ACTIVE_CATALOGUE,
                "EMERGENCY_NUMBER": "112",
                "EMAIL_PRINTED": "true",
                "ALLOWED_HOSTS": "localhost",
                "SECURE_COOKIES": "false",
                "PYTHONWARNINGS": "ignore",
            }
            | more,
            stdout=self.screen,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As a power cut would: the process and its children, without a word."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def freeze(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGSTOP)

    def stop(self, process: subprocess.Popen[bytes], seconds: float = 30.0) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(seconds)

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                self.kill(process)
        self.screen.close()
        # Pytest shows it with a test that fails.
        print(self.shown)


@contextmanager
def ground_in(local: Path) -> Iterator[Ground]:
    ground = Ground(local)
    try:
        yield ground
    finally:
        ground.end()
