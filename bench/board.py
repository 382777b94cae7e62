"""How long does the server take for a ward board of sixty patients?

    python -m bench.board

Simulated tapers with their plans, doses, logs and alerts lie in an embedded PostgreSQL of their own. One nurse
fetches the board through the whole of Django (middleware, session, access, record of who looked, template), in
this process, so that the time is the server's alone. Three answers are measured in turn, so that a slow moment of
the machine hits all: the piece after something changed, "as it was" (204), and, as a floor, the same session and
access and nothing else (the way to her only ward)."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.load import Load
from bench.servers import ROOT

PATIENTS = int(os.environ.get("BENCH_BEDS", "60"))
DAYS = 10
TURNS = int(os.environ.get("BENCH_SAMPLES", "60"))
PROMISED_MS = 200.0


def main() -> bool:
    """Prints the table; True when a changed board keeps its promise."""
    with tempfile.TemporaryDirectory(prefix="taperwatch-bench-") as folder:
        os.environ |= {
            "TAPERWATCH_LOCAL_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "apps.config.settings",
            "DEMO_MODE": "true",
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore:No directory at",  # nobody asks for static files here
        }
        from apps.core.embedded.local import make_private
        from apps.core.embedded.postgres import postgres_in_use

        with postgres_in_use(make_private(Path(folder))):
            for command in (
                ("collectstatic", "--noinput", "-v0"),
                ("migrate", "-v0"),
                ("simulate", "--patients", str(PATIENTS), "--days", str(DAYS), "--seed", "60"),
            ):
                subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True)
            return _measure()


def _measure() -> bool:
    from bench import boards

    desk = boards.nurse_at_the_busiest_ward()
    ways: dict[str, Callable[[], int]] = {
        "board of a changed ward": desk.changed,
        "board as it was (204)": desk.unchanged,
        "floor: sign-in alone": desk.floor,
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _turn in range(TURNS):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            taken[name].append((time.perf_counter() - began) * 1000)
    size = desk.changed()
    desk.close()
    floor = Load(milliseconds=taken["floor: sign-in alone"]).percentile(0.5)
    print(f"{desk.rows} patients, {desk.alerts} open alerts, {size / 1024:.0f} KiB of HTML")
    for name, milliseconds in taken.items():
        load = Load(milliseconds=milliseconds)
        p50, p95 = load.percentile(0.5), load.percentile(0.95)
        print(f"{name:<26}p50 {p50:>6.1f} ms   p95 {p95:>6.1f} ms   {p50 / floor:>5.2f} of the floor")
    kept = Load(milliseconds=taken["board of a changed ward"]).percentile(0.95) <= PROMISED_MS
    print(f"promised: p95 of a changed board within {PROMISED_MS:.0f} ms{'' if kept else '   NOT KEPT'}")
    return kept


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
