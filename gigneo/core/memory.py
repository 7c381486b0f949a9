"""A worker's memory: few arenas for its many threads, and what was imported is never looked through again."""

import ctypes
import gc
from contextlib import suppress
from typing import Final

_M_ARENA_MAX: Final = -8
"""glibc's name for how many arenas threads may have, in malloc.h; by default eight per core, and each keeps what it once had."""
_M_MMAP_THRESHOLD: Final = -3
_M_TRIM_THRESHOLD: Final = -1
ARENAS: Final = 1
LARGE_BYTES: Final = 1024 * 1024
KEPT_BYTES: Final = 1024 * 1024
"""So much stays free on top of the arena before it is given back; less would be asked for again by the next page."""
YOUNG: Final = 10_000
"""So many new objects are looked through at once: those of a page or two, which are gone by then, and not of a tenth of one."""


def share_arenas() -> None:
    """Let all threads allocate from a few arenas; before there are threads. Does nothing where the C library isn't glibc.

    Large blocks stand apart and go back at once, as the 19 MiB of each password that is checked: by itself glibc would learn
    from the first of them to take the next ones from the arena, between what stays.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
        library.mallopt(_M_TRIM_THRESHOLD, KEPT_BYTES)


def settle() -> None:
    """Give back what starting left over, and keep modules and the first site out of every later garbage collection.

    Once per process: freezing each site that is built would keep all of them for ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
