"""Gates make a race certain: the test itself holds what every action must have first, until everybody waits for it.

On PostgreSQL that is the order's row, on SQLite the writer lock of the whole site. Whoever waits has read all that it reads
beforehand, and has judged nothing yet.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from sqlalchemy import NullPool, create_engine, text

INSIDE = Path(__file__).parent / "inside"
WAIT_SECONDS = 20.0  # passed at once where all goes well; a busy machine needs some of them
POLL_SECONDS = 0.004

_ROWS = text("SELECT id FROM orders_order WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


class Gate(Protocol):
    """What is held while people come.

    Attributes:
        environment: what the site's servers are started with, so that it works.
    """

    environment: Mapping[str, str]

    def held(self, order_ids: Sequence[int]) -> AbstractContextManager[None]:
        """Hold these orders inside the block."""
        ...

    def waiting(self) -> int:
        """Return how many wait now."""
        ...

    def let_claim(self, claimed: Callable[[], bool]) -> None:
        """Let a worker take its task, where that needs what is held; what the task does then waits again."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class RowGate:
    """The rows of orders on PostgreSQL, locked by a transaction of the test's own.

    Args:
        url: the database.
    """

    environment: Mapping[str, str] = MappingProxyType({})

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool)
        self._watcher = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def held(self, order_ids: Sequence[int]) -> Iterator[None]:
        with self._engine.connect() as connection:
            connection.execute(_ROWS, {"ids": list(order_ids)})
            try:
                yield
            finally:
                connection.rollback()

    def waiting(self) -> int:
        return int(self._watcher.execute(_WAITING).scalar_one())

    def let_claim(self, claimed: Callable[[], bool]) -> None:
        """A task is taken without its order."""

    def close(self) -> None:
        self._watcher.close()


class WriterGate:
    """The writer lock of a SQLite site. Its servers run with ``environment``, which makes them note who waits.

    Args:
        home: the site's home.
    """

    def __init__(self, home: Path) -> None:
        self._lock, self._folder = home / "writer.lock", home / "waiting"
        self._folder.mkdir()
        self._descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        self.environment: Mapping[str, str] = {"PYTHONPATH": str(INSIDE), "WAITING_WRITERS": str(self._folder)}

    @contextmanager
    def held(self, order_ids: Sequence[int]) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        for mark in self._folder.iterdir():
            if not Path(f"/proc/{mark.name.partition('-')[0]}").exists():  # a server that was killed while it waited
                mark.unlink(missing_ok=True)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def waiting(self) -> int:
        return len(os.listdir(self._folder))

    def let_claim(self, claimed: Callable[[], bool]) -> None:
        stay = Path(f"{self._folder}.stay")
        stay.touch()
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        until(claimed)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        stay.unlink()

    def close(self) -> None:
        os.close(self._descriptor)


def until(true: Callable[[], bool], seconds: float = WAIT_SECONDS) -> bool:
    """Wait until something is true, and say whether it came to that in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def gate_of(home: Path, url: str) -> Gate:
    """Return the gate to a site, by its database."""
    return WriterGate(home) if url.startswith("sqlite") else RowGate(url)
