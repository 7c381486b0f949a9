"""The site and the runtime that the running request, task or command belongs to.

What Flask's proxies stand for is asked here past their cost, which is a microsecond for each attribute that is looked at, a
hundred times per page. Outside of a context they raise :class:`RuntimeError`, as the proxies do.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Request, current_app, g, has_app_context, request, session
from flask.ctx import _AppCtxGlobals
from flask.sessions import SessionMixin

if TYPE_CHECKING:
    from gigneo.core.runtime import Runtime
    from gigneo.core.site import Site

SITE_KEY = "gigneo.site"


def _behind(proxy: Any) -> Callable[[], Any]:
    found: Callable[[], Any] = proxy._get_current_object
    return found


this_app: Final[Callable[[], Flask]] = _behind(current_app)
this_request: Final[Callable[[], Request]] = _behind(request)
this_session: Final[Callable[[], SessionMixin]] = _behind(session)
held: Final[Callable[[], _AppCtxGlobals]] = _behind(g)
"""Gives what ``g`` stands for."""


def current_site() -> "Site":
    """Return the site that this request, task or command runs on, from its start to its end."""
    site: Site = this_app().extensions[SITE_KEY]
    return site


def current_runtime() -> "Runtime":
    """Return what lives as long as the process: settings, engines, storage, clock."""
    return current_site().runtime


def present() -> datetime:
    """Return the present, aware, in UTC: by the Runtime's clock, or by the machine's where no site is at work."""
    if has_app_context() and SITE_KEY in current_app.extensions:
        return current_runtime().clock.now()
    return datetime.now(UTC)
