"""The reads of a conversation: a page of messages by key, how far somebody has read, and the tab's badge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from gigneo.plugins.messages.models import Message, Seen

PAGE: Final = 30
_COLUMNS = (col(Message.id), col(Message.author_id), col(Message.kind), col(Message.body), col(Message.created_at))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation.

    Attributes:
        id: the key.
        author_id: who wrote it; ``None`` for the system.
        kind: what happened, for the system's lines.
        body: as typed.
        at: when.
    """

    id: int
    author_id: int | None
    kind: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    """A page of a conversation, oldest first.

    Attributes:
        lines: the messages and the system's lines.
        older: the key of the page before it, or ``None``.
        seen: the newest message that the viewer had seen.
    """

    lines: tuple[Line, ...]
    older: int | None
    seen: int

    def unread_from(self, viewer_id: int) -> int | None:
        """Return the first message on this page that the viewer has not seen, or ``None``."""
        return next((line.id for line in self.lines if line.author_id not in (None, viewer_id) and line.id > self.seen), None)


def conversation(session: Session, order_id: int, viewer_id: int, before: int | None = None) -> Conversation:
    """Read a page of a conversation.

    Args:
        session: the page's read session.
        order_id: the order.
        viewer_id: who reads.
        before: only what came before this message; ``None`` for the newest page.
    """
    statement = select(*_COLUMNS).where(col(Message.order_id) == order_id)
    edge = (
        session.execute(_COLUMNS_AT.where(col(Message.id) == before, col(Message.order_id) == order_id)).one_or_none()
        if before
        else None
    )
    if edge is not None:
        older = or_(
            col(Message.created_at) < edge.created_at, and_(col(Message.created_at) == edge.created_at, col(Message.id) < edge.id)
        )
        statement = statement.where(older)
    ordered = statement.order_by(col(Message.created_at).desc(), col(Message.id).desc()).limit(PAGE + 1)
    rows = [Line(*row) for row in session.execute(ordered)]
    page = rows[:PAGE]
    seen = session.execute(
        select(col(Seen.message_id)).where(col(Seen.order_id) == order_id, col(Seen.person_id) == viewer_id)
    ).scalar_one_or_none()
    return Conversation(tuple(reversed(page)), page[-1].id if len(rows) > PAGE else None, seen or 0)


def count_unread(order_id: Any, person_id: Any) -> Any:
    """The tab's badge: what the other side wrote and the person has not seen, as a column of the header statement."""
    seen = select(col(Seen.message_id)).where(col(Seen.order_id) == order_id, col(Seen.person_id) == person_id).scalar_subquery()
    return (
        select(func.count())
        .select_from(Message)
        .where(
            col(Message.order_id) == order_id,
            col(Message.author_id).is_not(None),
            col(Message.author_id) != person_id,
            col(Message.id) > func.coalesce(seen, 0),
        )
        .scalar_subquery()
    )


def last_message(order_id: Any, person_id: Any) -> Any:
    """When anybody but a person last wrote on an order, as a scalar subquery."""
    others = (col(Message.author_id).is_not(None), col(Message.author_id) != person_id)
    return select(func.max(col(Message.created_at))).where(col(Message.order_id) == order_id, *others).scalar_subquery()


_COLUMNS_AT = select(col(Message.id), col(Message.created_at))
