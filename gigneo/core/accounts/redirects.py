"""Where a person may be sent after logging in: a path of ours, or nowhere."""

import re
from urllib.parse import unquote, urlsplit

_PLAIN = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*\Z")


def safe_path(target: str | None) -> str | None:
    """Return ``target`` when it is a path of this site, else ``None``.

    Browsers drop control characters, read backslashes as slashes and decode leniently; whatever could be read as
    another host, in plain or once decoded, is refused.

    Args:
        target: what a form or an address carried.
    """
    if not target or not target.isascii():
        return None
    for reading in (target, unquote(target)):
        if not _PLAIN.match(reading):
            return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target
