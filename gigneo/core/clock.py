"""The one clock. Everything that asks for the time asks the Runtime's clock, so that tests and demo data can move it."""

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Iterator, Protocol


class Clock(Protocol):
    """What the kernel asks of a clock."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        return datetime.now(timezone.utc)


class MovableClock:
    """A clock that stands where it was put, or runs with an offset; for tests, demo data and rehearsals.

    Args:
        start: where the clock stands at first, aware; ``None`` lets it run with the machine.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._fixed = start
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        return (self._fixed or datetime.now(timezone.utc)) + self._offset

    def move_to(self, when: datetime) -> None:
        """Stand still at ``when`` (aware)."""
        if when.tzinfo is None:
            raise ValueError("A clock is moved to an aware datetime.")
        self._fixed, self._offset = when.astimezone(timezone.utc), timedelta(0)

    def move_by(self, step: timedelta) -> None:
        """Go forward (or back) by ``step``."""
        self._offset += step

    @contextmanager
    def standing_at(self, when: datetime) -> Iterator[None]:
        """Stand at ``when`` inside the block, and go back to the former time after it."""
        before = self._fixed, self._offset
        self.move_to(when)
        try:
            yield
        finally:
            self._fixed, self._offset = before
