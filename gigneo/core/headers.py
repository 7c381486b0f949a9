"""Security headers on every answer: pages, errors, downloads and 304s. Set outside Flask, so that no plugin can drop them."""

from collections.abc import Callable, Iterable
from typing import Any

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
SANDBOXED = "gigneo.sandboxed"
HSTS = "max-age=63072000; includeSubDomains"

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_USUAL = frozenset({"Content-Type", "Content-Length", "Cache-Control", "Set-Cookie", "Vary", "X-Gigneo-Revision", "X-Request-ID"})
"""Names that are let through as they stand, without a look at their letters: nearly all that a page sends."""

_NEVER = frozenset({"server", "x-powered-by", "content-security-policy", *(name.lower() for name in _ALWAYS)})


_OURS = {
    (sandboxed, https): (
        *_ALWAYS.items(),
        ("Content-Security-Policy", FILE_POLICY if sandboxed else PAGE_POLICY),
        *((("Strict-Transport-Security", HSTS),) if https else ()),
    )
    for sandboxed in (False, True)
    for https in (False, True)
}


def hardened(start_response: Callable[..., Any], environ: dict[str, Any], *, https: bool) -> Callable[..., Any]:
    """Wrap ``start_response`` so that every answer carries the headers, whatever the application set.

    Args:
        start_response: the server's.
        environ: the request; a view that sends a file sets ``gigneo.sandboxed`` in it.
        https: whether the site is served over TLS, as its base URL says.
    """

    def start(status: str, headers: Iterable[tuple[str, str]], exc_info: Any = None) -> Any:
        kept = [pair for pair in headers if pair[0] in _USUAL or pair[0].lower() not in _NEVER]
        kept += _OURS[SANDBOXED in environ and bool(environ[SANDBOXED]), https]
        return start_response(status, kept, exc_info) if exc_info else start_response(status, kept)

    return start
