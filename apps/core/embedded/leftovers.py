"""Processes that an earlier `make run` left behind when it was killed outright."""

import os
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "TAPERWATCH_RUN_IN"
"""Environment variable that every process of a run carries: the `.local/` it belongs to."""
GRACE_SECONDS = 25.0


def end_leftovers(local: Path) -> int:
    """Stop what carries the mark of this `.local/`; how many there were. Call it only while holding the
    lock of the run: then whatever carries the mark has lost its supervisor."""
    left = [process for process in psutil.process_iter() if _is_leftover(process, local)]
    for process in left:
        with suppress(psutil.Error):
            process.terminate()
    _gone, stubborn = psutil.wait_procs(left, timeout=GRACE_SECONDS)
    for process in stubborn:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)
    return len(left)


def _is_leftover(process: psutil.Process, local: Path) -> bool:
    if process.pid == os.getpid():
        return False
    # Other users' processes do not show us their environment, and are not ours to stop.
    with suppress(psutil.Error, OSError):
        return bool(process.environ().get(MARK) == str(local))
    return False
