"""What surrounds each of Flask-Security's views: limits before, one commit after, and an answer that leads nowhere else."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from flask import Flask, current_app, g, make_response, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response

from gigneo.core.accounts.datastore import AccountMoved, AuthSession
from gigneo.core.accounts.limits import limits
from gigneo.core.accounts.redirects import safe_path
from gigneo.core.accounts.sessions import COOKIE_KEY, revoke_token
from gigneo.core.current import current_runtime

MINUTE, HOUR = 60, 3600
WRONG_LOGINS = (5, MINUTE)
WRONG_LOGINS_BY_ADDRESS = (30, MINUTE)
MAILS = (3, HOUR)
MAILS_BY_ADDRESS = (30, HOUR)

View = Callable[..., Any]
Step = Callable[[View, dict[str, Any]], ResponseReturnValue]


def install(app: Flask) -> None:
    """Put the steps around the views."""
    around = {
        "login": _login,
        "logout": _logout,
        "register": _mailing("register"),
        "forgot_password": _mailing("reset"),
        "send_confirmation": _mailing("confirm"),
        "confirm_email": _keeps_login,
        "reset_password": _as_it_is,
    }
    for name, step in around.items():
        endpoint = f"security.{name}"
        app.view_functions[endpoint] = _wrap(app.view_functions[endpoint], step)


def _wrap(view: View, step: Step) -> View:
    @wraps(view)
    def run(**values: Any) -> ResponseReturnValue:
        _forget_foreign_next()
        return _at_home(step(view, values))

    return run


def _as_it_is(view: View, values: dict[str, Any]) -> ResponseReturnValue:
    return _committed(view, values)


def _login(view: View, values: dict[str, Any]) -> ResponseReturnValue:
    """Count the tries of an account before the password is looked at, so that parallel tries count too."""
    if request.method != "POST":
        return _committed(view, values)
    account, address = _posted_address(), request.remote_addr or ""
    limits().check("login.address", address, *WRONG_LOGINS_BY_ADDRESS)
    limits().hit("login.account", account, *WRONG_LOGINS)
    answer = _committed(view, values)
    if g.get("logged_in"):
        limits().clear("login.account", account, *WRONG_LOGINS)
    else:
        with suppress(TooManyRequests):  # the next one is refused before it is looked at
            limits().hit("login.address", address, *WRONG_LOGINS_BY_ADDRESS)
    return answer


def _logout(view: View, values: dict[str, Any]) -> ResponseReturnValue:
    """End the log-in in the database: a copy of the cookie is worth nothing afterwards."""
    token = cookie.get(COOKIE_KEY)
    if isinstance(token, str):
        now = current_runtime().clock.now()
        _session().at_commit(lambda session: revoke_token(session, token, now))
    answer = _committed(view, values)
    cookie.clear()
    return answer


def _mailing(name: str) -> Step:
    """Limit what sends mail, per receiver and per sender, whether or not the receiver exists."""

    def step(view: View, values: dict[str, Any]) -> ResponseReturnValue:
        if request.method == "POST":
            limits().hit(f"{name}.account", _posted_address(), *MAILS)
            limits().hit(f"{name}.address", request.remote_addr or "", *MAILS_BY_ADDRESS)
        return _committed(view, values)

    return step


def _keeps_login(view: View, values: dict[str, Any]) -> ResponseReturnValue:
    """Following somebody's link changes nothing about who is logged in in this browser."""
    before = dict(cookie)
    answer = _committed(view, values)
    if COOKIE_KEY in before:
        notes = cookie.get("_flashes")
        cookie.clear()
        cookie.update(before)
        if notes:
            cookie["_flashes"] = notes
    return answer


def _committed(view: View, values: dict[str, Any]) -> ResponseReturnValue:
    """Call a view and commit. When somebody else was faster, call it again: it then sees what is there now."""
    before = dict(cookie)
    answer: ResponseReturnValue = view(**values)
    try:
        wrote = _session().write_all()
    except (AccountMoved, IntegrityError):
        _session().forget()
        cookie.clear()
        cookie.update(before)
        answer = view(**values)
        wrote = _session().write_all()
    if wrote:
        current_runtime().wake()
    return answer


def _forget_foreign_next() -> None:
    """Drop a ``next`` that is no path of ours before Flask-Security tries to make sense of it."""
    for source in ("args", "form"):
        values: MultiDict[str, str] = getattr(request, source)
        if "next" in values and any(safe_path(target) is None for target in values.getlist("next")):
            setattr(request, source, ImmutableMultiDict([pair for pair in values.items(multi=True) if pair[0] != "next"]))


def _at_home(answer: ResponseReturnValue) -> Response:
    """Let no redirect leave the site, whatever a form or an address carried."""
    response = make_response(answer)
    if response.location and safe_path(response.location) is None:
        response.location = "/dashboard"
    return response


def _posted_address() -> str:
    """The e-mail address as typed, in the one way in which tries are counted."""
    return request.form.get("email", "").strip().lower()[:254]


def _session() -> AuthSession:
    session: AuthSession = current_app.extensions["security"].datastore.session
    return session
