"""Pages take turns: only one thread at a time makes one, where threads would only wait for each other anyway.

On SQLite a page is Python and a library that lets go of Python's lock for each row that it reads. Between threads that lock
then changes hands some forty times per page, each time to another core with nothing of the page in its caches, and a page costs
twice as much as alone. So a page waits for its turn outside, but never long: one that takes its time (a plugin that asks another
server) keeps nobody waiting for more than a moment.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Lets one at a time through, and whoever has waited long enough as well.

    Args:
        wait_seconds: how long somebody waits for the turn at most; 0 for no turns at all.
    """

    def __init__(self, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._turn = threading.Lock()

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Wait for the turn, and have it inside the block, unless it took too long."""
        mine = self._wait_seconds > 0 and self._turn.acquire(timeout=self._wait_seconds)
        try:
            yield
        finally:
            if mine:
                self._turn.release()
