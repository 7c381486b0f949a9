"""A fresh log-in: what matters most asks for the password again when it was last proven more than ten minutes ago."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from flask import Request, Response, after_this_request, g, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_security import verify_password
from sqlmodel import col, select

from gigneo.core.accounts.limits import limits
from gigneo.core.accounts.models import User
from gigneo.core.accounts.people import Person
from gigneo.core.accounts.sessions import COOKIE_KEY, prove_again
from gigneo.core.accounts.steps import WRONG_LOGINS
from gigneo.core.current import current_runtime
from gigneo.core.requests import close_read_session, read

FRESH_FOR: Final = timedelta(minutes=10)
FIELD: Final = "fresh_password"
NOT_CARRIED: Final = frozenset({FIELD, "csrf_token"})


def is_fresh(person: Person, now: datetime) -> bool:
    """Whether the password was proven in the last ten minutes."""
    return now - person.authenticated_at <= FRESH_FOR


def passed(request: Request, person: Person) -> bool:
    """Whether a view that asks for a fresh log-in may run now.

    It may when the log-in is fresh, or when the form carries the right password in ``fresh_password``; that proof then
    holds for the next ten minutes.

    Args:
        request: the present request; its CSRF token is checked by then.
        person: who makes it.

    Raises:
        TooManyRequests: the password was wrong too often; counted together with log-ins.
    """
    if is_fresh(person, current_runtime().clock.now()):
        return True
    password = request.form.get(FIELD) if request.method == "POST" else None
    return bool(password) and prove(person, str(password))


def ask_again(request: Request) -> ResponseReturnValue:
    """Answer with a page that asks for the password, and loses nothing of what was typed.

    A form's fields are carried along as hidden fields and posted to the same address, so that the action happens as
    soon as the password is right. A page is opened after it. Attached files can't be carried; the page says so.
    """
    posted = request.method == "POST"
    here = request.full_path.rstrip("?")
    carried = (
        [(name, value) for name, values in request.form.lists() if name not in NOT_CARRIED for value in values] if posted else []
    )
    page = render_template(
        "account/fresh.html",
        action=here if posted else url_for("account.prove_page", next=here),
        carried=carried,
        wrong=FIELD in request.form,
        lost_files=any(file.filename for file in request.files.values()),
    )
    return page, 403 if posted else 200


def prove(person: Person, password: str) -> bool:
    """Check the password of somebody who is logged in; when it is right, the log-in is fresh and has a new token.

    Raises:
        TooManyRequests: it was wrong too often.
    """
    limits().hit("login.account", person.email, *WRONG_LOGINS)
    hashed = read().exec(select(User.password).where(col(User.id) == person.id)).one()
    close_read_session()
    if not verify_password(unicodedata.normalize("NFKD", password), hashed):
        return False
    limits().clear("login.account", person.email, *WRONG_LOGINS)
    now = current_runtime().clock.now()
    g.person = replace(person, authenticated_at=now)
    _renew_afterwards(person.session_id, now)
    return True


def _renew_afterwards(session_id: int, now: datetime) -> None:
    """Give the log-in its new token after the view: a request that is run again still comes with the old one."""

    @after_this_request
    def renew(response: Response) -> Response:
        if COOKIE_KEY in cookie:
            with current_runtime().write() as session:
                cookie[COOKIE_KEY] = prove_again(session, session_id, now)
        return response
