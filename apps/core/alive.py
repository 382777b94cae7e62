"""Signs of life of processes without a web address: a file whose age says when the process last went round its
loop. An orchestrator looks at it (`apps.core.probe`) and restarts what hangs."""

import time
from pathlib import Path

from apps.core.embedded.local import local_dir

STALE_AFTER_SECONDS = 30.0


def show_alive(name: str) -> None:
    """Call it in each round of the loop that must not hang."""
    sign = _sign(name)
    sign.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sign.touch()


def is_alive(name: str) -> bool:
    try:
        return time.time() - _sign(name).stat().st_mtime < STALE_AFTER_SECONDS
    except FileNotFoundError:
        return False


def _sign(name: str) -> Path:
    return local_dir() / "alive" / name
