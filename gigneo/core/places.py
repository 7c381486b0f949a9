"""Which pages belong together, by their addresses."""

from typing import Final

_AREAS: Final = frozenset({"admin"})
"""The first parts of addresses below which each part is a place of its own."""


def place_of(path: str) -> str:
    """Return the part of the site that a page belongs to: the pages of one order are one place.

    Args:
        path: of an address, as in ``/orders/8350241/overview``; its place is ``/orders/8350241``.
    """
    parts = path.strip("/").split("/")
    return "/" + "/".join(parts[: 3 if parts[0] in _AREAS else 2])
