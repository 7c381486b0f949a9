"""Processes of the tests: real ones, forked from a server that has imported everything already."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.kernel.db import worker

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_SECONDS = 60

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([worker.__name__])


@dataclass(frozen=True)
class Started:
    """A process that runs.

    Attributes:
        process: to wait for, or to kill.
        line: what it says, and what it is told.
    """

    process: BaseProcess
    line: Connection

    def heard(self) -> Any:
        """Return what the process says next."""
        assert self.line.poll(PATIENCE_SECONDS), "the process says nothing"
        return self.line.recv()

    def ended(self) -> int | None:
        """Wait for its end, and return its exit code."""
        self.process.join(PATIENCE_SECONDS)
        return self.process.exitcode


class Machine:
    """Runs the worker on one database, as often as a test likes.

    Args:
        url: the database.
        lock: the writer lock's file, which all processes share.
    """

    def __init__(self, url: str, lock: Path) -> None:
        self.url, self.lock = url, lock

    @contextmanager
    def started(self, work: str, argument: str = "", *, crash_at: str = "", later: bool = False) -> Iterator[Started]:
        """Start a process; whatever is left of it is killed at the end of the block."""
        ours, theirs = _context.Pipe()
        process = _context.Process(target=worker.main, args=(self.url, self.lock, work, argument, crash_at, later, theirs))
        process.start()
        theirs.close()
        try:
            yield Started(process, ours)
        finally:
            process.kill()
            process.join()
            process.close()
            ours.close()

    def run(self, work: str, argument: str = "", *, crash_at: str = "", later: bool = False) -> int | None:
        """Run a process to its end, and return its exit code."""
        with self.started(work, argument, crash_at=crash_at, later=later) as started:
            return started.ended()
