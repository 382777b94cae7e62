"""How many symptom logs a second does the API take in, against the least that a web server in Python needs for it?

Floor and API run on the same embedded PostgreSQL and the same web server (granian, two processes of four threads),
in turn A B B A, so that a slow moment of the machine hits both. The log is a full one: every item answered,
readings with units; each has its own client id, a token, and passes catalogue, floor rules, audit and debt."""

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg

from bench import floor, load
from bench.load import Load
from bench.servers import ROOT, Server, serve

SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CONNECTIONS = 16
PATIENTS = 2_000
"""Many, since a ward does not write a hundred logs a second of one person."""
MUST_OF_FLOOR = 0.30
"""Share of the floor below which the intake is slower than it was meant to be."""


def main() -> bool:
    """Prints the table; True when the intake keeps its promise."""
    with tempfile.TemporaryDirectory(prefix="taperwatch-bench-") as folder:
        os.environ |= {
            "TAPERWATCH_LOCAL_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "apps.config.settings",
            "DEMO_MODE": "false",
            "API_LOGS_PER_MINUTE": "100000000",
            "API_REQUESTS_PER_MINUTE": "100000000",
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore:No directory at",  # nobody asks for static files here
        }
        from apps.core.embedded.local import make_private
        from apps.core.embedded.postgres import connection_parameters, postgres_in_use

        with postgres_in_use(make_private(Path(folder))):
            dsn = " ".join(f"{key}={value}" for key, value in connection_parameters(Path(folder)).items())
            os.environ["BENCH_DSN"] = dsn
            with psycopg.connect(dsn) as connection:
                connection.execute(floor.TABLES)
            return _measure()


def _measure() -> bool:
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
    from bench import hospital

    place = hospital.build(PATIENTS)
    statements = hospital.statements_per_log(place)
    with serve("bench.floor:application") as bare, serve("apps.config.wsgi:application") as api:
        runs = [_timed(server, _requests(place)) for server in (bare, api, api, bare)]
    bare_run, api_run = Run.of(runs[0], runs[3]), Run.of(runs[1], runs[2])
    _print(bare_run, api_run, statements)
    kept = api_run.per_second >= MUST_OF_FLOOR * bare_run.per_second
    print(f"goal: {MUST_OF_FLOOR:.2f} of the floor{'' if kept else '   not reached yet'}")
    return kept


class Run:
    """Two turns of the same server."""

    def __init__(self, per_second: float, p50: float, p99: float, cpu_ms: float, other: dict[int, int]) -> None:
        self.per_second, self.p50, self.p99, self.cpu_ms, self.other = per_second, p50, p99, cpu_ms, other

    @classmethod
    def of(cls, *turns: tuple[Load, float]) -> "Run":
        count = sum(len(turn.milliseconds) for turn, _cpu in turns)
        both = Load(
            sum(turn.seconds for turn, _cpu in turns),
            [ms for turn, _cpu in turns for ms in turn.milliseconds],
        )
        other: dict[int, int] = {}
        for turn, _cpu in turns:
            for status, times in turn.statuses.items():
                if status != 201:
                    other[status] = other.get(status, 0) + times
        cpu_ms = 1000 * sum(cpu for _turn, cpu in turns) / max(1, count)
        return cls(both.per_second, both.percentile(0.5), both.percentile(0.99), cpu_ms, other)


def _print(bare: Run, api: Run, statements: list[str]) -> None:
    print(f"{'POST symptom log':<22}{'req/s':>8}{'of floor':>10}{'p50 ms':>8}{'p99 ms':>8}{'app CPU ms':>12}")
    for name, run in (("floor: bare WSGI", bare), ("API", api)):
        print(
            f"{name:<22}{run.per_second:>8.0f}{run.per_second / bare.per_second:>10.2f}"
            f"{run.p50:>8.1f}{run.p99:>8.1f}"
            f"{run.cpu_ms:>12.2f}" + (f"   not 201: {run.other}" if run.other else "")
        )
    frame = [line for line in statements if line.split(" ", 1)[0] in {"BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"}]
    print(
        f"SQL per POST: {len(statements) - len(frame)} statements and {len(frame)} of transaction control; "
        f"app CPU {api.cpu_ms / bare.cpu_ms:.1f} times the floor's"
    )
    if os.environ.get("BENCH_SQL"):
        print("\n".join(f"  {line[:200]}" for line in statements))


def _requests(place: Any) -> Callable[[], bytes]:
    """Each request is a new log, observed just now, of the next patient."""
    client_id, observed_at = b"00000000-0000-4000-8000-000000000000", b"2026-01-01T00:00:00.000000+00:00"
    headers = {"Authorization": f"Bearer {place.token}", "Accept": "application/json"}
    ready = []
    for patient in place.patients:
        log = place.log(patient) | {"client_id": client_id.decode(), "observed_at": observed_at.decode()}
        ready.append(load.post("/api/v1/symptom-logs/", orjson.dumps(log), headers))
    turn = 0

    def make() -> bytes:
        nonlocal turn
        turn = (turn + 1) % len(ready)
        now = datetime.now(UTC).isoformat(timespec="microseconds").encode()
        return ready[turn].replace(client_id, str(uuid.uuid4()).encode()).replace(observed_at, now)

    return make


def _timed(server: Server, make_request: Callable[[], bytes]) -> tuple[Load, float]:
    load.run(server.port, make_request, seconds=0.7, connections=CONNECTIONS)
    before = server.cpu_seconds()
    found = load.run(server.port, make_request, seconds=SECONDS, connections=CONNECTIONS)
    return found, server.cpu_seconds() - before


if __name__ == "__main__":
    main()
