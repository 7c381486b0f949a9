"""What the Messages tab shows: a page of the conversation, where the unread part begins, how far the other side is, the form."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from sqlmodel import Session

from gigneo.api import Person, form_key, whole_number
from gigneo.hooks import OrderFacts
from gigneo.plugins.messages.forms import MessageForm
from gigneo.plugins.messages.queries import Conversation, conversation
from gigneo.plugins.messages.showing import seen_words, show
from gigneo.plugins.orders import api as orders


def load_tab(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load a page of the conversation, for one of the two sides or for an administrator who only reads."""
    before, at = whole_number(request.args.get("before")), whole_number(request.args.get("at"))
    page = conversation(session, order.id, before, at)
    party = order.role_of(person.id) is not None
    unread = page.unread_from(person.id) if party else None
    endpoint = "orders.tab" if party else "orders_admin.tab"
    here: dict[str, Any] = {"number": order.number, "tab": "messages"}
    return {
        "lines": show(session, order, person.id, page.lines, unread),
        "viewer_id": person.id,
        "may_write": party,
        "older": url_for(endpoint, **here, before=page.older) if page.older else None,
        "newest": None if page.newest else url_for(endpoint, **here),
        "unread": unread is not None,
        "last_id": max((line.id for line in page.lines), default=0),
        **(_of_party(order, person, page) if party else {"seen_line": 0, "seen_words": ""}),
    }


def composer(order: OrderFacts, person: Person, up_to: int, *, live: bool) -> dict[str, Any]:
    """Return what the form of a message is given when nothing was typed yet.

    Args:
        order: the order.
        person: who writes.
        up_to: the newest line in front of the person; whoever answers has read it.
        live: whether the form stands below the newest page, where a script may send it.
    """
    return {
        "up_to": up_to,
        "live": live,
        "form": MessageForm(),
        "form_key": form_key(),
        "kept": (),
        "limits": orders.file_limits(),
        "draft": f"{person.id}:{order.number}",
    }


def _of_party(order: OrderFacts, person: Person, page: Conversation) -> dict[str, Any]:
    other = page.read_by(order.freelancer_id if person.id == order.employer_id else order.employer_id)
    mine = (line.id for line in page.lines if line.author_id == person.id)
    read = [id for id in mine if id <= other.message_id] if page.newest else []  # the time is that of the newest reading
    return {
        "seen_line": max(read, default=0),
        "seen_words": seen_words(other) if page.newest else "",
        "read": page.read_by(person.id).message_id,
        **composer(order, person, max((line.id for line in page.lines), default=0), live=page.newest),
    }
