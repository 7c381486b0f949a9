"""The archive as a file: written once from beginning to end, read in the same order and in pieces, never unpacked by name."""

import hashlib
import io
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import GzipFile
from pathlib import Path
from typing import IO, Any, Final, cast

from gigneo.core.backup.manifest import LARGEST_BYTES, Entry, Listed
from gigneo.core.backup.progress import Progress
from gigneo.core.refusals import Refused

CHUNK_BYTES: Final = 1024 * 1024


def pieces(source: IO[bytes] | GzipFile) -> Iterator[bytes]:
    """Yield what there is to read, a piece at a time."""
    while piece := source.read(CHUNK_BYTES):
        yield piece


def entry_of(path: Path) -> Entry:
    """Describe a file as an entry."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        for piece in pieces(source):
            digest.update(piece)
    return Entry(size_bytes=path.stat().st_size, sha256=digest.hexdigest())


class ArchiveWriter:
    """Writes an archive; for its owner only, because all of a site is in it.

    Args:
        path: a file that is not there yet.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._tar: Any = tarfile.TarFile(fileobj=self._file, mode="w", format=tarfile.GNU_FORMAT)
        self._begun = time.time()

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add an entry of a few bytes."""
        self._add(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, path: Path) -> None:
        """Add a file's bytes as an entry."""
        with path.open("rb") as source:
            self._add(name, path.stat().st_size, source)

    def add_listed(self, name: str, listed: Listed, source: Iterator[bytes], progress: Progress) -> bool:
        """Add a file of the site.

        Returns:
            Whether what is in the archive are the bytes that its row says; it has the row's length in any case.
        """
        exactly = _Exactly(listed.size_bytes, source, progress)
        self._add(name, listed.size_bytes, cast("IO[bytes]", exactly))
        return exactly.sha256 == listed.sha256

    def close(self) -> None:
        """Write the end, and let everything reach the disk."""
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abandon(self) -> None:
        """Give up."""
        self._file.close()

    def _add(self, name: str, size: int, source: IO[bytes]) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, int(self._begun)
        self._tar.addfile(info, source)
        self._tar.members = []  # or it would remember every file of the site


class _Exactly:
    """Reads so many bytes from pieces, whatever there is: filled up with zeros, or cut; the hash is of what was read."""

    def __init__(self, size: int, source: Iterator[bytes], progress: Progress) -> None:
        self._left, self._source, self._progress = size, source, progress
        self._kept = b""
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The hash of what was read."""
        return self._digest.hexdigest()

    def read(self, count: int) -> bytes:
        """Read exactly so many bytes."""
        count = min(count, self._left)
        gathered = [self._kept]
        length = len(self._kept)
        while length < count and (piece := next(self._source, b"")):
            gathered.append(piece)
            length += len(piece)
        read = b"".join(gathered)
        read, self._kept = read[:count].ljust(count, b"\0"), read[count:]
        self._digest.update(read)
        self._left -= count
        self._progress.advance(count)
        return read


class ArchiveReader:
    """Reads an archive's entries in their order. Names are compared, never used as paths.

    Args:
        source: the open archive.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._tar: Any = tarfile.TarFile(fileobj=source)
        self._next: tarfile.TarInfo | None = None
        self._move()

    @property
    def name(self) -> str:
        """The name of the entry that comes next; empty at the end."""
        return self._next.name if self._next is not None else ""

    @property
    def size_bytes(self) -> int:
        """The length of the entry that comes next."""
        return self._next.size if self._next is not None else 0

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Read the next entry, and go on to the one after it.

        Raises:
            Refused: another entry comes next, or none.
        """
        self.expect(name)
        assert self._next is not None
        source = self._tar.extractfile(self._next)
        assert source is not None
        with source:
            yield source
        self._move()

    def read(self, name: str) -> bytes:
        """Read a small entry whole.

        Raises:
            Refused: another entry comes next, or it is too long for what it is.
        """
        self.expect(name)
        if self.size_bytes > LARGEST_BYTES:
            raise Refused(f"The archive is damaged: {name} has {self.size_bytes} bytes.", "damaged")
        with self.open(name) as source:
            return source.read()

    def save(self, name: str, wanted: Entry | Listed, path: Path, progress: Progress) -> bool:
        """Copy the next entry into a file of ours.

        Args:
            name: the entry that must come next.
            wanted: its length, and the hash that it should have.
            path: where to; replaced if it is there.
            progress: told of each piece.

        Returns:
            Whether it has that hash.

        Raises:
            Refused: another entry comes next, or it has another length.
        """
        self.expect(name)
        if self.size_bytes != wanted.size_bytes:
            raise Refused(f"The archive is damaged: {name} has {self.size_bytes} bytes, not {wanted.size_bytes}.", "damaged")
        digest = hashlib.sha256()
        with self.open(name) as source, path.open("wb") as target:
            for piece in pieces(source):
                digest.update(piece)
                target.write(piece)
                progress.advance(len(piece))
        return digest.hexdigest() == wanted.sha256

    def expect(self, name: str) -> None:
        """Refuse any entry but one, or the end for an empty name."""
        if self.name == name:
            return
        if not self.name:
            raise Refused(f"The archive is not whole: it ends before {name}.", "damaged")
        if not name:
            raise Refused(f"The archive goes on after its end, with {self.name!r}.", "damaged")
        raise Refused(f"The archive has {self.name!r} where {name!r} should be; nothing of it was unpacked.", "damaged")

    def _move(self) -> None:
        self._next = self._tar.next()
        self._tar.members = []
        if self._next is not None and (self._next.type != tarfile.REGTYPE or self._next.pax_headers):
            raise Refused(f"The archive has {self._next.name!r}, which is no plain file; nothing of it was unpacked.", "damaged")
