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
_NEVER = frozenset({"server", "x-powered-by", "content-security-policy", *(name.lower() for name in _ALWAYS)})


def hardened(start_response: Callable[..., Any], environ: dict[str, Any], *, https: bool) -> Callable[..., Any]:
    """Wrap ``start_response`` so that every answer carries the headers, whatever the application set.

    Args:
        start_response: the server's.
        environ: the request; a view that sends a file sets ``gigneo.sandboxed`` in it.
        https: whether the site is served over TLS, as its base URL says.
    """

    def start(status: str, headers: Iterable[tuple[str, str]], exc_info: Any = None) -> Any:
        kept = [(name, value) for name, value in headers if name.lower() not in _NEVER]
        kept.extend(_ALWAYS.items())
        kept.append(("Content-Security-Policy", FILE_POLICY if environ.get(SANDBOXED) else PAGE_POLICY))
        if https:
            kept.append(("Strict-Transport-Security", HSTS))
        return start_response(status, kept, exc_info) if exc_info else start_response(status, kept)

    return start
