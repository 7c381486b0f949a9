"""What every request passes before its view: who it is, whether the form is ours, whether the person may."""

from typing import Any
from urllib.parse import urlsplit

from flask import Request, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Forbidden

from gigneo.core.access import Access, access_of, public, signed_in
from gigneo.core.accounts import fresh, resuming
from gigneo.core.accounts.people import Person
from gigneo.core.current import current_runtime, held, this_app, this_request
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


class FromElsewhere(Forbidden):
    """Another site made the browser send this."""


def from_elsewhere(request: Request) -> bool:
    """Return whether a browser says that another site had it send this request.

    Besides the form's token, which another site can't know: the token may leak, what browsers say of themselves may not.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site == "cross-site":
        return True
    if origin is None or (origin == "null" and site == "same-origin"):
        return False
    return not _is_ours(origin)


def _is_ours(address: str) -> bool:
    try:
        host = urlsplit(address).netloc
    except ValueError:
        return False
    return host in {urlsplit(current_runtime().config.site.base_url).netloc, request.host}


def guard_request() -> ResponseReturnValue | None:
    """Let the request through to its view, or answer it here."""
    asked, kept = this_request(), held()
    if asked.endpoint is None or asked.routing_exception is not None:
        return None
    if "\x00" in asked.path:
        abort(404)
    if asked.method not in SAFE_METHODS and from_elsewhere(asked):
        raise FromElsewhere
    if faulty := _unstorable(asked):
        abort(400, description=_("“%(name)s” holds a character that can't be kept. Take it out and send it again.", name=faulty))
    access = declared_access(asked.endpoint, this_app().view_functions[asked.endpoint])
    if access is None or asked.method not in METHODS:
        abort(404)
    person: Person | None = kept.person
    resuming.refuse_others(asked, person)
    if access.kind != "public":
        if person is None:
            if asked.headers.get("HX-Request") == "true":
                abort(401)  # a script would take the page of the log-in for what it asked for
            if asked.method not in SAFE_METHODS and (resumed := resuming.keep_form(asked, _way_back())):
                return resumed
            return redirect(url_for("security.login", next=_way_back()), 303)
        if access.kind == "permission" and not person.may(access.permission):
            abort(403)
        if access.kind == "party" and access.loader is not None:
            kept.owned = access.loader(**(asked.view_args or {}))
            if kept.owned is None:
                abort(404)
    if asked.method not in SAFE_METHODS and not access.by_token:
        csrf.protect()
    if access.fresh and person is not None and not fresh.passed(asked, person):
        return fresh.ask_again(asked)
    return None


def _unstorable(asked: Request) -> str | None:
    """Return the name of what was sent with a NUL in it, which PostgreSQL can't store in a text, or ``None``."""
    in_address = (asked.args,) if b"%00" in asked.query_string or b"\x00" in asked.query_string else ()
    for sent in in_address if asked.method in SAFE_METHODS else (*in_address, asked.form):
        for name, values in sent.lists():
            if name != WAY_BACK and any("\x00" in text for text in (name, *values)):
                return name.replace("\x00", "") or _("a field without a name")
    return None


def _way_back() -> str:
    """Where to go after the log-in: this page, or the page whose form was sent."""
    if request.method in SAFE_METHODS:
        return request.full_path.rstrip("?")
    referrer = request.referrer or ""
    return (urlsplit(referrer).path or "/") if _is_ours(referrer) else "/dashboard"


__all__ = ["FromElsewhere", "csrf", "declared_access", "guard_request", "public", "signed_in"]
