"""What people write: required or not, never longer than the limit, kept as typed but for line ends and the space around it."""

import unicodedata
from html import unescape
from typing import Final

from gigneo.core.refusals import Refused
from gigneo.core.translations import gettext

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Unicode's categories of what leaves no mark: control and format characters, and separators."""
_FILLERS: Final = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)
_VARIATIONS: Final = (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_BLANK: Final = frozenset(map(chr, (*_FILLERS, *_VARIATIONS)))
"""What leaves no mark although its category says otherwise: fillers, joiners, variation selectors, the empty Braille sign."""
_TURNS: Final = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
"""The characters that embed, override or isolate a direction: in one line they can turn what stands behind them."""


def visible(text: str) -> bool:
    """Return whether anything of a text can be seen, also where it is Markdown, which knows signs by names and numbers."""
    return any(unicodedata.category(sign) not in _UNSEEN and sign not in _BLANK for sign in unescape(text))


def line_feeds(text: str) -> str:
    """Return a text whose lines end with one character, whatever browser it came from."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def written(text: str | None, field: str, limit: int, *, missing: str = "") -> str:
    """Return a text that must not be empty.

    Args:
        text: as typed; ``None`` is an empty one.
        field: the form field that it came from.
        limit: the most characters.
        missing: what to say when nothing can be seen in it.

    Raises:
        Refused: ``empty``: there is nothing but space and signs that can't be seen; ``too_long``. Both are about the field.
    """
    kept = written_or_empty(text, field, limit)
    if not kept:
        raise Refused(missing or gettext("This must not be empty."), code="empty", field=field)
    return kept


def written_or_empty(text: str | None, field: str, limit: int) -> str:
    """Return a text, or an empty one where nothing can be seen.

    Args:
        text: as typed; ``None`` is an empty one.
        field: the form field that it came from.
        limit: the most characters.

    Raises:
        Refused: ``too_long``, about the field.
    """
    kept = line_feeds(text or "").strip()
    if len(kept) > limit:
        said = gettext("This has %(length)s characters; the limit is %(limit)s.", length=len(kept), limit=limit)
        raise Refused(said, code="too_long", field=field)
    return kept if visible(kept) else ""


def written_line(text: str | None, field: str, limit: int, *, missing: str = "", required: bool = True) -> str:
    """Return a name or a title: one line, whose signs can't turn the words around it.

    Args:
        text: as typed; line ends and needless blanks become one blank.
        field: the form field that it came from.
        limit: the most characters.
        missing: what to say when nothing can be seen in it.
        required: whether it must not be empty.

    Raises:
        Refused: as :func:`written`; ``direction``: it holds signs that turn the direction of what follows.
    """
    line = " ".join((text or "").split())
    if turns(line):
        raise Refused(said_of_turning(), code="direction", field=field)
    return written(line, field, limit, missing=missing) if required else written_or_empty(line, field, limit)


def turns(text: str) -> bool:
    """Return whether a text holds signs that embed, override or isolate a direction."""
    return not _TURNS.isdisjoint(text)


def said_of_turning() -> str:
    """Say that a line holds signs that nobody sees and that turn the words around it."""
    return gettext("This holds hidden signs that turn the direction of the text. Type it anew instead of pasting it.")
