"""What the forms of jobs share: who sends them, the form key, hidden numbers, and refusals at their field."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlmodel import Session
from werkzeug.exceptions import TooManyRequests
from wtforms import Form

from gigneo.api import Person, Refused, RefusedMany, gettext, limit, once, person, read, whole_number, write


def viewer() -> Person:
    """Return who looks; these pages are for people who are logged in."""
    someone = person()
    assert someone is not None
    return someone


def hidden_number(name: str) -> int:
    """Return a whole number that the form carried; -1, which nothing has, when it carried none."""
    number = whole_number(request.form.get(name))
    return -1 if number is None else number


def page_key() -> int | None:
    """Return the key of the page that the address asks for; nonsense asks for the first one."""
    return whole_number(request.args.get("after")) or None


def act(
    action: str, entered: Mapping[str, Any], run: Callable[[Session], str], form: Form | None = None
) -> tuple[str | None, tuple[str, ...]]:
    """Run a use case once for the form that was posted.

    Args:
        action: which form it is.
        entered: everything the person entered, and what it is about.
        run: calls the use case with the transaction's session, and returns what the view needs to answer.
        form: takes the refusal when it is about one of its fields.

    Returns:
        What ``run`` returned, now or the first time, or ``None`` when it was refused and nothing was written; and the
        reasons that are about no field.
    """
    try:
        with write() as session:
            key = request.form.get("form_key", "")
            return once(session, key, {**entered, "action": action}, lambda: run(session)), ()
    except (Refused, RefusedMany) as refusal:
        read().rollback()  # what is read next is what is there now, not what the request began with
        reasons = tuple(str(one.reason) for one in refusal.refusals)
        if form is not None and refusal.field is not None and refusal.field in form:
            form[refusal.field].errors = [*form[refusal.field].errors, *reasons]
            return None, ()
        return None, reasons


def status_of(form: Form) -> int:
    """Return the status of a refused form: 422 for what was entered, 409 for how things stand by now."""
    return 422 if form.errors else 409


def too_often(name: str, amount: int, per_seconds: int) -> tuple[tuple[str, ...], dict[str, str]]:
    """Count a try of the viewer; give the reason and the headers of a refusal when it is one too many.

    Args:
        name: what is limited.
        amount: how many are allowed.
        per_seconds: in how many seconds.
    """
    try:
        limit(name, str(viewer().id), amount, per_seconds)
    except TooManyRequests as refusal:
        words = gettext("That was a lot at once. Wait a while, then send it again; what you wrote is still here.")
        return (words,), {"Retry-After": str(refusal.retry_after or per_seconds)}
    return (), {}
