"""Whom a message tells: the other side, once for all that it has not read yet."""

from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import has_read, tell
from gigneo.api import lazy_gettext as _l
from gigneo.contributions import NotificationKind
from gigneo.hooks import OrderFacts
from gigneo.plugins.messages.models import Message, Seen

KINDS: Final = (
    NotificationKind(
        "messages.received", _l("There is a message for you"), _l("Messages"), frozenset({"employer", "freelancer"}), position=20
    ),
)


def tell_received(session: Session, order: OrderFacts, author_id: int, message_id: int) -> None:
    """Tell the other side that there is something to read; not again before it has read what it was told of.

    Args:
        session: the action's writing transaction; the order is locked.
        order: the order.
        author_id: who wrote.
        message_id: the new message.
    """
    by_employer = author_id == order.employer_id
    reader = order.freelancer_id if by_employer else order.employer_id
    seen = select(Seen.message_id).where(col(Seen.order_id) == order.id, col(Seen.person_id) == reader)
    earlier = select(Message.id).where(
        col(Message.order_id) == order.id,
        col(Message.author_id) == author_id,
        col(Message.id) < message_id,
        col(Message.id) > (session.exec(seen).first() or 0),
    )
    if session.exec(earlier.limit(1)).first() is not None:
        return
    author = order.employer_name if by_employer else order.freelancer_name
    tell(
        session,
        reader,
        "messages.received",
        "messages/received",
        path=_page_of(order),
        author=author,
        title=order.title,
        number=order.number,
    )


def forget_received(session: Session, order: OrderFacts, reader_id: int) -> None:
    """Let the notices of an order's messages be read, for they are."""
    has_read(session, reader_id, "messages.received", _page_of(order))


def _page_of(order: OrderFacts) -> str:
    return f"/orders/{order.number}/messages"
