"""`make run`: everything on one machine, with nothing installed but Python.

    python -m apps.core.embedded.run

Starts the embedded PostgreSQL and Valkey where no DATABASE_URL or CELERY_BROKER_URL is given, brings the tables
up to date, fills a new database with demo people, then runs web, worker and watch until Ctrl-C or SIGTERM.
Ends with 0 after a stop that was asked for, with 1 and a sentence when it could not start."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from apps.core.probe import web_is_ready

from .errors import EmbeddedServiceError
from .leftovers import end_leftovers
from .local import PROJECT_ROOT, local_dir, make_private
from .locks import FileLock
from .postgres import postgres_in_use
from .preparation import DEMO_MARK, prepare
from .refusals import refuse_full_disk, refuse_taken_port
from .session import Run, StopAsked, stage
from .valkey import valkey_command

READY_SECONDS = 60.0


def main() -> int:
    try:
        run = Run(make_private(local_dir()), os.environ.get("HOST") or "127.0.0.1", _port())
        run.obey_signals()
        _run(run)
    except StopAsked:
        print("taperwatch: stopped before it was up.", flush=True)
    except EmbeddedServiceError as error:
        print(f"taperwatch: {error}", file=sys.stderr, flush=True)
        return 1
    except OSError as error:
        print(f"taperwatch: {error.strerror}: {error.filename or ''}", file=sys.stderr, flush=True)
        return 1
    return 0


def _run(run: Run) -> None:
    began = time.monotonic()
    with ExitStack() as held:
        held.enter_context(only_run(run))
        refuse_full_disk(run.local)
        if ended := end_leftovers(run.local):
            run.children.say(f"{ended} processes of a run that was killed were still there; they are ended")
        refuse_taken_port(run.host, run.port)
        if not os.environ.get("DATABASE_URL", "").strip():
            with stage(run, "PostgreSQL"):
                server = held.enter_context(postgres_in_use(run.local))
            if server.account.switched:
                run.children.say(f"PostgreSQL does not run as root: its data are in {server.cluster.folder}")
        held.callback(_stop, run)
        prepare(run)
        with stage(run, "web, worker and watch"):
            _start_children(run)
            _await_ready(run)
        _greet(run, time.monotonic() - began)
        while not run.stopping.is_set():
            run.children.attend(0.5)


def _stop(run: Run) -> None:
    run.children.say("stopping; press Ctrl-C again to hurry")
    run.children.stop(run.hurry)
    run.children.say("stopped")


@contextmanager
def only_run(run: Run) -> Iterator[None]:
    """One run for each `.local/`; a second one learns where the first is."""
    lock = FileLock(run.local / "run.lock")
    note = run.local / "run.json"
    if not lock.acquire():
        try:
            first = json.loads(note.read_text())
            where = f"at {first['address']} (process {first['pid']})"
        except (OSError, ValueError, KeyError):
            where = "and is still starting"
        raise EmbeddedServiceError(f"already running {where}. Stop it there with Ctrl-C, or use that one.")
    try:
        note.write_text(json.dumps({"address": run.address, "pid": os.getpid()}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise EmbeddedServiceError(f"PORT is a number from 1 to 65535, not {given!r}.")
    return int(given)


def _start_children(run: Run) -> None:
    python = sys.executable
    environment = run.environment
    if not os.environ.get("CELERY_BROKER_URL", "").strip():
        run.children.start("valkey", valkey_command(run.local), environment, stage=0)
    run.children.start(
        "web",
        [
            python, "-m", "granian", "--interface", "wsgi", "apps.config.wsgi:application",
            "--host", run.host, "--port", str(run.port), "--workers", "2", "--blocking-threads", "4",
            "--respawn-failed-workers", "--log-level", "warning", "--no-ws",
        ],
        environment | {"TAPERWATCH_PROCESS": "web"},
    )  # fmt: skip
    run.children.start(
        "worker",
        [
            python, "-m", "celery", "-A", "apps.config.celery", "--quiet", "worker", "--beat",
            "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "warning",
        ],
        environment
        | {
            "TAPERWATCH_PROCESS": "worker",
            # Said to root at each start. A container or a rented machine often has nobody else; the messages
            # are JSON and cannot carry code, which is what the warning is about.
            "PYTHONWARNINGS": "ignore:You're running the worker with superuser",
        },
    )  # fmt: skip
    run.children.start(
        "watch", [python, str(PROJECT_ROOT / "manage.py"), "watch"], environment | {"TAPERWATCH_PROCESS": "watch"}
    )


def _await_ready(run: Run) -> None:
    give_up_at = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up_at:
        run.give_up_if_asked()
        run.children.attend(0.1)
        if _is_ready(run):
            return
    raise EmbeddedServiceError(f"the web server was not ready after {READY_SECONDS:.0f} s; its lines are above.")


def _is_ready(run: Run) -> bool:
    host = "127.0.0.1" if run.host in {"0.0.0.0", ""} else run.host  # noqa: S104
    return web_is_ready(host, str(run.port), timeout=2)


def _greet(run: Run, seconds: float) -> None:
    run.children.say(f"ready in {seconds:.1f} s")
    run.children.say(" ")
    run.children.say(f"    {run.address}")
    run.children.say(" ")
    mark = run.local / DEMO_MARK
    if mark.exists():
        for line in mark.read_text().splitlines():
            run.children.say(f"    {line}")
        run.children.say(" ")
    run.children.say("Ctrl-C stops everything; the data stay.")


if __name__ == "__main__":
    sys.exit(main())
