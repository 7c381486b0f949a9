"""Three engines over one database: for writing transactions, for read-only ones, and the autocommit one of log-ins."""

import math
import sqlite3
import time
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError

from gigneo.core.db.locks import WriterLock

CHECKPOINT_PAGES = 1000
LOCK_TIMEOUT = "10s"
STATEMENT_TIMEOUT = "60s"
RESTED_SECONDS = 1.0
"""Whether a connection to PostgreSQL still lives is only asked when it was not used for so long."""


@dataclass(frozen=True)
class Engines:
    """The ways into the database.

    Attributes:
        write: begins IMMEDIATE on SQLite; used under the writer lock, through a unit of work only.
        read: read-only; a statement that writes is refused by the database.
        auth: autocommit, for Flask-Security's look-ups, so that argon2 never runs inside a transaction.
        writer_lock: the machine-wide writer lock, or ``None`` on PostgreSQL.
    """

    write: Engine
    read: Engine
    auth: Engine
    writer_lock: WriterLock | None

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.writer_lock is not None

    def dispose(self) -> None:
        """Close every pooled connection."""
        for engine in (self.write, self.read, self.auth):
            engine.dispose()


def open_engines(url: str, lock_path: Path, pool_size: int = 20) -> Engines:
    """Open the engines for a database URL.

    Args:
        url: a SQLAlchemy URL, ``sqlite:///…`` or ``postgresql+psycopg://…``.
        lock_path: where the writer lock's file is (SQLite only).
        pool_size: connections kept per engine; more than the threads that use them. On PostgreSQL one pool serves reading
            and writing, and a thread may need a connection for each: it keeps twice as many.
    """
    if make_url(url).get_backend_name() == "sqlite":
        write = _sqlite_engine(url, pool_size, checkpoint_pages=CHECKPOINT_PAGES, query_only=False)
        event.listen(write, "begin", _begin_immediate)
        read = _sqlite_engine(url, pool_size, checkpoint_pages=0, query_only=True)
        event.listen(read, "begin", _begin_deferred)
        auth = _sqlite_engine(url, pool_size, checkpoint_pages=0, query_only=True)
        return Engines(write, read, auth.execution_options(isolation_level="AUTOCOMMIT"), WriterLock(lock_path))
    shared: dict[str, Any] = {
        "pool_size": 2 * pool_size,
        "max_overflow": 4,
        "pool_use_lifo": True,
        "connect_args": {"options": f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout={STATEMENT_TIMEOUT} -c timezone=UTC"},
    }
    base = create_engine(url, isolation_level="READ COMMITTED", **shared)
    _ping_what_rested(base)
    return Engines(
        write=base,
        read=base.execution_options(postgresql_readonly=True),
        auth=base.execution_options(isolation_level="AUTOCOMMIT"),
        writer_lock=None,
    )


def _ping_what_rested(engine: Engine) -> None:
    """Ask a connection that has not been used for a while whether it is alive, and replace it where it isn't.

    SQLAlchemy's own ``pool_pre_ping`` asks before each use, which is a round trip more for every page.
    """

    @event.listens_for(engine, "checkin")
    def remember(_driver: object, record: Any) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(driver: Any, record: Any, _checked_out: object) -> None:
        if time.monotonic() - record.info.get("used", -math.inf) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(driver)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _sqlite_engine(url: str, pool_size: int, *, checkpoint_pages: int, query_only: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=4,
        pool_use_lifo=True,  # the connection that was used last has its statements and pages at hand
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where SQLAlchemy says so, not where the driver guesses
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"wal_autocheckpoint={checkpoint_pages}",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        connection.create_function("gigneo_folded", 1, _folded, deterministic=True)

    return engine


@lru_cache(maxsize=16_384)
def _folded(text: str | None) -> str | None:
    """What ``lower`` and ``normalize`` do on PostgreSQL: no accents, lower case; SQLite knows ASCII only."""
    if text is None or text.isascii():
        return text and text.lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)).lower()


def _begin_immediate(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_deferred(connection: Any) -> None:
    driver = connection.connection.driver_connection
    if not driver.in_transaction:  # a reader may have begun on the driver's own connection
        driver.execute("BEGIN")  # takes no lock, so it can't fail; and each page pays for it
