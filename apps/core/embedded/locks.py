"""Who uses a service, told by file locks: the kernel lets go of them even after `kill -9`."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import EmbeddedServiceError

PATIENCE_SECONDS = 180.0
"""How long to wait for another process that is starting or stopping the same service."""


class FileLock:
    """One `flock` on one file. Not inherited by programs we start (Python opens files close-on-exec)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool = False, wait_seconds: float = 0.0) -> bool:
        """True when held; False when another holds it for longer than `wait_seconds`."""
        descriptor = self._descriptor
        if descriptor is None:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        give_up_at = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= give_up_at:
                    if self._descriptor is None:
                        os.close(descriptor)
                    return False
                time.sleep(0.05)
            else:
                self._descriptor = descriptor
                return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        if not self.acquire(wait_seconds=PATIENCE_SECONDS):
            raise EmbeddedServiceError(
                f"Another process has held {self.path} for {PATIENCE_SECONDS:.0f} s. "
                "It is starting or stopping the same service and seems to hang."
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class Users:
    """Counts a service's users without counting: each holds a shared lock, the last one out finds that
    it can have the lock alone."""

    def __init__(self, folder: Path, name: str) -> None:
        self._change = FileLock(folder / f"{name}.change.lock")
        self._presence = FileLock(folder / f"{name}.users.lock")

    @contextmanager
    def arriving(self) -> Iterator[None]:
        """Inside, nobody else starts or stops the service; afterwards we are one of its users."""
        with self._change:
            if not self._presence.acquire(shared=True, wait_seconds=PATIENCE_SECONDS):
                raise EmbeddedServiceError(f"{self._presence.path} is held by a process that hangs.")
            try:
                yield
            except BaseException:
                self._presence.release()
                raise

    @contextmanager
    def leaving(self) -> Iterator[bool]:
        """Inside, nobody else starts or stops the service. Yields whether we were the last user."""
        with self._change:
            last = self._presence.acquire()
            try:
                yield last
            finally:
                self._presence.release()
