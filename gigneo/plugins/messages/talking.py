"""Writing on an order: a message of one of its sides, a line of the system, and how far somebody has read."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlmodel import Session, col, func, select

from gigneo.api import Refused, gettext, now, written, written_or_empty
from gigneo.hooks import OrderEvent, OrderFacts
from gigneo.plugins.messages.models import Message, Seen
from gigneo.plugins.messages.telling import forget_received, tell_received
from gigneo.plugins.orders import api as orders

TEXT_LIMIT: Final = 5000
MESSAGE: Final = "messages.message"
"""With what a file of the order came that came with a message."""


def send(
    session: Session,
    order: int | str,
    author_id: int,
    body: str = "",
    uploads: Iterable[Any] = (),
    *,
    file_ids: Sequence[int] = (),
) -> int:
    """Write to the other side of an order. Possible in every state.

    Args:
        session: the action's writing transaction.
        order: the key, or the public number.
        author_id: one of the two parties.
        body: as typed, Markdown; may be empty when there are files.
        uploads: files as :func:`~gigneo.api.receiving` gave them, or as they came with the form.
        file_ids: files that this person sent before, kept for this form.

    Returns:
        The message's id.

    Raises:
        Refused: the person is no party, there is neither text nor file, the text is too long, or a file can't be sent.
    """
    facts = _lock(session, order, author_id)  # before the row that refers to it: two who write at once would deadlock
    given = list(uploads)
    if given or file_ids:
        body = written_or_empty(body, "body", TEXT_LIMIT)
    else:
        body = written(body, "body", TEXT_LIMIT, missing=gettext("Write something, or attach a file."))
    message_id = _add(session, Message(order_id=facts.id, author_id=author_id, body=body, created_at=now()))
    if given or file_ids:
        orders.attach(session, facts, author_id, given, file_ids=file_ids, kind="", origin=(MESSAGE, message_id))
    orders.tally(session, facts, "messages", author_id)
    tell_received(session, facts, author_id, message_id)
    return message_id


def note_fact(session: Session, event: OrderEvent, kind: str) -> None:
    """Write into the conversation what happened to the order, at the time at which it happened.

    The order is locked, so that lines get their keys in the order in which they can be read: whoever waits for what
    comes after the newest one never misses one.
    """
    orders.lock_order(session, event.order_id)
    _add(session, Message(order_id=event.order_id, kind=kind, created_at=event.at))


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
    facts = _lock(session, order, person_id)
    message = session.get(Message, up_to) if 0 < up_to < 2**63 else None
    if message is not None and message.order_id == facts.id and _see(session, facts.id, person_id, up_to):
        forget_received(session, facts, person_id)


def _lock(session: Session, order: int | str, person_id: int) -> OrderFacts:
    facts = orders.lock_order(session, order)
    if facts.role_of(person_id) is None:
        raise Refused(gettext("There is no such order."), code="not_found")
    return facts


def _see(session: Session, order_id: int, person_id: int, message_id: int) -> bool:
    """Note it, while the order is locked: two first readings at once would both insert.

    Returns:
        Whether something of the other side's was read by it, and nothing is left unread.
    """
    statement = select(Seen).where(col(Seen.order_id) == order_id, col(Seen.person_id) == person_id)
    seen = session.exec(statement).first() or Seen(order_id=order_id, person_id=person_id, message_id=0)
    if message_id <= seen.message_id:
        return False
    unread = select(func.min(Message.id), func.max(Message.id)).where(
        col(Message.order_id) == order_id,
        col(Message.author_id).is_not(None),
        col(Message.author_id) != person_id,
        col(Message.id) > seen.message_id,
    )
    first, last = session.exec(unread).one()
    if some := first is not None and first <= message_id:
        seen.seen_at = now()
    seen.message_id = message_id
    session.add(seen)
    session.flush()
    return some and last is not None and last <= message_id


def _add(session: Session, message: Message) -> int:
    session.add(message)
    session.flush()
    assert message.id is not None
    return message.id
