"""How many stored logs a second does one worker assess anew, as after a new catalogue version or a late report?

    python -m bench.reassess

Logs of a fortnight are stored for a ward, all are owed, and one process pays through monitoring.pipeline in
batches of a hundred, as the queue hands them out: windows read from PostgreSQL, rules, and for each log a
transaction of its own that stores the assessment, its alerts and the person's latest row. In the same run, for
the same logs: the rules alone with the windows in memory, the reading of the windows, and bare inserts of rows as
large, one transaction each. Time is wall-clock time: most of it is PostgreSQL's."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.servers import ROOT

PATIENTS = int(os.environ.get("BENCH_PATIENTS", "72"))
BATCH = 100
BARE = "create table bench_assessment (id bigserial primary key, told jsonb not null, result jsonb not null)"


def main() -> bool:
    """Prints the table. There is no goal: the figures are there to be compared."""
    with tempfile.TemporaryDirectory(prefix="taperwatch-bench-") as folder:
        os.environ |= {
            "TAPERWATCH_LOCAL_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "apps.config.settings",
            "DEMO_MODE": "false",
            "LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore:No directory at",  # nobody asks for static files here
        }
        from apps.core.embedded.local import make_private
        from apps.core.embedded.postgres import postgres_in_use

        with postgres_in_use(make_private(Path(folder))):
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, check=True)
            _measure()
    return True


def _measure() -> None:
    from bench import stored

    ward = stored.build(PATIENTS)
    batches = [ward.logs[place : place + BATCH] for place in range(0, len(ward.logs), BATCH)]
    reading = _seconds(lambda: [ward.read(batch) for batch in batches])
    facts = [facts for batch in batches for facts in ward.read(batch)]
    rules = _seconds(lambda: [ward.evaluate(each) for each in facts])
    bare = _seconds(lambda: ward.insert_bare(BARE, facts))
    whole = _seconds(lambda: [ward.reassess(batch) for batch in batches])
    ward.owe_all()
    again = _seconds(lambda: [ward.reassess(batch) for batch in batches])
    ward.close()
    print(f"{len(ward.logs)} stored logs of {PATIENTS} people, {ward.alerts} alerts raised")
    _line("re-assessed, first time", whole, ward.logs, bare)
    _line("re-assessed again, nothing new", again, ward.logs, bare)
    _line("reading the windows alone", reading, ward.logs, bare)
    _line("rules alone, windows in memory", rules, ward.logs, bare)
    _line("floor: bare insert of the same rows", bare, ward.logs, bare)


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _line(name: str, seconds: float, logs: list[Any], floor: float) -> None:
    print(f"{name:<38}{len(logs) / seconds:>9,.0f} logs/s{floor / seconds:>8.2f} of the floor")


if __name__ == "__main__":
    main()
