"""What has to be cleared away when the tests are over, in the workers of pytest-xdist as well: those end without ``atexit``."""

import atexit
from collections.abc import Callable
from typing import Final

_endings: Final[list[Callable[[], object]]] = []


def at_the_end(clear: Callable[[], object]) -> None:
    """Remember what is called once, the latest first, when pytest or the process ends."""
    _endings.append(clear)


def end() -> None:
    """Clear everything away."""
    while _endings:
        _endings.pop()()


atexit.register(end)
