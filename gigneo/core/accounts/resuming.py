"""A form whose log-in ended while it was typed: it is kept on the page, and taken from the same person only."""

from typing import Final

from flask import Request, Response, abort, current_app, make_response, render_template
from flask import session as cookie
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import col, select

from gigneo.core.accounts.models import Login
from gigneo.core.accounts.people import Person, hash_of
from gigneo.core.accounts.sessions import COOKIE_KEY
from gigneo.core.requests import read

FIELD: Final = "typed_by"
NOT_CARRIED: Final = frozenset({FIELD, "csrf_token"})


def keep_form(request: Request, way_back: str) -> Response | None:
    """Answer a form of somebody whose log-in ended with a page that keeps what was typed, until they are logged in again.

    The fields stay on that page, beside a signed mark of who typed them; nothing is kept on the server. Only a form of our own
    page is kept, and only when the cookie still says whose log-in it was.

    Args:
        request: a form that was sent without a log-in.
        way_back: where the log-in leads.

    Returns:
        The page, or ``None``: then there is nothing to keep, or nobody to keep it for.
    """
    owner = _whose()
    if owner is None or not request.form or request.headers.get("Sec-Fetch-Site") != "same-origin":
        return None
    carried = [
        (name, value)
        for name, values in request.form.lists()
        if name not in NOT_CARRIED and "password" not in name
        for value in values
    ]
    page = render_template(
        "account/log_in_again.html",
        action=request.full_path.rstrip("?"),
        way_back=way_back,
        carried=[*carried, (FIELD, _signer().dumps(owner))],
        lost_files=any(file.filename for file in request.files.values()),
    )
    return make_response(page, 403)


def refuse_others(request: Request, person: Person | None) -> None:
    """Refuse a kept form that somebody else sends than who typed it."""
    mark = request.form.get(FIELD) if request.method == "POST" else None
    if mark is None or person is None:
        return
    try:
        owner = _signer().loads(mark)
    except BadSignature:
        owner = None
    if owner != person.id:
        abort(400, description=_("Somebody else typed this form, before you logged in. Nothing was sent."))


def _whose() -> int | None:
    """Return whose ended log-in the cookie still names."""
    token = cookie.get(COOKIE_KEY)
    if not isinstance(token, str):
        return None
    return read().exec(select(Login.user_id).where(col(Login.token_hash) == hash_of(token))).first()


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="gigneo-typed-by")
