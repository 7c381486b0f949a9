"""The site and the runtime that the running request, task or command belongs to."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, has_app_context

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime
    from gigneo.core.site import Site

SITE_KEY = "gigneo.site"


def current_site() -> "Site":
    """Return the site that this request, task or command runs on, from its start to its end."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # past the cost of the proxy
    return cast("Site", app.extensions[SITE_KEY])


def current_runtime() -> "Runtime":
    """Return what lives as long as the process: settings, engines, storage, clock."""
    return current_site().runtime


def present() -> datetime:
    """Return the present, aware, in UTC: by the Runtime's clock, or by the machine's where no site is at work."""
    if has_app_context() and SITE_KEY in current_app.extensions:
        return current_runtime().clock.now()
    return datetime.now(UTC)
