"""Where messages are posted, and asked for. The page that shows them is the order's tab."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from gigneo.api import Received, Refused, form_key, gettext, limit, once, party, person, whole_number, write
from gigneo.plugins.messages import arriving
from gigneo.plugins.messages.forms import MessageForm
from gigneo.plugins.messages.tab import composer
from gigneo.plugins.messages.talking import mark_seen, send
from gigneo.plugins.orders import api as orders

bp = Blueprint("messages", __name__, static_folder=None)
bp.add_url_rule("/orders/<number>/messages/new", "new", arriving.new)
PER_MINUTE = 10
SPENT_KEYS = frozenset({"key_reused", "key_missing"})


@bp.post("/orders/<number>/messages")
@party(orders.load_page)
def post(number: str) -> ResponseReturnValue:
    """Send a message; what can't be sent stays in the form. The page's script gets the form alone."""
    viewer = person()
    assert viewer is not None
    form, files, key = MessageForm(request.form), orders.FormFiles(), request.form.get("form_key", "")
    status, headers, kept = 422, dict[str, str](), list[Any]()
    with files.received() as received:
        if form.validate() and not files.problems:
            try:
                limit("messages.send", str(viewer.id), PER_MINUTE, 60)
                _send(number, viewer.id, form.body.data or "", key, files, received)
                return _sent(number)
            except TooManyRequests as refusal:
                status, headers = 429, {"Retry-After": str(refusal.retry_after or 60)}
                form.body.errors = [gettext("That was a lot at once. Wait a minute; your message is still here.")]
            except Refused as refusal:
                field = form.files if refusal.field == "files" else form.body
                field.errors, status = [str(refusal.reason)], 422 if refusal.field is not None else 409
                key = form_key() if refusal.code in SPENT_KEYS else key
        kept = list(files.wait(received, viewer.id))
    form.files.errors = [*form.files.errors, *files.problems]
    return _refused(form, key, kept, status, headers)


def _send(number: str, author_id: int, body: str, key: str, files: orders.FormFiles, received: list[Received]) -> None:
    """Write the message; what stood above its form when it was sent has been read."""
    entered = {"action": "messages.send", "order": number, "body": body, **files.entered(received)}
    with write() as session:
        once(session, key, entered, lambda: str(send(session, number, author_id, body, received, file_ids=files.kept)))
        mark_seen(session, number, author_id, _up_to())


def _up_to() -> int:
    return whole_number(request.form.get("up_to")) or 0


def _sent(number: str) -> ResponseReturnValue:
    """Go back to the conversation, or give the script an empty form for the next message."""
    if not _is_script():
        return redirect(url_for("orders.tab", number=number, tab="messages", sent=1, _anchor="write"), 303)
    viewer = person()
    assert viewer is not None
    empty = composer(g.owned.facts, viewer, _up_to(), live=True)
    return render_template("messages/_composer.html", order=g.owned.facts, **empty)


def _refused(form: MessageForm, key: str, kept: Sequence[Any], status: int, headers: dict[str, str]) -> ResponseReturnValue:
    viewer = person()
    assert viewer is not None
    given = {"form": form, "form_key": key, "kept": kept}
    if _is_script():
        page = {**composer(g.owned.facts, viewer, _up_to(), live=True), **given}
        answer = make_response(render_template("messages/_composer.html", order=g.owned.facts, **page), status)
    else:
        answer = make_response(orders.show_tab(g.owned, "messages", status, **given))
    answer.headers.update(headers)
    return answer


def _is_script() -> bool:
    return request.headers.get("HX-Request") == "true"


@bp.post("/orders/<number>/messages/seen")
@party(orders.load_party_order)
def seen(number: str) -> ResponseReturnValue:
    """Remember that the viewer has read up to a message."""
    viewer = person()
    assert viewer is not None
    up_to = whole_number(request.form.get("up_to"))
    if up_to is not None:
        with write() as session:
            mark_seen(session, number, viewer.id, up_to)
    if request.headers.get("X-Requested-With") == "fetch":
        return "", 204
    flash(gettext("Marked as read."), "success")
    return redirect(url_for("orders.tab", number=number, tab="messages"), 303)
