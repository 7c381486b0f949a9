"""What the forms of reviews share: who sends them, the form key, and refusals at their field."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlmodel import Session
from werkzeug.exceptions import TooManyRequests
from wtforms import Form

from gigneo.api import Person, Refused, RefusedMany, gettext, limit, once, person, read, write

PER_HOUR = 30
"""How often somebody may send a form of reviews in an hour."""


def viewer() -> Person:
    """Return who looks; these pages are for people who are logged in."""
    someone = person()
    assert someone is not None
    return someone


def send(action: str, entered: Mapping[str, Any], run: Callable[[Session], int], form: Form) -> tuple[str, tuple[str, ...]]:
    """Run a use case once for the form that was posted.

    Args:
        action: which form it is.
        entered: everything the person entered, and what it is about.
        run: calls the use case with the transaction's session.
        form: takes the refusal when it is about one of its fields.

    Returns:
        The code of the refusal, nothing when it was done, now or the first time; and the reasons that are about no field.
    """
    try:
        limit(f"reviews.{action}", str(viewer().id), PER_HOUR, 3600)
        with write() as session:
            body = {**entered, "action": f"reviews.{action}"}
            once(session, request.form.get("form_key", ""), body, lambda: str(run(session)))
    except TooManyRequests:
        return "too_often", (gettext("That was a lot at once. Wait a while, then send it again; what you wrote is still here."),)
    except (Refused, RefusedMany) as refusal:
        read().rollback()  # what is read next is what is there now, not what the request began with
        reasons = tuple(str(one.reason) for one in refusal.refusals)
        if refusal.field is not None and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, *reasons]
            return refusal.code, ()
        return refusal.code, reasons
    return "", ()
