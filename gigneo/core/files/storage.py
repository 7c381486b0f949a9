"""The one storage port, on obstore: a local folder, memory, S3 and what speaks like it, GCS, Azure. Keys are generated."""

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final
from urllib.parse import quote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, MemoryStore, from_url

from gigneo.core.config import StorageSection

CHUNK_BYTES: Final = 256 * 1024
PIECE_BYTES: Final = 64 * 1024
"""How much of a blob is sent at once. The server keeps some pieces for each reader."""
PART_BYTES: Final = 5 * 1024 * 1024
"""The least that S3 takes as one part of a large file."""
PARTS_AT_ONCE: Final = 2
PATIENCE: Final[Mapping[str, Any]] = MappingProxyType({"connect_timeout": "5s", "read_timeout": "30s", "timeout": "6h"})
"""How long a bucket may be silent. The last is for a whole answer, which a slow reader at the other end may draw out."""
RETRIES: Final[Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}


class StorageDown(Exception):
    """The storage does not take anything now: it is away, full, or closed to us."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Something that is kept.

    Attributes:
        key: its name in the storage.
        size_bytes: how large.
        written_at: when it was put there, by the storage's clock.
    """

    key: str
    size_bytes: int
    written_at: datetime


class Storage:
    """Where blobs are kept. Keys are generated here and never built from names.

    Args:
        store: an obstore store.
        folder: where the blobs are, when that is a folder of this machine.
        signs: whether the store gives links that people can follow.
    """

    def __init__(self, store: Any, folder: Path | None = None, *, signs: bool = False) -> None:
        self._store, self._folder, self.signs = store, folder, signs
        self._told = not isinstance(store, (LocalStore, MemoryStore))  # the others say with a blob what it is

    def put(self, source: BinaryIO, content_type: str = "application/octet-stream", name: str = "file") -> str:
        """Keep a file's bytes under a new key; nobody sees a part of it.

        Args:
            source: read from its beginning to its end, in pieces.
            content_type: what a signed link says of it.
            name: under which a signed link lets it be saved.

        Returns:
            The key.

        Raises:
            StorageDown: the storage did not take it; it may work again later.
        """
        key = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}"
        source.seek(0)
        try:
            obstore.put(
                self._store,
                key,
                source,
                attributes=self._headers(content_type, name),
                chunk_size=PART_BYTES if self._told else 4 * CHUNK_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )
        except (BaseError, OSError) as error:
            raise StorageDown(str(error)) from error
        return key

    def put_back(self, key: str, source: Path, content_type: str, name: str) -> None:
        """Keep a file's bytes under the key that they had, as a restore does; what is there by that key is replaced.

        Args:
            key: the key.
            source: where the bytes are.
            content_type: what a signed link says of it.
            name: under which a signed link lets it be saved.
        """
        obstore.put(self._store, key, source, attributes=self._headers(content_type, name), max_concurrency=PARTS_AT_ONCE)

    def _headers(self, content_type: str, name: str) -> Any:
        """Return what a signed link says of a blob, for the stores that keep it."""
        if not self._told:
            return None
        return {
            "Content-Type": content_type,
            "Content-Disposition": attachment(name),
            "Cache-Control": "private, no-store",
        }

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a blob's bytes from ``start`` up to, not including, ``end``, in pieces that are read when they are asked for.

        Raises:
            FileNotFoundError: there is no such blob.
        """
        options: Any = None if start == 0 and end is None else {"range": (start, end) if end is not None else {"offset": start}}
        result = obstore.get(self._store, key, options=options) if options else obstore.get(self._store, key)
        return (bytes(chunk) for chunk in result.stream(min_chunk_size=PIECE_BYTES))

    def link(self, key: str, lives: timedelta) -> str | None:
        """Return a signed link by which anybody reads one blob for a while, as an attachment; ``None`` where there are none."""
        return obstore.sign(self._store, "GET", key, lives) if self.signs else None

    def delete(self, key: str) -> None:
        """Remove a blob; a missing one is no error."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    def blobs(self) -> Iterator[list[Blob]]:
        """Yield everything that is kept, some hundred at a time."""
        for batch in obstore.list(self._store, chunk_size=500):
            yield [Blob(entry["path"], entry["size"], entry["last_modified"]) for entry in batch]

    def drop_fragments(self, older_than: timedelta) -> int:
        """Remove what processes that died left of files they were writing into a folder; buckets have rules for that.

        Returns:
            How many there were.
        """
        found = 0
        for fragment in self._folder.glob("??/*#*") if self._folder is not None else ():
            if fragment.stat().st_mtime < time.time() - older_than.total_seconds():
                fragment.unlink(missing_ok=True)
                found += 1
        return found


def attachment(name: str) -> str:
    """Return the ``Content-Disposition`` that lets a file be saved under its name and never shown (RFC 6266, RFC 8187).

    Args:
        name: a cleaned name. Programs that know no ``filename*`` get its ASCII part.
    """
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%;' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def open_storage(storage: StorageSection) -> Storage:
    """Open the storage that the configuration names.

    Args:
        storage: its section; a folder is made when it is absent.
    """
    parts = urlsplit(storage.url)
    if parts.scheme == "file":
        folder = Path(storage.url.removeprefix("file://"))
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Storage(LocalStore(prefix=folder), folder)
    if parts.scheme == "memory":
        return Storage(MemoryStore())
    client: Any = {**PATIENCE, "allow_http": storage.endpoint.startswith("http://")}
    if parts.scheme != "s3":
        return Storage(from_url(storage.url, client_options=client, retry_config=RETRIES))
    given = {
        "aws_endpoint": storage.endpoint,
        "aws_region": storage.region,
        "aws_access_key_id": storage.access_key,
        "aws_secret_access_key": storage.secret_key.get_secret_value(),
    }
    config: Any = {name: value for name, value in given.items() if value}
    store = from_url(storage.url, config=config, client_options=client, retry_config=RETRIES)
    return Storage(store, signs=storage.signed_links)
