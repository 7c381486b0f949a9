"""Copies of PostgreSQL databases: the next one is made, and the last one dropped, while a test is busy with its own."""

import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

from sqlalchemy import URL, Connection, NullPool, create_engine, text

from gigneo.testing.endings import at_the_end


class Copies:
    """Copies of the databases of one server.

    Args:
        server: where they are; whoever logs in may make databases.
    """

    def __init__(self, server: URL) -> None:
        self._server = server
        self._worker = ThreadPoolExecutor(1, "gigneo-test-databases")
        self._spare: dict[tuple[str, bool], Future[str]] = {}
        self._dropped: Future[None] | None = None
        at_the_end(self._drop_what_is_left)

    def take(self, template: str, *, durable: bool) -> str:
        """Return the name of a copy that nobody else has, and begin to make the next one.

        Args:
            template: what is copied; nobody may be connected to it.
            durable: whether its commits wait for the disk.
        """
        made = self._spare.pop((template, durable), None) or self._worker.submit(self._copy, template, durable)
        name = made.result()
        self._spare[template, durable] = self._worker.submit(self._copy, template, durable)
        return name

    def drop(self, name: str) -> None:
        """Begin to drop a database, whoever is connected to it. What went wrong with the one before is raised here."""
        if self._dropped is not None:
            self._dropped.result()
        self._dropped = self._worker.submit(drop, self._server, name)

    def _copy(self, template: str, durable: bool) -> str:
        name = f"gigneo_test_{uuid.uuid4().hex[:12]}"
        with administering(self._server) as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
            if not durable:
                connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        return name

    def _drop_what_is_left(self) -> None:
        while self._spare:
            drop(self._server, self._spare.popitem()[1].result())
        if self._dropped is not None:
            self._dropped.result()


@cache
def copies_of(server: URL) -> Copies:
    """Return this process's copies on a server."""
    return Copies(server)


def drop(server: URL, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    with administering(server) as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


@contextmanager
def administering(server: URL) -> Iterator[Connection]:
    """Be connected to a server, outside any transaction."""
    engine = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
