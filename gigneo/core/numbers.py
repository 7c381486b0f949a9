"""Whole numbers that a form or an address carries: digits of ASCII and nothing else, or no number at all."""

from typing import Final

LARGEST_KEY: Final = 2**63 - 1


def whole_number(text: object, most: int = LARGEST_KEY) -> int | None:
    """Read a whole number from 0.

    Args:
        text: as it came; no sign, exponent, group sign, blank, or digit of another script is read.
        most: the largest that is read.

    Returns:
        The number, or ``None`` when it is none, or larger.
    """
    if not isinstance(text, str) or not (text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_KEY))):
        return None
    number = int(text)
    return number if number <= most else None
