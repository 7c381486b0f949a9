"""What people write: required or not, never longer than the limit, kept as typed but for the space around it."""

import unicodedata
from typing import Final

from gigneo.core.refusals import Refused
from gigneo.core.translations import gettext

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Unicode's categories of what leaves no mark: control and format characters, and separators."""


def written(text: str, field: str, limit: int, *, missing: str = "") -> str:
    """Return a text that must not be empty.

    Args:
        text: as typed.
        field: the form field that it came from.
        limit: the most characters.
        missing: what to say when nothing can be seen in it.

    Raises:
        Refused: ``empty``: there is nothing but space and signs that can't be seen; ``too_long``. Both are about the field.
    """
    kept = written_or_empty(text, field, limit)
    if all(unicodedata.category(sign) in _UNSEEN for sign in kept):
        raise Refused(missing or gettext("This must not be empty."), code="empty", field=field)
    return kept


def written_or_empty(text: str, field: str, limit: int) -> str:
    """Return a text, perhaps an empty one.

    Args:
        text: as typed.
        field: the form field that it came from.
        limit: the most characters.

    Raises:
        Refused: ``too_long``, about the field.
    """
    kept = text.strip()
    if len(kept) > limit:
        said = gettext("This has %(length)s characters; the limit is %(limit)s.", length=len(kept), limit=limit)
        raise Refused(said, code="too_long", field=field)
    return kept
