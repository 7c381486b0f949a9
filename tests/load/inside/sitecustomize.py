"""Python loads this by itself in a server that a test starts with this folder on its path: it notes who waits to write.

A test that holds SQLite's writer lock can't ask the database who waits for it, as it can ask PostgreSQL. So each thread that
wants the lock puts a file into a folder, and takes it away when it has the lock. Who has given the lock back stays there for as
long as the test says so: that lets it take the lock between two transactions of one worker. Nothing else is changed.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gigneo.core.db.locks import WriterLock

FOLDER = os.environ.get("WAITING_WRITERS", "")
_held = WriterLock.held


@contextmanager
def _noted(self: WriterLock, *arguments: Any) -> Iterator[None]:
    mark = Path(FOLDER) / f"{os.getpid()}-{threading.get_ident()}"
    mark.touch()
    try:
        with _held(self, *arguments):
            mark.unlink(missing_ok=True)
            yield
    finally:
        mark.unlink(missing_ok=True)
    while os.path.exists(f"{FOLDER}.stay"):
        time.sleep(0.002)


if FOLDER:
    WriterLock.held = _noted  # type: ignore[method-assign]
