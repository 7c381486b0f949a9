"""What every request passes before its view: who it is, whether the form is ours, whether the person may."""

from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from gigneo.core.access import Access, access_of, public, signed_in
from gigneo.core.accounts import fresh
from gigneo.core.accounts.people import Person
from gigneo.core.current import current_runtime
from gigneo.core.translations import gettext as _

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
WAY_BACK = "next"
"""Where to go afterwards: never stored, judged on its own, and no reason to keep anybody from logging in."""
csrf = CSRFProtect()

LIBRARY_ROUTES: dict[str, Access] = {
    f"security.{name}": Access("public")
    for name in ("login", "logout", "register", "send_confirmation", "confirm_email", "forgot_password", "reset_password")
}
"""The routes of libraries, which can't carry our decorators; a route that is in neither place does not exist."""


def declared_access(endpoint: str, view: Any) -> Access | None:
    """Return who may call an endpoint: what its view declares, or what is said here of a library's."""
    return access_of(view) or LIBRARY_ROUTES.get(endpoint)


def guard_request() -> ResponseReturnValue | None:
    """Let the request through to its view, or answer it here."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    if "\x00" in request.path:
        abort(404)
    if faulty := _unstorable():
        abort(400, description=_("“%(name)s” holds a character that can't be kept. Take it out and send it again.", name=faulty))
    access = declared_access(request.endpoint, current_app.view_functions[request.endpoint])
    if access is None or request.method not in METHODS:
        abort(404)
    person: Person | None = g.person
    if access.kind != "public":
        if person is None:
            return redirect(url_for("security.login", next=_way_back()), 303)
        if access.kind == "permission" and not person.may(access.permission):
            abort(403)
        if access.kind == "party" and access.loader is not None:
            g.owned = access.loader(**(request.view_args or {}))
            if g.owned is None:
                abort(404)
    if request.method not in SAFE_METHODS and not access.by_token:
        csrf.protect()
    if access.fresh and person is not None and not fresh.passed(request, person):
        return fresh.ask_again(request)
    return None


def _unstorable() -> str | None:
    """Return the name of what was sent with a NUL in it, which PostgreSQL can't store in a text, or ``None``."""
    for sent in (request.args,) if request.method in SAFE_METHODS else (request.args, request.form):
        for name, values in sent.lists():
            if name != WAY_BACK and any("\x00" in text for text in (name, *values)):
                return name.replace("\x00", "") or _("a field without a name")
    return None


def _way_back() -> str:
    """Where to go after the log-in: this page, or the page whose form was sent."""
    if request.method in SAFE_METHODS:
        return request.full_path.rstrip("?")
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc == urlsplit(current_runtime().config.site.base_url).netloc or referrer.netloc == request.host:
        return referrer.path or "/"
    return "/dashboard"


__all__ = ["csrf", "declared_access", "guard_request", "public", "signed_in"]
