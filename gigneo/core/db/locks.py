"""The writer lock of SQLite: one writer at a time on the whole machine, in this process and in every other.

SQLite before 3.51.3 can corrupt a WAL database when one connection checkpoints while another commits
(https://sqlite.org/wal.html, "WAL-reset bug"). One lock around each writing transaction avoids that, and keeps the
waiting time of writers flat besides.
"""

import fcntl
import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

LOCK_TIMEOUT_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.001
LONGEST_PAUSE_SECONDS = 0.02


class WriterBusy(RuntimeError):
    """Another writer kept the lock for longer than anybody should wait."""


class WriterLock:
    """A lock in the process plus a lock file beside the database.

    Args:
        path: the lock file; created when absent, never deleted.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread_lock = threading.Lock()
        self._descriptor: int | None = None
        self._pid = os.getpid()

    @contextmanager
    def held(self, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> Iterator[None]:
        """Hold the lock inside the block.

        Raises:
            WriterBusy: this process's other threads, or another process, kept it for ``timeout_seconds``.
        """
        if not self._thread_lock.acquire(timeout=timeout_seconds):
            raise _busy(timeout_seconds)
        try:
            descriptor = self._open()
            _take(descriptor, timeout_seconds)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            self._thread_lock.release()

    def _open(self) -> int:
        """Return this process's own descriptor: one inherited over a fork would share its lock with the parent."""
        if self._descriptor is None or self._pid != os.getpid():
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._pid = os.getpid()
        return self._descriptor


def _take(descriptor: int, timeout_seconds: float) -> None:
    """Take the lock file, and ask again ever less often while another process has it: flock itself knows no time-out."""
    ends, pause = time.monotonic() + timeout_seconds, FIRST_PAUSE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > ends:
                raise _busy(timeout_seconds) from None
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        else:
            return


def _busy(seconds: float) -> WriterBusy:
    return WriterBusy(f"The database was busy for {seconds:.0f} seconds. Nothing was written; try again.")
