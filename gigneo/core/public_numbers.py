"""Numbers that the public may see: drawn, not counted, so that they don't tell how much there is."""

import secrets
from collections.abc import Callable
from typing import Final

TRIES: Final = 50


def draw_number(taken: Callable[[str], bool]) -> str:
    """Draw a number that nothing has yet: seven digits, and more when those are nearly all taken.

    Args:
        taken: called with a number; says whether something has it.

    Raises:
        RuntimeError: no free one was found.
    """
    for attempt in range(TRIES):
        digits = 7 + attempt // 10
        number = str(10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1)))
        if not taken(number):
            return number
    raise RuntimeError("No free number was found; nothing was written.")
