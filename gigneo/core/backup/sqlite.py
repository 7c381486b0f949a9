"""SQLite: a copy of one moment by the online backup interface, and back into a database by the same way."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, NullPool, create_engine

from gigneo.core.backup.archive import pieces
from gigneo.core.backup.progress import Progress
from gigneo.core.crash import crash_point
from gigneo.core.db import restoring
from gigneo.core.refusals import Refused

if TYPE_CHECKING:
    from gigneo.core.db.engines import Engines

PAGES_AT_ONCE: Final = 100
LEVEL: Final = 6


@contextmanager
def snapshot(engines: "Engines", folder: Path, progress: Progress) -> Iterator[Connection]:
    """Copy the database as it is now, and give the copy to read.

    Pages are copied inside a reading transaction: writers go on, and the copy need not begin anew whenever one commits.
    The write-ahead log grows meanwhile, because a reader needs it.

    Args:
        engines: the site's.
        folder: where the copy goes.
        progress: told of the pages.

    Raises:
        Refused: the database is damaged.
    """
    copy = folder / "database"
    with engines.read.connect() as source, closing(sqlite3.connect(copy)) as target, source.begin():
        source.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the moment that is copied
        driver = source.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        page_bytes = source.exec_driver_sql("PRAGMA page_size").scalar_one()
        pages = source.exec_driver_sql("PRAGMA page_count").scalar_one()
        progress.stage("Copying the database", pages * page_bytes)
        left = pages

        def told(_status: int, remaining: int, _total: int) -> None:
            nonlocal left
            progress.advance((left - remaining) * page_bytes)
            left = remaining

        driver.backup(target, pages=PAGES_AT_ONCE, progress=told)
        target.execute("PRAGMA journal_mode = DELETE")
        if (said := target.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise Refused(f"The database is damaged, so no backup was made: {said}. See “gigneo doctor”.", "damaged")
    with _opened(copy) as connection:
        yield connection


def pack(folder: Path, target: Path, progress: Progress) -> int:
    """Compress the copy, and remove it.

    Returns:
        How long it was.
    """
    copy = folder / "database"
    size = copy.stat().st_size
    progress.stage("Compressing the database", size)
    with copy.open("rb") as source, target.open("wb") as file, gzip.GzipFile("", "wb", LEVEL, file, mtime=0) as packed:
        for piece in pieces(source):
            packed.write(piece)
            progress.advance(len(piece))
    copy.unlink()
    return size


def unpack(packed: Path, folder: Path, size_bytes: int) -> None:
    """Decompress a copy, up to the length that the manifest says.

    Raises:
        Refused: it has another length.
    """
    with gzip.open(packed, "rb") as source, (folder / "database").open("wb") as target:
        for piece in pieces(source):
            target.write(piece)
            if target.tell() > size_bytes:
                break
        if target.tell() != size_bytes:
            raise Refused("The archive is damaged: the database has another length than it should.", "damaged")


def load(engines: "Engines", folder: Path, mark: restoring.Restoring, progress: Progress) -> None:
    """Put a decompressed copy in the place of the database, mark and all, in one transaction of SQLite's own.

    Args:
        engines: the site's.
        folder: where the copy is.
        mark: says that the database is there and the rest is not.
        progress: told of the pages.
    """
    copy = folder / "database"
    with _opened(copy) as connection:
        restoring.write(connection, mark)
        connection.commit()
    assert engines.writer_lock is not None
    progress.stage("Writing the database", copy.stat().st_size)
    engines.dispose()
    with engines.writer_lock.held(), closing(sqlite3.connect(copy)) as source:
        with closing(sqlite3.connect(str(engines.write.url.database), isolation_level=None)) as target:
            target.execute("PRAGMA synchronous = FULL")
            source.backup(target, pages=PAGES_AT_ONCE, progress=lambda *_: crash_point("restore-rows"))
            target.execute("PRAGMA journal_mode = WAL")


@contextmanager
def _opened(path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
