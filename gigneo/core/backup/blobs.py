"""The files of a site, as a backup sees them: which rows name them, and how they go back. The one place that knows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TextIO

from sqlalchemy import Connection, select, update
from sqlmodel import col

from gigneo.core.backup.manifest import Listed
from gigneo.core.db.uow import writing
from gigneo.core.files.models import StoredFile
from gigneo.core.files.previews import draw_later

if TYPE_CHECKING:
    from pathlib import Path

    from gigneo.core.files.storage import Storage
    from gigneo.core.runtime import Runtime

ROWS_AT_ONCE: Final = 1000


def write_listing(connection: Connection, listing: TextIO) -> tuple[int, int]:
    """Write a line for each file that the rows name, by key.

    Args:
        connection: the copied database, or a snapshot of it.
        listing: where to.

    Returns:
        How many files there are, and how many bytes they have together.
    """
    count = total = 0
    columns = (StoredFile.storage_key, StoredFile.size_bytes, StoredFile.sha256, StoredFile.name, StoredFile.content_type)
    statement: Any = select(*map(col, columns)).order_by(col(StoredFile.storage_key)).execution_options(yield_per=ROWS_AT_ONCE)
    for row in connection.execute(statement):
        line = Listed(key=row[0], size_bytes=row[1], sha256=row[2], name=row[3], content_type=row[4])
        listing.write(line.model_dump_json() + "\n")
        count, total = count + 1, total + line.size_bytes
    return count, total


def read_blob(storage: "Storage", listed: Listed) -> Iterator[bytes] | None:
    """Return a file's bytes in pieces, or ``None`` when there are none."""
    try:
        pieces = storage.stream(listed.key)
        first = next(pieces, b"")
    except FileNotFoundError:
        return None
    return _with(first, pieces)


def put_back(storage: "Storage", listed: Listed, source: "Path") -> None:
    """Keep a file's bytes under the key that its row names."""
    storage.put_back(listed.key, source, listed.content_type, listed.name)


def is_empty(storage: "Storage") -> bool:
    """Return whether nothing is kept."""
    return not any(storage.blobs())


def remove_all(storage: "Storage") -> None:
    """Remove everything that an earlier try put there."""
    for found in list(storage.blobs()):
        for blob in found:
            storage.delete(blob.key)


def redraw_previews(runtime: "Runtime") -> None:
    """Let the small pictures be drawn again: they are made from the files, so an archive does without them."""
    with writing(runtime.engines, revision=None) as session:
        drawn = update(StoredFile).where(col(StoredFile.preview_key).is_not(None)).values(preview_key=None)
        draw_later(session, *session.execute(drawn.returning(col(StoredFile.id))).scalars())


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
