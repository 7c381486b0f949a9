"""Errors as pages for people: what happened, what to do, and an id to name. No traceback reaches a browser."""

import structlog
from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, InternalServerError

from gigneo.core.db.locks import WriterBusy
from gigneo.core.guard import SAFE_METHODS, FromElsewhere
from gigneo.core.hookcalls import ParticipantFailed
from gigneo.core.refusals import RefusedBase
from gigneo.core.sending import NoPlace

log = structlog.get_logger("gigneo.errors")


def install(app: Flask) -> None:
    """Register the error pages on an application."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(FromElsewhere, _from_elsewhere)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(RefusedBase, _refused)
    app.register_error_handler(ParticipantFailed, _participant_failed)
    app.register_error_handler(WriterBusy, _busy)
    app.register_error_handler(NoPlace, _no_place)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(PoolTimeout, _away)
    app.register_error_handler(Exception, _crash)


def _http_error(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    code = error.code or 500
    if 300 <= code < 400 or error.response is not None:
        return error
    headers = {name: value for name, value in error.get_headers() if name.lower() in {"retry-after", "allow"}}
    if code in (404, 405) and request.routing_exception is error:
        return _no_such_place(code), code, headers
    titles = {
        400: (_("That request makes no sense to us"), error.description or ""),
        401: (_("You are logged out"), _("Log in again, then go on where you were.")),
        403: (_("You may not do that"), _("Your account lacks the permission for this page.")),
        404: (_("There is nothing here"), _("The address may be mistyped, or what was here is not yours to see.")),
        413: (_("That is too large"), _("Send fewer or smaller files.")),
        429: (_("Too many tries"), _("Wait a little, then try again.")),
        503: (_("Not now"), _("Something that this page needs is away. Try again in a moment.")),
    }
    title, text = titles.get(code, (error.name, error.description or ""))
    return page(code, title, text), code, headers


def _no_such_place(code: int) -> str:
    """Say why an address answers nothing: there is none, nobody takes its form any more, or it only takes forms."""
    if request.method not in SAFE_METHODS:
        title = _("Nobody takes this form now")
        text = _("What it belongs to may be switched off on this site. Nothing was done.")
        kept = text + " " + _("What you typed is kept on this page: you can send it again later.")
        return _send_again(title, kept) or page(code, title, text, _("Look at the page that the form was on, as it is now."))
    if code == 405:
        todo = _("Open the page that the form is on.")
        return page(code, _("There is nothing to see at this address"), _("It only takes what a form sends."), todo)
    return page(code, _("There is nothing here"), _("The address may be mistyped, or what was here is not yours to see."))


def _from_elsewhere(_error: FromElsewhere) -> tuple[str, int]:
    text = _("Your browser says that another site sent this form, so nothing was done.")
    return page(403, _("This did not come from here"), text, _("Open the page on this site, and send it from there.")), 403


def _stale_form(error: CSRFError) -> tuple[str, int]:
    """Offer to send a form again whose token has died; nothing that was typed is lost."""
    title = _("This page was open for a long time")
    text = _("Your log-in has changed since, so nothing was sent yet. What you typed is kept: send it again.")
    if offered := _send_again(title, text):
        return offered, 400
    return page(400, _("This form has expired"), _("Go back, load the page again, and send it once more.")), 400


def _refused(error: RefusedBase) -> tuple[str, int]:
    return page(409, _("That did not work"), str(error)), 409


def _participant_failed(error: ParticipantFailed) -> tuple[str, int]:
    text = _("The module “%(name)s” could not do its part, so the whole step was undone.", name=error.plugin)
    return page(503, _("Nothing was changed"), text), 503


def _busy(error: WriterBusy) -> tuple[str, int, dict[str, str]]:
    title, text = _("The site is busy"), _("Nothing was written. Try again in a moment.")
    return _send_again(title, text) or page(503, title, text), 503, {"Retry-After": "5"}


def _no_place(_error: NoPlace) -> tuple[str, int, dict[str, str]]:
    text = _("Many files are on their way right now. Try again in a moment.")
    return page(503, _("The site is busy"), text), 503, {"Retry-After": "10"}


def _send_again(title: str, text: str) -> str | None:
    """Return a page with everything that was typed and a button to send it again, or ``None`` where there is no form.

    Only a form of our own origin is offered: another site must not get its fields behind one of our buttons.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or not request.form:
        return None
    kept = [(name, values) for name, values in request.form.lists() if name != "csrf_token" and "password" not in name]
    fields = [(name, value) for name, values in kept for value in values]
    lost_files = any(file.filename for file in request.files.values())
    return render_template("errors/send_again.html", title=title, text=text, fields=fields, lost_files=lost_files)


def _away(error: Exception) -> tuple[str, int, dict[str, str]]:
    log.exception("the database does not answer", path=request.path, method=request.method)
    text = _("The database does not answer. Look at the page again in a moment, and see what came of your last step.")
    return page(503, _("Not now"), text), 503, {"Retry-After": "5"}


def _crash(error: Exception) -> tuple[str, int]:
    log.exception("request failed", path=request.path, method=request.method)
    text = _("Nothing was half done. If it happens again, tell us the id below.")
    return page(500, _("Something went wrong on our side"), text), InternalServerError.code


def page(code: int, title: str, text: str, todo: str = "") -> str:
    """Render the error page in the theme, or without it when the theme itself is what failed."""
    request_id = str(g.get("request_id", ""))
    try:
        return render_template("errors/error.html", code=code, title=title, text=text, todo=todo, request_id=request_id)
    except Exception:
        log.exception("error page could not be rendered")
        lines = f"<h1>{escape(title)}</h1><p>{escape(text)}</p><p>{escape(request_id)}</p>"
        return f"<!doctype html><html lang=en><title>{code}</title>{lines}</html>"
