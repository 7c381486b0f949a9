"""The raw drivers as the marks use them: one connection per thread, one transaction per page, statements as they stand."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

_NAME = re.compile(r":(\w+)")


class Raw(Protocol):
    """A database, past all libraries."""

    def page(self) -> Any:
        """Open a reading transaction, as a context that gives a function from a statement and its values to rows."""
        ...


class RawSqlite:
    """SQLite by ``sqlite3``, with the product's own durability.

    Args:
        path: of the database.
    """

    def __init__(self, path: str) -> None:
        self._path, self._local = path, threading.local()

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = sqlite3.connect(self._path, isolation_level=None, timeout=30, cached_statements=256)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "query_only=ON"):
                db.execute(f"PRAGMA {pragma}")
        return db

    @contextmanager
    def page(self) -> Iterator[Any]:
        """Open a reading transaction."""
        db = self.connection()
        db.execute("BEGIN")
        try:
            yield db.execute
        finally:
            db.execute("ROLLBACK")


class RawPostgres:
    """PostgreSQL by ``psycopg``, which prepares what it has seen five times.

    Args:
        url: as libpq takes it.
    """

    def __init__(self, url: str) -> None:
        self._url, self._local = url, threading.local()

    @contextmanager
    def page(self) -> Iterator[Any]:
        """Open a reading transaction."""
        import psycopg

        db = getattr(self._local, "db", None)
        if db is None:
            db = self._local.db = psycopg.connect(self._url, options="-c timezone=UTC")
            db.read_only = True
        try:
            yield lambda statement, values: db.execute(as_postgres(statement), values)
        finally:
            db.rollback()


@lru_cache(maxsize=64)
def as_postgres(statement: str) -> str:
    """Write a statement of SQLite as PostgreSQL reads it."""
    written = _NAME.sub(r"%(\1)s", statement.replace("group_concat(", "string_agg("))
    for flag in ("allowed", "active"):
        written = re.sub(rf"(\w+\.{flag}) = (\d)", lambda found: found[1] if found[2] == "1" else f"NOT {found[1]}", written)
    return written.replace("SELECT id, NULL, round", "SELECT id, NULL::boolean, round")
