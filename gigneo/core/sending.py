"""Places for what passes over slow lines: a worker has threads for it beside those of its pages, so that no page waits for it."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class NoPlace(Exception):
    """So much is being sent and taken already that nothing more can begin now."""


class Places:
    """How much may be sent and taken at once by one process.

    Args:
        most: so many files or large forms.
    """

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    def send(self, pieces: Iterable[bytes]) -> "Sent":
        """Return pieces that keep a place until they are closed, or forgotten.

        Raises:
            NoPlace: none is free.
        """
        self._take()
        return Sent(pieces, self._free)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Keep a place inside the block.

        Raises:
            NoPlace: none is free.
        """
        self._take()
        try:
            yield
        finally:
            self._free.release()

    def _take(self) -> None:
        if not self._free.acquire(blocking=False):
            raise NoPlace


class Sent:
    """An answer's body that keeps a place; the server closes it after the last piece, or when nobody reads on.

    Args:
        pieces: what is sent.
        place: given back once.
    """

    def __init__(self, pieces: Iterable[bytes], place: threading.BoundedSemaphore) -> None:
        self._pieces: Iterator[bytes] = iter(pieces)
        self._place: threading.BoundedSemaphore | None = place
        self._closing = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        return next(self._pieces)

    def close(self) -> None:
        """Give the place back, once, and close what the pieces come from."""
        with self._closing:
            place, self._place = self._place, None
        if place is None:
            return
        place.release()
        close: Any = getattr(self._pieces, "close", None)
        if close is not None:
            close()

    def __del__(self) -> None:
        """Give the place back even when no server closes it."""
        self.close()
