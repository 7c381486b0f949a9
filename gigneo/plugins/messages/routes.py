"""Where messages are posted. The page that shows them is the order's tab."""

from flask import Blueprint, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from gigneo.api import Refused, form_key, gettext, limit, once, party, person, whole_number, write
from gigneo.plugins.messages.forms import MessageForm
from gigneo.plugins.messages.talking import mark_seen, send
from gigneo.plugins.orders import api as orders

bp = Blueprint("messages", __name__, static_folder=None)
PER_MINUTE = 10


@bp.post("/orders/<number>/messages")
@party(orders.load_page)
def post(number: str) -> ResponseReturnValue:
    """Send a message; what can't be sent stays in the form."""
    viewer = person()
    assert viewer is not None
    form, key = MessageForm(request.form), request.form.get("form_key", "")
    status, headers = 422, dict[str, str]()
    if form.validate():
        body = form.body.data or ""
        try:
            limit("messages.send", str(viewer.id), PER_MINUTE, 60)
            with write() as session:
                entered = {"action": "messages.send", "order": number, "body": body}
                once(session, key, entered, lambda: str(send(session, number, viewer.id, body)))
            return redirect(url_for("orders.tab", number=number, tab="messages", _anchor="write"), 303)
        except TooManyRequests as refusal:
            status, headers = 429, {"Retry-After": str(refusal.retry_after or 60)}
            form.body.errors = [gettext("That was a lot at once. Wait a minute; your message is still here.")]
        except Refused as refusal:
            form.body.errors, status = [str(refusal.reason)], 422 if refusal.field is not None else 409
            key = form_key() if refusal.code in {"key_reused", "key_missing"} else key
    answer = make_response(orders.show_tab(g.owned, "messages", status, form=form, form_key=key))
    answer.headers.update(headers)
    return answer


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
