"""How far something long is: a bar where there is a terminal, a line for each stage otherwise."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from gigneo.core.cli.output import say

if TYPE_CHECKING:
    from gigneo.core.backup.progress import Progress

EVERY_SECONDS: Final = 10.0


@contextmanager
def shown(quiet: bool = False) -> Iterator["Progress"]:
    """Give what draws the progress inside the block.

    Args:
        quiet: draw nothing, for commands that answer in JSON.
    """
    if quiet:
        from gigneo.core.backup.progress import Silent

        yield Silent()
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bars:
            yield _Bars(bars)
    else:
        yield _Lines()


class _Bars:
    def __init__(self, bars: Any) -> None:
        self._bars, self._task = bars, None

    def stage(self, what: str, total_bytes: int = 0) -> None:
        self._task = self._bars.add_task(what, total=total_bytes or None)

    def advance(self, count_bytes: int) -> None:
        self._bars.advance(self._task, count_bytes)


class _Lines:
    def __init__(self) -> None:
        self._what, self._total, self._done, self._said = "", 0, 0, 0.0

    def stage(self, what: str, total_bytes: int = 0) -> None:
        self._what, self._total, self._done, self._said = what, total_bytes, 0, time.monotonic()
        say(f"{what}: {size(total_bytes)}" if total_bytes else what)

    def advance(self, count_bytes: int) -> None:
        self._done += count_bytes
        if time.monotonic() - self._said > EVERY_SECONDS:
            self._said = time.monotonic()
            of = f" of {size(self._total)}" if self._total else ""
            say(f"{self._what}: {size(self._done)}{of}")


def size(count_bytes: int) -> str:
    """Return a length for people, as in ``1.5 MB``."""
    from rich.filesize import decimal

    return decimal(count_bytes)
