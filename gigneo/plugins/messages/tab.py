"""What the Messages tab shows: the conversation by day, where the unread part begins, and the form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from flask import request, url_for
from sqlmodel import Session

from gigneo.api import Person, fmt, form_key, isolated
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import LazyText
from gigneo.hooks import OrderFacts
from gigneo.plugins.messages.forms import MessageForm
from gigneo.plugins.messages.queries import Line, conversation

FACTS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "order_placed": _l("%(employer)s placed the order."),
        "order_paid": _l("%(employer)s paid into escrow. The work has started."),
        "order_delivered": _l("%(freelancer)s submitted the final delivery."),
        "draft_shared": _l("%(freelancer)s shared draft work for feedback."),
        "revision_requested": _l("%(employer)s requested a revision."),
        "order_completed": _l("The order is completed."),
        "order_cancelled": _l("The order was cancelled."),
    }
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the template shows it.

    Attributes:
        id: the key.
        name: who wrote it; empty for the system.
        mine: whether the viewer did.
        text: the message, or what happened.
        at: when.
        day: the viewer's day when it is the first line of that day, else empty.
        first_unread: whether the unread part begins here.
    """

    id: int
    name: str
    mine: bool
    text: str
    at: datetime
    day: str
    first_unread: bool


def load_tab(order: OrderFacts, person: Person, session: Session) -> Mapping[str, Any]:
    """Load a page of the conversation, for one of the two sides or for an administrator who only reads."""
    before = _key(request.args.get("before", ""))
    page = conversation(session, order.id, person.id, before)
    party = order.role_of(person.id) is not None
    unread = page.unread_from(person.id) if party else None
    endpoint = "orders.tab" if party else "orders_admin.tab"
    here: dict[str, Any] = {"number": order.number, "tab": "messages"}
    return {
        "lines": _shown(page.lines, order, person.id, unread),
        "may_write": party,
        "older": url_for(endpoint, **here, before=page.older) if page.older else None,
        "newest": url_for(endpoint, **here) if before else None,
        "unread": unread is not None,
        "last_id": max((line.id for line in page.lines), default=0),
        "form": MessageForm(),
        "form_key": form_key(),
    }


def _shown(lines: tuple[Line, ...], order: OrderFacts, viewer_id: int, unread: int | None) -> list[Shown]:
    names = {order.employer_id: order.employer_name, order.freelancer_id: order.freelancer_name}
    sides = {"employer": isolated(order.employer_name), "freelancer": isolated(order.freelancer_name)}
    shown, last_day = [], ""
    for line in lines:
        day = str(fmt.date(line.at))
        text = line.body if line.author_id is not None else str(FACTS.get(line.kind, line.kind)) % sides
        shown.append(
            Shown(
                id=line.id,
                name=names.get(line.author_id, "") if line.author_id is not None else "",
                mine=line.author_id == viewer_id,
                text=text,
                at=line.at,
                day=day if day != last_day else "",
                first_unread=line.id == unread,
            )
        )
        last_day = day
    return shown


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 else None
