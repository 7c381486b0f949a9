"""Keeps a line a line: control characters from outside are written out, so that no log or terminal is given orders."""

import re
from typing import Final

# C0 and C1 controls, line and paragraph separators, and the marks that turn the direction of writing
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escaped(text: str) -> str:
    """Return the text with every control character written as ``\\n``, ``\\x1b`` or ``\\u202e``."""
    return _CONTROLS.sub(lambda found: repr(found[0])[1:-1] if found[0] < "\x80" else f"\\u{ord(found[0]):04x}", text)
