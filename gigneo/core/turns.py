"""Pages take turns: only one thread at a time makes one, where threads would only wait for each other anyway.

On SQLite a page is Python and a library that lets go of Python's lock for each row that it reads. Between threads that lock
then changes hands some forty times per page, each time to another core with nothing of the page in its caches, and a page costs
twice as much as alone. So a page waits for its turn outside, but never long: one that takes its time (a plugin that asks another
server) keeps the others waiting for a moment, once, and then no more until it is done.
"""

import threading
from queue import SimpleQueue


class Turns:
    """Lets so many through at once; of those that ask for it one after the other, unless one takes too long.

    Args:
        at_once: how many may be inside; more wait.
        wait_seconds: how long somebody waits for the turn at most; 0 for no turns at all.
    """

    def __init__(self, at_once: int, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._turn = threading.Lock()
        self._slow = False
        self._seats: SimpleQueue[None] = SimpleQueue()  # a semaphore costs ten times as much
        for _ in range(at_once):
            self._seats.put(None)

    def begin(self, *, in_turn: bool) -> bool:
        """Come in, once there is a seat; who waits for the turn waits for it first, and keeps no seat meanwhile.

        Args:
            in_turn: wait for the turn as well, for as long as anybody should.

        Returns:
            Whether the turn is ours; :meth:`end` wants to know it.
        """
        has_turn = False
        if in_turn and self._wait_seconds:
            has_turn = self._turn.acquire(timeout=0 if self._slow else self._wait_seconds)
            self._slow = not has_turn
        self._seats.get()
        return has_turn

    def end(self, has_turn: bool) -> None:
        """Leave, and let the next one through."""
        self._seats.put(None)
        if has_turn:
            self._turn.release()
