"""The one storage port, on obstore: a local folder, memory, S3, GCS or Azure, with generated keys and create-only writes."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import obstore
from obstore.store import LocalStore, from_url

CHUNK_BYTES = 256 * 1024


class Storage:
    """Where blobs are kept. Keys are generated here and never built from names.

    Args:
        store: an obstore store.
    """

    def __init__(self, store: Any) -> None:
        self._store = store

    def put(self, source: BinaryIO) -> str:
        """Keep a file's bytes under a new key.

        Args:
            source: read from its beginning to its end, in pieces.

        Returns:
            The key.
        """
        key = f"{secrets.token_hex(1)}/{secrets.token_hex(16)}"
        source.seek(0)
        obstore.put(self._store, key, source, mode="create", use_multipart=False)
        return key

    def put_back(self, key: str, source: Path) -> None:
        """Keep a file's bytes under the key that they had, as a restore does; what is there by that key is replaced."""
        obstore.put(self._store, key, source, max_concurrency=2)

    def blobs(self) -> Iterator[list[str]]:
        """Yield the key of everything that is kept, some hundred at a time."""
        for batch in obstore.list(self._store, chunk_size=500):
            yield [entry["path"] for entry in batch]

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Yield a blob's bytes from ``start`` up to, not including, ``end``."""
        options: Any = None if start == 0 and end is None else {"range": (start, end) if end is not None else {"offset": start}}
        result = obstore.get(self._store, key, options=options) if options else obstore.get(self._store, key)
        for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
            yield bytes(chunk)

    def delete(self, key: str) -> None:
        """Remove a blob; a missing one is no error."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return


def open_storage(url: str | None, home: Path) -> Storage:
    """Open the storage of the configuration; the folder ``files`` in the home when it names none."""
    if not url or url.startswith("file://"):
        folder = Path(url.removeprefix("file://")) if url else home / "files"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Storage(LocalStore(prefix=folder))
    return Storage(from_url(url))
