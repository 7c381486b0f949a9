"""Who may remove bytes, and when: while a backup copies files, nobody.

A backup copies the database first and then the files that its rows name. Files are only ever added and removed, never
changed; so the one thing that could leave a copied row without its bytes is a removal between the two. Whoever removes bytes
that a row has named asks here first, and comes back later while a backup runs. The lock ends with the process that holds it.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from gigneo.core.refusals import Refused

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime

KEEP_LOCK: Final = 0x6769676B  # "gigk": PostgreSQL's advisory lock, shared by backups, alone for who removes
FILE: Final = "files.lock"
WAIT_SECONDS: Final = 60.0

Take = Callable[[], bool]
"""Tries to take a lock; false while somebody else keeps it."""


@contextmanager
def blobs_kept(runtime: "Runtime", timeout_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Let nobody remove bytes inside the block, on any machine of the site.

    Args:
        runtime: the process's ground; not inside a transaction.
        timeout_seconds: how long to wait for a removal that runs.

    Raises:
        Refused: a removal took longer than that.
    """
    ends = time.monotonic() + timeout_seconds
    with _locked(runtime, shared=True) as take:
        while not take():
            if time.monotonic() > ends:
                raise Refused("Files are being removed, and that takes too long. Try again.", code="files_busy")
            time.sleep(0.05)
        yield


@contextmanager
def removing_blobs(runtime: "Runtime") -> Iterator[bool]:
    """Give whether bytes may be removed inside the block; false while a backup runs, and then nothing may be.

    Args:
        runtime: the process's ground; not inside a transaction.
    """
    with _locked(runtime, shared=False) as take:
        yield take()


@contextmanager
def _locked(runtime: "Runtime", *, shared: bool) -> Iterator[Take]:
    with (_file_lock if runtime.engines.is_sqlite else _advisory_lock)(runtime, shared) as take:
        yield take


@contextmanager
def _file_lock(runtime: "Runtime", shared: bool) -> Iterator[Take]:
    descriptor = os.open(runtime.home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take() -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    try:
        yield take
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(runtime: "Runtime", shared: bool) -> Iterator[Take]:
    kind = "_shared" if shared else ""
    with runtime.engines.auth.connect() as connection:  # autocommit: it lies idle for as long as a backup takes

        def take() -> bool:
            return bool(connection.execute(text(f"SELECT pg_try_advisory_lock{kind}({KEEP_LOCK})")).scalar())

        try:
            yield take
        finally:
            connection.execute(text("SELECT pg_advisory_unlock_all()"))
