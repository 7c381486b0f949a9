"""What people write on orders: required or not, never longer than the limit, kept as typed but for the space around it."""

import unicodedata
from typing import Final

from gigneo.api import Refused, gettext

TEXT_LIMIT: Final = 5000

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def required(text: str, field: str, missing: str, limit: int) -> str:
    """Return what was written.

    Args:
        text: as typed.
        field: the form field that it came from.
        missing: what to say when nothing can be seen in it.
        limit: the most characters.

    Raises:
        Refused: ``empty``: there is nothing but space and signs that can't be seen; ``too_long``.
    """
    written = optional(text, field, limit)
    if not any(unicodedata.category(sign) not in _UNSEEN for sign in written):
        raise Refused(missing, code="empty", field=field)
    return written


def optional(text: str, field: str, limit: int) -> str:
    """Return what was written, perhaps nothing.

    Args:
        text: as typed.
        field: the form field that it came from.
        limit: the most characters.

    Raises:
        Refused: ``too_long``.
    """
    written = text.strip()
    if len(written) > limit:
        said = gettext("This has %(length)s characters; the limit is %(limit)s.", length=len(written), limit=limit)
        raise Refused(said, code="too_long", field=field)
    return written
