"""Writing on an order: a message of one of its sides, a line of the system, and how far somebody has read."""

from typing import Final

from sqlmodel import Session, col, select

from gigneo.api import Refused, gettext, now, written
from gigneo.hooks import OrderEvent
from gigneo.plugins.messages.models import Message, Seen
from gigneo.plugins.orders import api as orders

TEXT_LIMIT: Final = 5000
MESSAGE: Final = "messages.message"
"""With what a file of the order came that came with a message."""


def send(session: Session, order: int | str, author_id: int, body: str) -> int:
    """Write to the other side of an order. Possible in every state.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        author_id: one of the two parties.
        body: as typed.

    Returns:
        The message's id.

    Raises:
        Refused: the person is no party, or the text is empty or too long.
    """
    facts = orders.lock_order(session, order)  # before the row that refers to it: two who write at once would deadlock
    if facts.role_of(author_id) is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    body = written(body, "body", TEXT_LIMIT, missing=gettext("Write something first."))
    message_id = _add(session, Message(order_id=facts.id, author_id=author_id, body=body, created_at=now()))
    _see(session, facts.id, author_id, message_id)
    return message_id


def note_fact(session: Session, event: OrderEvent) -> None:
    """Write into the conversation what happened to the order, at the time at which it happened."""
    _add(session, Message(order_id=event.order_id, kind=event.hook, created_at=event.at))


def mark_seen(session: Session, order: int | str, person_id: int, up_to: int) -> None:
    """Remember how far somebody has read; it never goes back.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        person_id: one of the two parties.
        up_to: the newest message that was seen; one that is not of this order counts as none.

    Raises:
        Refused: the person is no party.
    """
    facts = orders.lock_order(session, order)
    if facts.role_of(person_id) is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    message = session.get(Message, up_to)
    if message is not None and message.order_id == facts.id:
        _see(session, facts.id, person_id, up_to)


def _see(session: Session, order_id: int, person_id: int, message_id: int) -> None:
    """Note it, while the order is locked: two first readings at once would both insert."""
    statement = select(Seen).where(col(Seen.order_id) == order_id, col(Seen.person_id) == person_id)
    seen = session.exec(statement).first() or Seen(order_id=order_id, person_id=person_id, message_id=0)
    seen.message_id = max(seen.message_id, message_id)
    session.add(seen)
    session.flush()


def _add(session: Session, message: Message) -> int:
    session.add(message)
    session.flush()
    assert message.id is not None
    return message.id
