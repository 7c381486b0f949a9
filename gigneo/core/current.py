"""The site and the runtime that the running request, task or command belongs to."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime
    from gigneo.core.site import Site

SITE_KEY = "gigneo.site"


def current_site() -> "Site":
    """Return the site that this request, task or command runs on, from its start to its end."""
    return cast("Site", current_app.extensions[SITE_KEY])


def current_runtime() -> "Runtime":
    """Return what lives as long as the process: settings, engines, storage, clock."""
    return current_site().runtime
